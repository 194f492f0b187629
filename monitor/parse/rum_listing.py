"""Usage reports out of `show license rum id all` and `... detail`."""

from collections.abc import Iterator, Sequence

from monitor.domain.rum import PRINTED, RumListing, RumNote, RumRecords, RumSource, RumState
from monitor.parse.show.instants import Instant
from monitor.parse.show.license_rum_id import (
    LicenseRumIdAll,
    LicenseRumIdDetail,
    Report,
    ReportDetail,
)
from monitor.parse.show.output import ShowOutput


def listed(
    outputs: Sequence[ShowOutput], *, device: str, received: float, whole: bool
) -> RumRecords:
    """What these outputs of one device say of its reports.

    `received`: when they were read, seconds since 1970 UTC. `whole`: the last output is known to
    have its end; of a listing that may be cut nothing follows about reports that it lacks.
    """
    notes: list[RumNote] = []
    listings: list[RumListing] = []
    for place, output in enumerate(outputs):
        ended = whole or place < len(outputs) - 1
        if isinstance(output.data, LicenseRumIdAll):
            rows = output.data.reports or ()
            notes.extend(_row(one, device, received) for one in rows)
            if ended and _complete(output, output.data):
                listings.append(_listing(rows, device, received))
        elif isinstance(output.data, LicenseRumIdDetail):
            notes.extend(_details(output.data, device, received))
    return RumRecords(notes=tuple(notes), listings=tuple(listings))


def _complete(output: ShowOutput, data: LicenseRumIdAll) -> bool:
    # An empty listing is warned of because it tells nothing; here that is what it tells.
    clean = not output.warnings or data.reports == ()
    return data.reports is not None and clean and not data.unparsed.count


def _listing(rows: Sequence[Report], device: str, received: float) -> RumListing:
    return RumListing(
        subject=device,
        first=received,
        first_highest=max((one.report_id for one in rows), default=0),
        last=received,
        count=len(rows),
    )


def _row(one: Report, device: str, received: float) -> RumNote:
    return RumNote(
        subject=device,
        report_id=one.report_id,
        source=RumSource.LISTING,
        state=_state(one.state),
        seen=received,
        first=received,
        feature=one.feature,
    )


def _state(printed: str | None) -> RumState:
    # A word nobody knows is warned of where it is read; that the report exists is sure.
    return PRINTED.get((printed or "").upper(), RumState.OPEN)


def _details(data: LicenseRumIdDetail, device: str, received: float) -> Iterator[RumNote]:
    for one in data.reports or ():
        if one.report_id:
            yield _detail(one, one.report_id, device, received)


def _detail(one: ReportDetail, report_id: int, device: str, received: float) -> RumNote:
    return RumNote(
        subject=device,
        report_id=report_id,
        source=RumSource.DETAIL,
        state=_state(one.state),
        seen=received,
        first=received,
        metric=one.metric or "",
        feature=one.feature or "",
        entitlement=one.entitlement or "",
        reason=one.close_reason or "",
        start=_moment(one.start),
        end=_moment(one.end),
        previous=one.previous_report_id or None,
        following=one.next_report_id or None,
    )


def _moment(printed: Instant | None) -> int | None:
    # A time whose zone is not known is no use between reports.
    return None if printed is None else printed.utc
