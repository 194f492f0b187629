"""One device as its rules see it: the believed facts, the clock, and what a deadline would do."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.instants import DAY, MINUTE
from monitor.domain.measurement import Measurement
from monitor.domain.release import Stopping, normal, stopping
from monitor.domain.state import AckCycle
from monitor.evaluate.evidence import (
    Sheet,
    best,
    instant,
    last_acknowledgement,
    newest,
    of_this_instance,
    says_none,
    sheet_of,
    standing_deadlines,
    standing_pushes,
)
from monitor.evaluate.limits import Limits
from monitor.evaluate.silence import Silence, silence_of
from monitor.evaluate.usage import counted, only_voice_gateway

_CYCLE = (FactName.ACK_REQUIRED, FactName.ACK_DEADLINE, FactName.LAST_ACK, FactName.NEXT_PUSH)
_BEFORE_POLICY = (
    FactName.REGISTRATION,
    FactName.REGISTRATION_EXPIRES,
    FactName.AUTHORIZATION_DEADLINE,
    FactName.LICENSED_CAPACITY,
)


Measured = Callable[[str, float], Measurement | None]
"""(tag, instant) -> what we measured for the period that ended last by then and holds until after
it; None where that is not known."""


def nothing_measured(tag: str, at: float) -> Measurement | None:
    """Where no readings are at hand."""
    del tag, at
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything about one device at one moment. Built by `case_of`, read by rules."""

    device: Device
    now: float
    """On our clock, seconds since 1970 UTC."""
    limits: Limits
    sheet: Sheet
    release: Fact | None
    release_name: str | None
    stopping: Stopping
    voice_gateway_only: bool
    cycle: AckCycle
    skew: float
    """Device clock minus ours where that is known and large, else 0."""
    silence: Silence
    in_use: Mapping[str, int]
    counted_by: str = "reported"
    measured: Measured = nothing_measured

    @property
    def stops(self) -> bool:
        """The release stops calls at the deadline, or may."""
        return self.stopping in (Stopping.STOPS, Stopping.MAY_STOP)

    @property
    def cycle_judged(self) -> bool:
        """False before Smart Licensing Using Policy, and where no acknowledgement is required."""
        not_required = self.cycle.required is not None and self.cycle.required.value is False
        nothing_due = says_none(self.cycle.deadline)
        return not (self.stopping is Stopping.BEFORE_POLICY or not_required or nothing_due)

    @property
    def deadline(self) -> float | None:
        """The deadline that is judged, as the device's clock counts it."""
        return instant(self.cycle.deadline) if self.cycle_judged else None

    @property
    def exact(self) -> bool:
        """The deadline was printed by the device, not worked out."""
        return self.cycle.deadline is not None and self.cycle.deadline.kind is FactKind.EXACT

    @property
    def left(self) -> float | None:
        """Seconds until the deadline, negative after it; None where there is none to judge."""
        deadline = self.deadline
        return None if deadline is None else deadline - self.clock(self.cycle.deadline)

    @property
    def ahead(self) -> float | None:
        """`left` while the deadline has not passed, else None."""
        left = self.left
        return None if left is None or left < 0 else left

    def clock(self, fact: Fact | None) -> float:
        """Now, on the clock the fact's instant is counted on."""
        exact = fact is not None and fact.kind is FactKind.EXACT
        return self.now + self.skew if exact else self.now

    def ours(self, fact: Fact | None, moment: float) -> float:
        """An instant of that fact's clock on our clock."""
        return moment - (self.clock(fact) - self.now)

    def near(self, days: float) -> bool:
        """The deadline is at most so far off, or an exact one has passed."""
        left = self.left
        return left is not None and left <= days * DAY and (left >= 0 or self.exact)

    @property
    def no_push_planned(self) -> bool:
        """Usage is pulled, or carried as a file."""
        transport = self.cycle.transport
        off = transport is not None and transport.value == "off"
        return off or says_none(self.cycle.next_push)

    @property
    def planned_push(self) -> float | None:
        """The next planned push; None where there is none, or none is known."""
        return None if self.no_push_planned else instant(self.cycle.next_push)

    @property
    def planned_push_passed(self) -> bool:
        """The planned push should have happened and been acknowledged."""
        push = self.planned_push
        grace = self.limits.backstop_push_grace_minutes * MINUTE
        return push is not None and self.clock(self.cycle.next_push) > push + grace

    @property
    def unacknowledged(self) -> bool:
        """The last report was sent, pulled or written after the last acknowledgement."""
        sent, acked = instant(self.cycle.last_push), instant(self.cycle.last_ack)
        if sent is None or self.cycle.last_ack is None:
            return False
        return acked is None or sent > acked


