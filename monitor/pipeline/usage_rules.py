"""How each device is measured: by what it says of itself, what is configured, or the default."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from monitor.aggregate.rules import DeviceRules, active_times
from monitor.domain.facts import Fact, FactKey, FactKind, FactName
from monitor.domain.instants import MINUTE
from monitor.domain.pair import Roles
from monitor.domain.records import Batch, Committed
from monitor.pipeline.presence import OWN
from monitor.pipeline.writing import Writer

_ALWAYS: Final = "0"
_MINUTES: Final = 60

Sheet = Callable[[str], Mapping[FactKey, Fact]]


class KnownRules:
    """Rules by device id, from what is known; nothing is remembered."""

    def __init__(
        self,
        configured: Mapping[str, DeviceRules],
        default: DeviceRules,
        *,
        sheet: Sheet,
        roles: Callable[[str], Roles],
    ) -> None:
        self._configured = configured
        self._default = default
        self._sheet = sheet
        self._roles = roles

    def exchange(self, configured: Mapping[str, DeviceRules], default: DeviceRules) -> bool:
        """Go by these from now on; whether that makes a difference."""
        before = (self._configured, self._default)
        self._configured, self._default = configured, default
        return before != (configured, default)

    def __call__(self, device: str) -> DeviceRules:
        """The rules of one device as known now."""
        rules = self._configured.get(device, self._default)
        facts = tuple(self._sheet(device).values())
        stated = _history(facts)
        phase = _value(facts, FactName.PHASE_MINUTES)
        if stated:
            rules = replace(rules, periods=stated)
        if phase is not None:
            rules = replace(rules, phase_minutes=phase)
        roles = self._roles(device)
        return replace(rules, active=active_times(device, roles)) if roles else rules


class UsageRules(KnownRules):
    """Changes of periodicity are remembered with the instant they began.

    The first periodicity that a device states holds for all time before it too: it was so, only not
    known yet. The phase is learned once, before the first period has begun.
    """

    def __init__(
        self,
        configured: Mapping[str, DeviceRules],
        default: DeviceRules,
        *,
        sheet: Sheet,
        measured: Callable[[str], bool],
        roles: Callable[[str], Roles],
        writer: Writer,
    ) -> None:
        super().__init__(configured, default, sheet=sheet, roles=roles)
        self._measured = measured
        self._writer = writer
        writer.after.append(self._committed)

    def _committed(self, batch: Batch, committed: Committed) -> None:
        del committed
        facts = [fact for one in batch.facts for fact in self._noted(one)]
        if facts:
            self._writer.add(Batch(facts=facts))

    def _noted(self, fact: Fact) -> Iterator[Fact]:
        known = tuple(self._sheet(fact.subject).values())
        if fact.name is FactName.PERIOD_HOURS and isinstance(fact.value, int):
            history = _history(known)
            if not history or history[-1][1] != fact.value:
                key = str(int(fact.effective)) if history else _ALWAYS
                yield _own(fact, FactName.PERIOD_CHANGE, fact.value, key)
        elif fact.name is FactName.NEXT_RECORD and isinstance(fact.value, int | float):
            unknown = _value(known, FactName.PHASE_MINUTES) is None
            if unknown and not fact.bound and not self._measured(fact.subject):
                minutes = int(fact.value) // MINUTE % _MINUTES
                yield _own(fact, FactName.PHASE_MINUTES, minutes, "")


def _history(facts: tuple[Fact, ...]) -> tuple[tuple[float, int], ...]:
    return tuple(
        sorted(
            (float(fact.key), fact.value)
            for fact in facts
            if fact.name is FactName.PERIOD_CHANGE and isinstance(fact.value, int)
        )
    )


def _value(facts: tuple[Fact, ...], name: FactName) -> int | None:
    values = [fact.value for fact in facts if fact.name is name]
    return values[0] if values and isinstance(values[0], int) else None


def _own(about: Fact, name: FactName, value: int, key: str) -> Fact:
    return Fact(
        subject=about.subject,
        name=name,
        key=key,
        source=OWN,
        value=value,
        kind=FactKind.DERIVED,
        received=about.received,
        effective=about.effective,
        text=about.text,
    )
