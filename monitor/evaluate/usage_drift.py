"""What we measured for a period is not what the device, or CSSM, counts for it."""

from collections.abc import Iterable, Iterator
from typing import Final

from monitor.domain.drift import Against, Drift
from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import EvidenceLine, Finding, Severity
from monitor.domain.instants import HOUR, MINUTE
from monitor.domain.measurement import WEAK_BELOW, Measurement, Reason
from monitor.domain.pair import NeedProfile
from monitor.domain.tags import AGGREGATE, TRUNK_TAGS
from monitor.evaluate.case import Case
from monitor.evaluate.cssm_counts import BY_CSSM, counted_by_cssm
from monitor.evaluate.evidence import instant, newest
from monitor.evaluate.promql import held
from monitor.evaluate.rule import Condition, Rule, Scope
from monitor.evaluate.usage import is_left_out
from monitor.evaluate.wording import utc

NAME: Final = "usage_drift"

_JUST: Final = float(MINUTE)
"""A count said so long before its period ends by our clock is about that period: clocks differ."""
_SHOWN: Final = (FactName.USAGE_COUNT, FactName.RECENT_COUNT)
_NEXT: Final = (
    "Type `cubemon recompute --device NAME` to see what ours rests on, and `show voice sip license"
    " stats` on the router; a source that counts wrongly is left out with `exclude_sources`."
)


def drifts_of(case: Case) -> tuple[Drift, ...]:
    """Every comparison that can be made, within tolerance too, by tag and side.

    Weak measurements and those that a failover closed are compared with nothing. A count that is
    younger than `drift_settle_minutes` waits: our own measurement may not be recorded yet.
    """
    if case.counted_by == NeedProfile.STATIC_CAPACITY.value:
        return ()
    found = [*_requested(case), *_shown(case), *_total(case), *_cssm(case)]
    return tuple(sorted(found, key=lambda one: (one.tag, one.against)))


def waiting(case: Case) -> Iterator[float]:
    """When counts that are too young now can be compared."""
    settle = case.limits.drift_settle_minutes * MINUTE
    names = (FactName.REQUESTED_COUNT, FactName.DYNAMIC_USAGE_COUNT, *_SHOWN)
    return (fact.effective + settle for name in names for fact in case.sheet.of(name))


def find(case: Case) -> Iterator[Finding]:
    """One finding a tag, with the numbers of all sides."""
    drifts = drifts_of(case)
    for tag in dict.fromkeys(one.tag for one in drifts if one.beyond):
        yield _finding(case, tag, [one for one in drifts if one.tag == tag])


def _finding(case: Case, tag: str, sides: list[Drift]) -> Finding:
    worst = max(sides, key=lambda one: abs(one.difference))
    said = ", ".join(f"{one.theirs} {_WORDS[one.against]}" for one in sides)
    return Finding(
        rule=NAME,
        step=tag,
        subject=case.device.id,
        severity=Severity.INFO,
        why=(
            f"Licences of {tag} for the period until {utc(worst.end)}: {worst.ours} measured,"
            f" {said}."
        ),
        next=_NEXT.replace("NAME", case.device.id),
        evidence=tuple(_lines(sides)),
    )


def _lines(sides: Iterable[Drift]) -> Iterator[EvidenceLine]:
    for one in sides:
        yield EvidenceLine(
            what=f"licences {_WORDS[one.against]}",
            value=f"{one.theirs}, ours {one.ours}",
            source=one.source,
            kind="reported",
            received=one.at,
        )


_WORDS: Final = {
    Against.REQUESTED: "requested",
    Against.SHOWN: "shown",
    Against.CSSM: "counted by CSSM",
}


def _requested(case: Case) -> Iterator[Drift]:
    for fact, theirs in _newest_by_tag(case, (FactName.REQUESTED_COUNT,)):
        ours = _asked_for(case, fact)
        if ours is not None:
            said = (fact.key, theirs, fact.source, fact.effective)
            yield _drift(case, Against.REQUESTED, ours, said)


def _shown(case: Case) -> Iterator[Drift]:
    for fact, theirs in _newest_by_tag(case, _SHOWN):
        ours = None if _lies_apart(case, fact.key) else _measured(case, fact.key, fact.effective)
        if ours is not None and not _is_settling(case, fact.effective):
            said = (fact.key, theirs, fact.source, fact.effective)
            yield _drift(case, Against.SHOWN, ours, said)