def case_of(
    device: Device,
    facts: Iterable[Fact],
    *,
    last_seen: Mapping[str, float],
    now: float,
    limits: Limits,
    measured: Measured = nothing_measured,
) -> Case:
    """Choose among the facts; their order and repetition make no difference."""
    sheet = of_this_instance(sheet_of(facts))
    skew = _skew(sheet, limits)
    cycle = _cycle(sheet, skew)
    release = _release(sheet)
    name = _release_name(device, release)
    gateway = only_voice_gateway(sheet)
    deadline = instant(cycle.deadline)
    in_use, counted_by = counted(sheet, name)
    return Case(
        device=device,
        now=now,
        limits=limits,
        sheet=sheet,
        release=release,
        release_name=name,
        stopping=_stopping(name, sheet, gateway=gateway),
        voice_gateway_only=gateway,
        cycle=cycle,
        skew=skew,
        silence=silence_of(last_seen, now=now, deadline=deadline, limits=limits),
        in_use=in_use,
        counted_by=counted_by,
        measured=measured,
    )


def _cycle(sheet: Sheet, skew: float) -> AckCycle:
    return AckCycle(
        required=sheet.best(FactName.ACK_REQUIRED),
        deadline=best(standing_deadlines(sheet, skew)),
        last_ack=last_acknowledgement(sheet),
        next_push=best(standing_pushes(sheet, skew)),
        last_push=_last_report(sheet),
        interval_days=sheet.best(FactName.REPORTING_INTERVAL_DAYS),
        transport=sheet.best(FactName.TRANSPORT),
        trust=sheet.best(FactName.TRUST_CODE),
    )


def _last_report(sheet: Sheet) -> Fact | None:
    sent = [
        fact
        for name in (FactName.LAST_PUSH, FactName.LAST_PULL, FactName.LAST_FILE_WRITE)
        if (fact := sheet.best(name)) is not None
    ]
    at = [(moment, fact.name, fact) for fact in sent if (moment := instant(fact)) is not None]
    return max(at, key=lambda found: found[:2])[2] if at else next(iter(sent), None)


def _release(sheet: Sheet) -> Fact | None:
    said = sheet.of(FactName.RELEASE)
    proven = newest(fact for fact in said if fact.authenticated)
    return proven or newest(said)


def _release_name(device: Device, release: Fact | None) -> str | None:
    said = device.release if release is None else release.value
    return (normal(said) or said) if isinstance(said, str) else None


def _stopping(release: str | None, sheet: Sheet, *, gateway: bool) -> Stopping:
    by_release = stopping(release)
    if by_release is Stopping.BEFORE_POLICY:
        return by_release
    if release is None and sheet.tells(*_BEFORE_POLICY) and not sheet.tells(*_CYCLE):
        return Stopping.BEFORE_POLICY
    return Stopping.NEVER if gateway else by_release


def _skew(sheet: Sheet, limits: Limits) -> float:
    said = sheet.of(FactName.CLOCK_OFFSET)
    proven = instant(newest(fact for fact in said if fact.authenticated))
    claimed = instant(newest(fact for fact in said if not fact.authenticated))
    # A forged clock that runs behind would win time; one that runs ahead only costs some.
    offset = max(proven or 0.0, claimed) if claimed is not None else proven or 0.0
    return offset if abs(offset) > limits.clock_skew_seconds else 0.0
