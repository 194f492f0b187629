"""Diagnose how well a device is heard; pure, from what is known of it and how it is configured."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from monitor.domain.diagnosis import (
    Calibration,
    Counted,
    Counting,
    Diagnosis,
    Disagreement,
    Remedy,
    Setup,
    SourceCheck,
    SourceState,
)
from monitor.domain.facts import Fact, FactName
from monitor.domain.instants import DAY, MINUTE
from monitor.domain.release import normal
from monitor.domain.state import DeviceState
from monitor.domain.yang import About
from monitor.evaluate.calibration import calibrate
from monitor.evaluate.evidence import (
    Sheet,
    best,
    disagreement,
    instant,
    of_this_instance,
    order,
    sheet_of,
    standing_deadlines,
)
from monitor.evaluate.limits import Limits
from monitor.evaluate.remedies import missing, silent
from monitor.evaluate.silence import TOLD, Silence, silence_of

SOURCES: Final = ("cli", "gnmi", "restconf", "snmp", "trap", "syslog")
_SAME: Final = (
    FactName.RELEASE,
    FactName.UDI,
    FactName.VIRTUAL_ACCOUNT,
    FactName.SIP_SERVICE,
    FactName.OUT_OF_COMPLIANCE,
    FactName.ACK_REQUIRED,
)
_COUNT_SECONDS: Final = 5 * MINUTE
"""Counts said further apart may both have been right."""
_ZONE = re.compile(r"\b[A-Z]{2,5}\b")


def diagnose(state: DeviceState, setup: Setup, counted: Counted, limits: Limits) -> Diagnosis:
    """Everything about one device; `counted` holds the readings to calibrate with."""
    sheet = of_this_instance(sheet_of(state.facts))
    silence = silence_of(
        state.last_seen, now=state.now, deadline=instant(state.cycle.deadline), limits=limits
    )
    sources = tuple(_source(name, setup, silence) for name in SOURCES)
    offset = instant(sheet.best(FactName.CLOCK_OFFSET))
    zones = _unresolved(sheet)
    calibrations = tuple(calibrate(counted))
    apart = tuple(_disagreements(sheet, silence, limits, offset or 0.0))
    platform = _word(sheet.best(FactName.PLATFORM))
    remedies = (
        *_heard_again(sources),
        *(_settled(one) for one in apart),
        *_clock(offset, limits),
        *(_zone(word) for word in zones),
        *_counting(calibrations, setup),
        *_identity(state, sheet),
        *missing(_working(sources), About(release=state.release, platform=platform)),
    )
    return Diagnosis(
        device=state.device.id,
        now=state.now,
        release=state.release,
        platform=platform,
        names=tuple(sorted(state.device.aliases)),
        udi=_word(sheet.best(FactName.UDI)),
        sources=sources,
        disagreements=apart,
        clock_offset=offset,
        unresolved_zones=zones,
        calibrations=calibrations,
        remedies=remedies,
    )


def _word(fact: Fact | None) -> str | None:
    return fact.value if fact is not None and isinstance(fact.value, str) else None


# Sources


def _source(name: str, setup: Setup, silence: Silence) -> SourceCheck:
    seen = silence.last_seen.get(name)
    return SourceCheck(
        source=name,
        state=_state(name, seen, setup, silence),
        last_seen=seen,
        expected_by=silence.expected.get(name),
    )


def _state(name: str, seen: float | None, setup: Setup, silence: Silence) -> SourceState:
    if name not in setup.sources:
        return SourceState.NOT_CONFIGURED if seen is None else SourceState.HEARD_ONLY
    if seen is None:
        return SourceState.NEVER_HEARD
    return SourceState.LATE if name in silence.late else SourceState.WORKS


def _working(sources: Iterable[SourceCheck]) -> frozenset[str]:
    """Those nobody has to be told how to add."""
    heard = (one for one in sources if one.state is not SourceState.NOT_CONFIGURED)
    return frozenset(
        one.source
        for one in heard
        if not (one.source in TOLD and one.state is SourceState.NEVER_HEARD)
    )


def _heard_again(sources: Iterable[SourceCheck]) -> Iterator[Remedy]:
    for one in sources:
        if one.state in (SourceState.LATE, SourceState.NEVER_HEARD):
            never = one.state is SourceState.NEVER_HEARD
            yield silent(one.source, never=never, told=one.source in TOLD)


# Disagreements


def _disagreements(
    sheet: Sheet, silence: Silence, limits: Limits, offset: float
) -> Iterator[Disagreement]:
    skew = offset if abs(offset) > limits.clock_skew_seconds else 0.0
    deadlines = disagreement(
        standing_deadlines(sheet, skew),
        exact_seconds=limits.disagreement_exact_seconds,
        derived_seconds=limits.disagreement_derived_days * DAY,
    )
    if deadlines is not None:
        yield Disagreement(what=FactName.ACK_DEADLINE, facts=deadlines)
    for name in _SAME:
        yield from _differing(fact for fact in sheet.of(name) if fact.source not in silence.late)
    yield from _differing(_recent(sheet.of(FactName.USAGE_COUNT)))


def _recent(counts: Sequence[Fact]) -> Iterator[Fact]:
    latest: dict[str, float] = {}
    for fact in counts:
        latest[fact.key] = max(fact.effective, latest.get(fact.key, fact.effective))
    return (fact for fact in counts if latest[fact.key] - fact.effective <= _COUNT_SECONDS)


def _differing(facts: Iterable[Fact]) -> Iterator[Disagreement]:
    """By key, where not all say the same; `facts` are of one name."""
    said = tuple(facts)
    for key in sorted({fact.key for fact in said}):
        of_key = [fact for fact in said if fact.key == key]
        if len({_plain(fact) for fact in of_key}) > 1:
            name = of_key[0].name.value
            believed_first = tuple(sorted(of_key, key=order, reverse=True))
            yield Disagreement(what=f"{name} of {key}" if key else name, facts=believed_first)


def _plain(fact: Fact) -> object:
    if fact.name is FactName.RELEASE:
        return normal(str(fact.value)) or fact.value
    return fact.value.casefold() if isinstance(fact.value, str) else fact.value


def _settled(one: Disagreement) -> Remedy:
    believed = best(one.facts)
    others = ", ".join(sorted({fact.source for fact in one.facts if fact is not believed}))
    by = "" if believed is None else believed.source
    return Remedy(
        what=f"Sources disagree on {one.what.replace('_', ' ')}: {by} is believed, not {others}."
        " Poll the device; where they stay apart, the one that is wrong speaks of another router"
        " or of another time.",
    )


# Clock, zones, counting, identity


def _clock(offset: float | None, limits: Limits) -> Iterator[Remedy]:
    if offset is not None and abs(offset) > limits.clock_skew_seconds:
        yield Remedy(
            what=f"Its clock is {abs(offset):.0f} s {'ahead' if offset > 0 else 'behind'}.",
            router=("ntp server NTP-ADDRESS",),
        )


def _unresolved(sheet: Sheet) -> tuple[str, ...]:
    explained = {fact.key for fact in sheet.of(FactName.ZONE_OFFSET)}
    words = {
        found[-1] for fact in sheet.facts if fact.bound and (found := _ZONE.findall(fact.text))
    }
    return tuple(sorted(words - explained))


def _zone(word: str) -> Remedy:
    return Remedy(
        what=f"The zone word {word} is not known: instants are judged at their earliest.",
        router=("show running-config | include clock timezone",),
        configuration=(f'timezones: {{{word}: "+HH:MM"}}',),
    )


def _counting(calibrations: Iterable[Calibration], setup: Setup) -> Iterator[Remedy]:
    for one in calibrations:
        legs = {Counting.LEGS: 2, Counting.CALLS: 1}.get(one.counting)
        if legs is None or (setup.calls_aggregate and setup.legs == legs):
            continue
        yield Remedy(
            what=f"Its call table ({one.source}) counts {one.counting}: {one.ratio:.2f} to a"
            f" session of {one.against}, over {one.compared} common times.",
            configuration=("calls: aggregate", f"legs: {legs}"),
            # While calls stay apart, a wrong number of legs divides nothing.
            needed=setup.calls_aggregate,
        )


def _identity(state: DeviceState, sheet: Sheet) -> Iterator[Remedy]:
    names = {state.device.id.casefold(), *(one.casefold() for one in state.device.aliases)}
    said = [_word(sheet.best(name)) for name in (FactName.UDI, FactName.HOST_NAME)]
    unknown = [one for one in said if one is not None and one.casefold() not in names]
    if unknown:
        listed = ", ".join(f'"{one}"' for one in unknown)
        yield Remedy(
            what="It names itself in a way the configuration does not know, so a message that"
            " says only that would not be its own.",
            configuration=(f"aliases: [{listed}]",),
            needed=False,
        )
