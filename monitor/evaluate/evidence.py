"""Which fact is believed where several sources speak: order of proof, voiding, forgery."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from monitor.domain.facts import SOURCE_RANK, Fact, FactKey, FactKind, FactName, fold
from monitor.domain.instants import HOUR

_PROOF = {FactKind.EXACT: 2, FactKind.DERIVED: 1, FactKind.INFERRED: 0}
_WIDEST_BOUND_SECONDS = 26 * HOUR
"""Zones lie between UTC-12 and UTC+14: a bound is at most this much before the true instant."""

Order = tuple[int, bool, float, int, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The newest fact of each (name, key, source) of one device."""

    facts: tuple[Fact, ...]

    def of(self, name: FactName) -> tuple[Fact, ...]:
        """Facts of that name, whatever key and source."""
        return tuple(fact for fact in self.facts if fact.name is name)

    def best(self, name: FactName) -> Fact | None:
        """The one that is believed; None where nobody said anything."""
        return best(self.of(name))

    def tells(self, *names: FactName) -> bool:
        """Whether anybody said anything about one of these."""
        return any(fact.name in names for fact in self.facts)


def sheet_of(facts: Iterable[Fact]) -> Sheet:
    """Fold facts of any order, repetition and age."""
    filed: dict[FactKey, Fact] = {}
    fold(filed, facts)
    return Sheet(tuple(filed[key] for key in sorted(filed)))


def of_this_instance(sheet: Sheet) -> Sheet:
    """Without what was said of the router that stood here before: its history is another's."""
    begun = newest(sheet.of(FactName.INSTANCE))
    if begun is None:
        return sheet
    return Sheet(tuple(fact for fact in sheet.facts if fact.effective >= begun.effective))


def instant(fact: Fact | None) -> float | None:
    """Its value as an instant or a number; None where it says none, or where it is unknown."""
    if fact is None or isinstance(fact.value, bool | str):
        return None
    return fact.value


def says_none(fact: Fact | None) -> bool:
    """The device says there is none, which is not the same as saying nothing."""
    return fact is not None and fact.value is None


def order(fact: Fact) -> Order:
    """Sorts by belief: proof, then authenticity, then time, then source, then value."""
    rank = SOURCE_RANK.get(fact.source, 0)
    return (_PROOF[fact.kind], fact.authenticated, fact.effective, rank, repr(fact.value))


def best(facts: Iterable[Fact]) -> Fact | None:
    """Exact before derived before inferred; then authenticated, newer, the better source.

    So unauthenticated evidence never replaces an exact fact.
    """
    return max(facts, key=order, default=None)


def newest(facts: Iterable[Fact]) -> Fact | None:
    """The newest, whatever its proof."""
    return max(facts, key=lambda fact: (fact.effective, *order(fact)), default=None)


def standing(facts: Iterable[Fact], badness: Callable[[Fact], int]) -> Fact | None:
    """The state that stands: unauthenticated evidence may worsen it, never better it.

    `badness` is higher for worse. A fact of weaker proof replaces the believed one only where it is
    newer and worse: one forged datagram silences nothing, and what a trap says of now is not held
    back by what the command line said an hour ago.
    """
    spoken = tuple(facts)
    authentic = tuple(fact for fact in spoken if fact.authenticated)
    proven = _worse(best(authentic), newest(authentic), badness)
    return _worse(proven, newest(fact for fact in spoken if not fact.authenticated), badness)


def _worse(held: Fact | None, claimed: Fact | None, badness: Callable[[Fact], int]) -> Fact | None:
    if held is None or claimed is None:
        return held or claimed
    worse = claimed.effective > held.effective and badness(claimed) > badness(held)
    return claimed if worse else held


def last_acknowledgement(sheet: Sheet) -> Fact | None:
    """The believed one, or a later one that is authenticated: polls are hours apart, traps not."""
    acks = sheet.of(FactName.LAST_ACK)
    believed = best(acks)
    later = newest(fact for fact in acks if fact.authenticated)
    if believed is None or later is None:
        return believed
    newer = later.effective > believed.effective and _later(later, believed)
    return later if newer else believed


def _later(one: Fact, other: Fact) -> bool:
    first, second = instant(one), instant(other)
    return first is not None and (second is None or first > second)


def standing_deadlines(sheet: Sheet, skew: float) -> tuple[Fact, ...]:
    """The deadlines no newer acknowledgement has voided. `skew`: device clock minus ours."""
    return _not_voided(sheet, FactName.ACK_DEADLINE, skew)


def standing_pushes(sheet: Sheet, skew: float) -> tuple[Fact, ...]:
    """Planned pushes said before the newest acknowledgement are history."""
    return _not_voided(sheet, FactName.NEXT_PUSH, skew)


def _not_voided(sheet: Sheet, name: FactName, skew: float) -> tuple[Fact, ...]:
    acks = sheet.of(FactName.LAST_ACK)
    return tuple(
        fact for fact in sheet.of(name) if not any(_voids(ack, fact, skew) for ack in acks)
    )


def _voids(ack: Fact, fact: Fact, skew: float) -> bool:
    acknowledged = instant(ack)
    if acknowledged is None or not _may_relax(ack, fact):
        return False
    if ack.effective > fact.effective and acknowledged - skew > fact.effective:
        return True
    return fact.name is FactName.ACK_DEADLINE and _after_deadline(ack, acknowledged, fact)


def _may_relax(ack: Fact, fact: Fact) -> bool:
    return ack.authenticated or (fact.kind is not FactKind.EXACT and not fact.authenticated)


def _after_deadline(ack: Fact, acknowledged: float, fact: Fact) -> bool:
    # An acknowledgement of the deadline's second, or later, came after that deadline was set.
    deadline = instant(fact)
    if deadline is None:
        return False
    margin = _WIDEST_BOUND_SECONDS if fact.bound and not ack.bound else 0
    return acknowledged >= deadline + margin


def disagreement(
    facts: Sequence[Fact], *, exact_seconds: float, derived_seconds: float
) -> tuple[Fact, Fact] | None:
    """The believed fact and the one furthest from it, where they are too far apart."""
    believed = best(facts)
    apart = [
        (distance(believed, fact), order(fact), fact)
        for fact in facts
        if believed is not None
        and fact is not believed
        and distance(believed, fact) > _allowed((believed, fact), exact_seconds, derived_seconds)
    ]
    if believed is None or not apart:
        return None
    return believed, max(apart, key=lambda found: found[:2])[2]


def distance(one: Fact, other: Fact) -> float:
    """Seconds between two instants; infinity where only one of the two says there is none."""
    first, second = instant(one), instant(other)
    if first is None or second is None:
        return 0.0 if first is second else float("inf")
    return abs(first - second)


def _allowed(pair: tuple[Fact, Fact], exact_seconds: float, derived_seconds: float) -> float:
    if any(fact.bound for fact in pair):
        return _WIDEST_BOUND_SECONDS
    exact = all(fact.kind is FactKind.EXACT for fact in pair)
    return exact_seconds if exact else derived_seconds