def _total(case: Case) -> Iterator[Drift]:
    """`Dynamic License Usage Count` is of all tags: the sum of what they have in use."""
    fact = newest(case.sheet.of(FactName.DYNAMIC_USAGE_COUNT))
    tags = [tag for tag, count in case.in_use.items() if count and tag in TRUNK_TAGS]
    theirs = instant(fact)
    if fact is None or theirs is None or _is_settling(case, fact.effective):
        return
    parts = [
        None if _lies_apart(case, tag) else _measured(case, tag, fact.effective) for tag in tags
    ]
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return
    yield Drift(
        device=case.device.id,
        tag=AGGREGATE,
        against=Against.SHOWN,
        start=min(part.start for part in known),
        end=max(part.end for part in known),
        ours=(ours := sum(part.count or 0 for part in known)),
        theirs=int(theirs),
        source=fact.source,
        at=fact.effective,
        tolerance=_tolerance(case, ours, int(theirs)),
    )


def _cssm(case: Case) -> Iterator[Drift]:
    """CSSM counts what the last report held that reached it."""
    counts = counted_by_cssm(case.sheet)
    if counts is None or counts.by != BY_CSSM:
        return
    heard = instant(case.sheet.best(FactName.CSSM_LAST_CONTACT)) or instant(case.cycle.last_ack)
    for tag, theirs in counts.counts.items():
        ours = None if heard is None else _measured(case, tag, min(heard, counts.effective))
        if ours is not None:
            said = (tag, theirs, BY_CSSM, counts.effective)
            yield _drift(case, Against.CSSM, ours, said)


def _newest_by_tag(case: Case, names: Iterable[FactName]) -> Iterator[tuple[Fact, int]]:
    """The newest count of each tag, without tags that are no longer in use."""
    said = [fact for name in names for fact in case.sheet.of(name) if fact.key]
    newest_of = {fact.key: fact for fact in sorted(said, key=lambda fact: fact.effective)}
    for tag in sorted(newest_of):
        count = instant(newest_of[tag])
        if count is not None and not is_left_out(newest_of[tag], case.sheet):
            yield newest_of[tag], int(count)


def _asked_for(case: Case, fact: Fact) -> Measurement | None:
    """The measurement a request is about: a request is made when its period ends."""
    ours = _measured(case, fact.key, fact.effective)
    if ours is None or _is_settling(case, fact.effective):
        return None
    return ours if fact.effective - ours.end < HOUR else None


def _lies_apart(case: Case, tag: str) -> bool:
    """The device's periods end at other hours than ours, or ours is not recorded yet."""
    asked = newest(fact for fact in case.sheet.of(FactName.REQUESTED_COUNT) if fact.key == tag)
    return asked is not None and _asked_for(case, asked) is None


def _is_settling(case: Case, at: float) -> bool:
    return case.now < at + case.limits.drift_settle_minutes * MINUTE


def _measured(case: Case, tag: str, at: float) -> Measurement | None:
    """What we measured for the period that ended at or just before an instant, where it counts."""
    found = case.measured(tag, at + _JUST)
    if found is None or found.count is None or found.reason in {Reason.FAILOVER, Reason.OPEN}:
        return None
    return found if found.minute_coverage >= WEAK_BELOW else None


def _drift(
    case: Case, against: Against, ours: Measurement, said: tuple[str, int, str, float]
) -> Drift:
    tag, theirs, source, at = said
    count = ours.count or 0
    return Drift(
        device=case.device.id,
        tag=tag,
        against=against,
        start=ours.start,
        end=ours.end,
        ours=count,
        theirs=theirs,
        source=source,
        at=at,
        tolerance=_tolerance(case, count, theirs),
    )


def _tolerance(case: Case, ours: int, theirs: int) -> float:
    share = case.limits.drift_percent / 100 * max(ours, theirs)
    return max(case.limits.drift_licenses, share)


_APART: Final = f"max without (against) (abs({held.DRIFT}) > {held.TOLERANCE})"
_BEYOND: Final = f'label_replace({_APART}, "step", "$1", "tag", "(.*)")'

RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="Licences measured and licences reported differ",
    runbook="usage-drift",
    steps=(),
    find=find,
    promql=(Condition(expr=_BEYOND, severity=Severity.INFO),),
)
