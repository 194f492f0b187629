"""Roles over time: changes in the commit that brings them, failovers as events."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.facts import Fact, FactKind, FactName, FactSheet, fold
from monitor.domain.pair import Pair, Role, RoleChange, RoleInterval, active_intervals
from monitor.domain.records import Batch
from monitor.pipeline import pairs
from monitor.pipeline.pairs import RoleHistory

EDGE = Pair(name="edge", members=("a", "b"))
LATE = 4_000.0


def role(device: str, word: str, at: float, *, plain: bool = False) -> Fact:
    return Fact(
        subject=device, name=FactName.RG_ROLE, source="syslog" if plain else "cli", value=word,
        kind=FactKind.DERIVED if plain else FactKind.EXACT, received=at, effective=at,
        authenticated=not plain,
    )  # fmt: skip


class Fleet:
    """Sheets that take over what a batch holds, as after a commit."""

    def __init__(self, *known: Pair) -> None:
        self.sheets: dict[str, FactSheet] = {}
        self.failovers: list[str] = []
        self.history = RoleHistory(lambda one: self.sheets.get(one, {}), lambda: known or (EDGE,))

    def hear(self, *facts: Fact) -> Batch:
        batch = self.history.noted(Batch(facts=facts))
        for fact in batch.facts:
            fold(self.sheets.setdefault(fact.subject, {}), [fact])
        self.failovers += [event.text for event in batch.events]
        return batch

    def intervals(self, device: str = "a") -> list[tuple[str, float, float | None]]:
        return [(one.device, one.start, one.end) for one in self.history.roles(device)]


def test_what_is_printed_first_was_always_so() -> None:
    fleet = Fleet()
    fleet.hear(role("a", "active", 1_000), role("b", "standby", 1_010))
    assert fleet.intervals() == [("a", 0, None)]
    assert fleet.failovers == []


def test_a_failover_is_one_event_however_it_is_heard() -> None:
    fleet = Fleet()
    fleet.hear(role("a", "active", 1_000), role("b", "standby", 1_000))
    fleet.hear(role("b", "active", 2_000.5, plain=True))
    fleet.hear(role("b", "active", 3_000))
    fleet.hear(role("a", "standby", 3_600))
    assert fleet.failovers == ["failover of edge: b took over from a"]
    assert fleet.intervals() == [("a", 0, 2_000), ("b", 2_000, None)]


def test_a_plain_message_moves_no_measurement_until_the_device_prints_the_same() -> None:
    fleet = Fleet()
    fleet.hear(role("a", "active", 1_000), role("b", "standby", 1_000))
    fleet.hear(role("b", "active", 2_000, plain=True))
    assert fleet.intervals() == [("a", 0, None)]
    fleet.hear(role("b", "standby", 3_000))
    assert fleet.intervals() == [("a", 0, None)]
    fleet.hear(role("b", "active", 9_000))
    assert fleet.intervals() == [("a", 0, 9_000), ("b", 9_000, None)]


def test_a_failover_back_is_another_event() -> None:
    fleet = Fleet()
    fleet.hear(role("a", "active", 1_000), role("b", "standby", 1_000))
    fleet.hear(role("a", "standby", 2_000), role("b", "active", 2_000))
    fleet.hear(role("a", "active", 3_000), role("b", "standby", 3_000))
    assert fleet.failovers == [
        "failover of edge: b took over from a",
        "failover of edge: a took over from b",
    ]
    assert fleet.intervals() == [("a", 0, 2_000), ("b", 2_000, 3_000), ("a", 3_000, None)]


def test_the_first_role_told_as_a_change_begins_with_it() -> None:
    fleet = Fleet()
    fleet.hear(role("b", "active", 2_000, plain=True))
    fleet.hear(role("b", "active", 2_500))
    assert fleet.intervals() == [("b", 2_000, None)]


def test_forged_changes_are_capped_and_printed_ones_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pairs, "_MOST_CHANGES", 3)
    fleet = Fleet()
    fleet.hear(role("b", "standby", 1))
    for at in range(10, 60, 10):
        fleet.hear(role("b", "active", at, plain=True))
        fleet.hear(role("b", "standby", at + 5, plain=True))
    kept = [one for one in fleet.sheets["b"].values() if one.name is FactName.ROLE_CHANGE]
    assert len(kept) == 3
    fleet.hear(role("b", "active", 100))
    assert fleet.intervals()[-1][0] == "b"


def test_two_processors_and_single_routers_have_no_intervals() -> None:
    fleet = Fleet(Pair(name="asr", members=("a",)))
    fleet.hear(role("a", "active", 1_000), role("c", "active", 1_000))
    assert fleet.intervals("a") == fleet.intervals("c") == []
    assert fleet.failovers == []


def test_other_facts_change_no_batch() -> None:
    batch = Batch(facts=[replace(role("a", "17.9", 1), name=FactName.RELEASE)])
    assert Fleet().history.noted(batch) is batch


CHANGES = st.lists(
    st.builds(
        RoleChange,
        device=st.sampled_from("ab"),
        at=st.integers(0, 20).map(float),
        role=st.sampled_from(Role),
    ),
    max_size=12,
    unique_by=lambda change: (change.device, change.at),
)


@given(CHANGES, st.randoms(use_true_random=False))
def test_intervals_rise_and_never_overlap_in_any_order(
    changes: list[RoleChange], random: object
) -> None:
    found = active_intervals(changes)
    shuffled = list(changes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert active_intervals(shuffled) == found
    assert _rise(found)
    for one in found:
        assert any(c.device == one.device and c.role is Role.ACTIVE for c in changes)


def _rise(found: Iterable[RoleInterval]) -> bool:
    end: float | None = -1.0
    for one in found:
        if end is None or one.start < end or (one.end is not None and one.end <= one.start):
            return False
        end = one.end
    return True
