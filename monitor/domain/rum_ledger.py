"""The ledger of a router's RUM reports: their states, what is missing, and what CSSM can know."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final

from monitor.domain.rum import (
    RISING,
    RumListing,
    RumMeasurement,
    RumNote,
    RumSource,
    RumState,
    highest,
)

_REGID: Final = re.compile(r"regid\.[\d-]{1,10}\.com\.cisco\.([^,\s]{1,100})(?:,.*)?")
_RANK: Final = {state: place for place, state in enumerate(RISING)}
_INFORMED: Final = tuple(reversed(RumSource))
_SAMPLE: Final = 900
"""Routers take a sample every 15 minutes: reports that lie further apart leave time out."""
_SLACK: Final = 60
_FARTHEST: Final = 1_000
"""Ids look like seconds since 1970 at which a router began to count, and rise by one from there. A
greater jump is a new beginning, not a thousand reports gone."""


class GapKind(StrEnum):
    """What is wrong between two reports."""

    IDS = "ids"
    """Report ids that nobody ever saw."""
    TIME = "time"
    """Time that no report covers."""
    OVERLAP = "overlap"
    """Time that two reports cover."""
    CLOCK = "clock"
    """The router's clock was set while it measured: times around it are not to be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RumReport:
    """One report by all that is known of it. Times in seconds since 1970 UTC."""

    report_id: int
    state: RumState
    basis: str
    """How the state is known, for people."""
    tag: str
    """What is counted, shortened; empty where nobody said it."""
    feature: str
    metric: str
    start: float | None
    end: float | None
    value: int | None
    """Licences by its last measurement."""
    peak: int | None
    samples: int | None
    reasons: tuple[str, ...]
    clock_change: int
    first_seen: float
    last_seen: float
    """When the router is last known to have had it."""
    previous: int | None
    following: int | None
    piece: str
    """Digest of its bytes, where the file was brought."""
    measurements: tuple[RumMeasurement, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RumGap:
    """Something wrong between two reports."""

    kind: GapKind
    tag: str
    after: int
    """The report before it."""
    before: int
    """The report after it."""
    start: float | None
    end: float | None
    count: int
    """Ids, or whole seconds."""
    lost: int
    """Of the ids, reports that count as lost."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What CSSM can know of one tag, and what only the router knows."""

    tag: str
    value: int | None
    """Licences by the last acknowledged report; None where its file was not brought."""
    until: float | None
    """CSSM knows nothing later; None where nothing was acknowledged."""
    acknowledged: int
    """Reports that are; of those that a listing alone tells no times are known."""
    waiting: int
    """Reports that are not."""
    waiting_since: float | None
    """Start of the earliest of them."""
    waiting_peak: int | None
    held: int
    """Of them, reports whose bytes are kept here: they can still be uploaded."""
    missing: tuple[tuple[float, float], ...] = ()
    """(start, end) of those of them whose times are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RumLedger:
    """Everything about the reports of one router."""

    subject: str
    reports: tuple[RumReport, ...] = ()
    gaps: tuple[RumGap, ...] = ()
    told: tuple[Told, ...] = ()
    counts: Mapping[RumState, int] = field(default_factory=dict)
    """All five states; `lost` with those that never appeared."""
    listed: float | None = None
    """When the router last listed all of its reports."""
    last_ack: float | None = None
    """When it last got an acknowledgement: CSSM can know nothing later."""


def short_tag(entitlement: str) -> str:
    """The readable part of a regid; any other text as it is.

    >>> short_tag("regid.2019-04.com.cisco.CUBE_T_STD,1.0_00000000-0000")
    'CUBE_T_STD'
    """
    found = _REGID.fullmatch(entitlement)
    return found[1] if found else entitlement


def ledger(
    subject: str,
    notes: Iterable[RumNote],
    listing: RumListing | None = None,
    last_ack: float | None = None,
) -> RumLedger:
    """The ledger of one router.

    `last_ack`: when the router last got an acknowledgement, as it says; None where it says none, or
    nobody asked.
    """
    by_id: defaultdict[int, list[RumNote]] = defaultdict(list)
    for note in notes:
        by_id[note.report_id].append(note)
    reports = [_report(by_id[number], listing, last_ack) for number in sorted(by_id)]
    gaps = [*_id_gaps(reports, listing), *_time_gaps(reports)]
    counts = Counter(one.state for one in reports)
    counts[RumState.LOST] += sum(gap.lost for gap in gaps)
    return RumLedger(
        subject=subject,
        reports=tuple(reports),
        gaps=tuple(gaps),
        told=tuple(_told(reports)),
        counts={state: counts[state] for state in RumState},
        listed=None if listing is None else listing.last,
        last_ack=last_ack,
    )


def _report(
    notes: Sequence[RumNote], listing: RumListing | None, last_ack: float | None
) -> RumReport:
    ranked = sorted(notes, key=lambda one: (_INFORMED.index(one.source), -one.seen, one.state))
    best = max(ranked, key=lambda one: _RANK[one.state])
    on_router = [one.seen for one in notes if one.source is not RumSource.ACK]
    seen = max(on_router, default=best.seen)
    state, basis = _state(best, seen, listing, last_ack)
    measured = next((one.measurements for one in ranked if one.measurements), ())
    start, end = _span(ranked, measured)
    last = max(measured, key=lambda one: (one.end or 0, one.logged or 0), default=None)
    samples = [one.samples for one in measured if one.samples is not None]
    return RumReport(
        report_id=best.report_id,
        state=state,
        basis=basis,
        tag=short_tag(_said(ranked, "entitlement") or _said(ranked, "feature")),
        feature=_said(ranked, "feature"),
        metric=_said(ranked, "metric"),
        start=start,
        end=end,
        value=None if last is None else last.value,
        peak=highest(measured),
        samples=sum(samples) if samples else None,
        reasons=_reasons(ranked, measured),
        clock_change=sum(one.clock_change for one in measured),
        first_seen=min(one.first for one in notes),
        last_seen=seen,
        previous=next((one.previous for one in ranked if one.previous), None),
        following=next((one.following for one in ranked if one.following), None),
        piece=_said(ranked, "piece"),
        measurements=measured,
        sources=tuple(dict.fromkeys(one.source.value for one in ranked)),
    )


def _said(ranked: Sequence[RumNote], name: str) -> str:
    return next((text for one in ranked if (text := str(getattr(one, name)))), "")


def _span(
    ranked: Sequence[RumNote], measured: Sequence[RumMeasurement]
) -> tuple[float | None, float | None]:
    starts = [one.start for one in measured if one.start is not None]
    ends = [one.end for one in measured if one.end is not None]
    start = next((one.start for one in ranked if one.start is not None), None)
    end = next((one.end for one in ranked if one.end is not None), None)
    return min(starts, default=start), max(ends, default=end)


def _reasons(ranked: Sequence[RumNote], measured: Sequence[RumMeasurement]) -> tuple[str, ...]:
    inside = (text for one in measured for text in (one.reason, one.close_reason))
    return tuple(dict.fromkeys(text for text in (*inside, *(n.reason for n in ranked)) if text))


def _state(
    best: RumNote, seen: float, listing: RumListing | None, last_ack: float | None
) -> tuple[RumState, str]:
    if best.state is RumState.ACKNOWLEDGED:
        return best.state, f"said by {best.source.value}"
    if listing is None or seen >= listing.last:
        return best.state, f"said by {best.source.value}"
    # An acknowledgement that came while we did not look may have let the router drop it.
    if last_ack is not None and seen <= last_ack <= listing.last:
        return RumState.ACKNOWLEDGED, "gone from the router after an acknowledgement came"
    return RumState.LOST, f"was {best.state.value}, and is gone without an acknowledgement"


# What is missing


def _id_gaps(reports: Sequence[RumReport], listing: RumListing | None) -> Iterator[RumGap]:
    settled = max(
        (one.report_id for one in reports if one.state is RumState.ACKNOWLEDGED), default=0
    )
    began = listing.first_highest if listing is not None else None
    for before, after in pairwise(reports):
        first, last = before.report_id + 1, after.report_id - 1
        if last < first or last - first + 1 > _FARTHEST:
            continue
        lost = 0 if began is None else max(0, last - max(first - 1, began, settled))
        yield RumGap(
            kind=GapKind.IDS,
            tag="",
            after=before.report_id,
            before=after.report_id,
            start=before.end,
            end=after.start,
            count=last - first + 1,
            lost=lost,
            text=_unseen(first, last, lost),
        )


def _unseen(first: int, last: int, lost: int) -> str:
    which = f"report {first}" if first == last else f"reports {first} to {last}"
    if lost:
        return f"{which} never appeared, and nothing later was acknowledged"
    return f"{which} not seen: acknowledged and dropped before anybody looked, or lost"


def _time_gaps(reports: Sequence[RumReport]) -> Iterator[RumGap]:
    lanes: defaultdict[tuple[str, str], list[RumReport]] = defaultdict(list)
    for one in reports:
        if one.clock_change:
            yield _clock(one)
        if one.start is not None and one.tag:
            lanes[one.metric, one.tag].append(one)
    for lane in lanes.values():
        lane.sort(key=lambda one: one.report_id)
        for before, after in pairwise(lane):
            yield from _between(before, after)


def _clock(one: RumReport) -> RumGap:
    return RumGap(
        kind=GapKind.CLOCK,
        tag=one.tag,
        after=one.report_id,
        before=one.report_id,
        start=one.start,
        end=one.end,
        count=abs(one.clock_change),
        lost=0,
        text=f"the router's clock was set by {one.clock_change:+d} s during report {one.report_id}",
    )


def _between(before: RumReport, after: RumReport) -> Iterator[RumGap]:
    if before.end is None or after.start is None:
        return
    apart = after.start - before.end
    if apart > _SAMPLE:
        kind, text = GapKind.TIME, "no report covers this time"
    elif apart < -_SLACK:
        kind, text = GapKind.OVERLAP, "two reports cover this time"
    else:
        return
    start, end = sorted((before.end, after.start))
    yield RumGap(
        kind=kind,
        tag=before.tag,
        after=before.report_id,
        before=after.report_id,
        start=start,
        end=end,
        count=int(end - start),
        lost=0,
        text=text + _after_clock(before, after),
    )


def _after_clock(before: RumReport, after: RumReport) -> str:
    set_by = before.clock_change + after.clock_change
    return f"; the clock was set by {set_by:+d} s" if set_by else ""


# What CSSM can know


def _told(reports: Sequence[RumReport]) -> Iterator[Told]:
    tags = sorted({one.tag for one in reports if one.tag and one.metric != "TELEMETRY"})
    for tag in tags:
        of_tag = [one for one in reports if one.tag == tag]
        known = [one for one in of_tag if one.state is RumState.ACKNOWLEDGED]
        waiting = [one for one in of_tag if one.state is not RumState.ACKNOWLEDGED]
        newest = max(known, key=lambda one: (one.end or 0, one.report_id), default=None)
        peaks = [one.peak for one in waiting if one.peak is not None]
        starts = [one.start for one in waiting if one.start is not None]
        yield Told(
            tag=tag,
            value=None if newest is None else newest.value,
            until=None if newest is None else newest.end,
            acknowledged=len(known),
            waiting=len(waiting),
            waiting_since=min(starts, default=None),
            waiting_peak=max(peaks, default=None),
            held=sum(bool(one.piece) for one in waiting),
            missing=tuple(
                (one.start, one.end)
                for one in waiting
                if one.start is not None and one.end is not None
            ),
        )
