"""Pairs of sources that say different things: which fact is believed, and what is made of it."""

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.device import Device
from monitor.domain.facts import SOURCE_RANK, Fact, FactKind, FactName, Value
from monitor.domain.findings import Severity
from monitor.domain.instants import DAY, HOUR, MINUTE
from monitor.domain.state import DeviceState
from monitor.evaluate import Limits, judge_device
from monitor.evaluate.evidence import sheet_of, standing

NOW: Final = 1_700_000_000
Judged = Callable[..., DeviceState]
Rungs = Callable[[DeviceState], dict[str, tuple[str, Severity]]]

SOURCES: Final = {
    # name -> source, kind of a deadline, authenticated
    "cli": ("cli", FactKind.EXACT, True),
    "gnmi": ("gnmi", FactKind.EXACT, True),
    "gnmi in plain text": ("gnmi", FactKind.EXACT, False),
    "restconf": ("restconf", FactKind.EXACT, True),
    "snmp v3": ("snmp", FactKind.DERIVED, True),
    "snmp v2c": ("snmp", FactKind.DERIVED, False),
    "trap v3": ("trap", FactKind.DERIVED, True),
    "trap v2c": ("trap", FactKind.DERIVED, False),
    "syslog": ("syslog", FactKind.DERIVED, False),
}
_BELIEF: Final = (
    # Rising. What stands on one line is told apart by its time, then by the source's rank.
    ("syslog", "trap v2c", "snmp v2c"),
    ("trap v3", "snmp v3"),
    ("gnmi in plain text",),
    ("cli", "gnmi", "restconf"),
)
LINE: Final = {name: line for line, names in enumerate(_BELIEF) for name in names}
PAIRS: Final = [
    (one, other) for one, other in permutations(SOURCES, 2) if SOURCES[one][0] != SOURCES[other][0]
]


def fact(by: str, name: FactName, value: Value, at: float, key: str = "") -> Fact:
    source, kind, authenticated = SOURCES[by]
    return Fact(
        subject="r1", name=name, source=source, value=value, kind=kind, received=at, effective=at,
        authenticated=authenticated, key=key,
    )  # fmt: skip


def deadline(by: str, value: float, at: float) -> Fact:
    return fact(by, FactName.ACK_DEADLINE, value, at)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_proof_then_time_then_rank_decides_on_a_deadline(
    one: str, other: str, judged: Judged
) -> None:
    near, far = NOW + 20 * DAY, NOW + 60 * DAY
    older, newer = deadline(one, far, NOW - 2 * HOUR), deadline(other, near, NOW - HOUR)
    expected = older if LINE[one] > LINE[other] else newer
    for facts in ([older, newer], [newer, older]):
        assert judged(facts).cycle.deadline == expected

    tied = replace(newer, effective=older.effective, received=older.received)
    if LINE[one] == LINE[other] and SOURCE_RANK[older.source] > SOURCE_RANK[tied.source]:
        assert judged([older, tied]).cycle.deadline == older


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_disagreement_is_shown_with_both(
    one: str, other: str, judged: Judged, rungs: Rungs
) -> None:
    facts = [deadline(one, NOW + 20 * DAY, NOW - HOUR), deadline(other, NOW + 60 * DAY, NOW - HOUR)]
    state = judged(facts)
    assert rungs(state)["evidence_disagrees"] == ("deadline", Severity.INFO)
    (found,) = (one for one in state.findings if one.rule == "evidence_disagrees")
    assert {line.source for line in found.evidence} == {SOURCES[one][0], SOURCES[other][0]}


@pytest.mark.parametrize(("acknowledged_by", "said_by"), PAIRS)
def test_a_newer_acknowledgement_by_any_authenticated_source_voids_older_deadlines_of_all(
    acknowledged_by: str, said_by: str, judged: Judged
) -> None:
    old = deadline(said_by, NOW + HOUR, NOW - 3 * HOUR)
    ack = fact(acknowledged_by, FactName.LAST_ACK, NOW - 2 * HOUR, NOW - HOUR)
    exact = SOURCES[said_by][1] is FactKind.EXACT
    may = ack.authenticated or (not exact and not old.authenticated)
    assert (judged([old, ack]).cycle.deadline is None) is may


def test_an_acknowledgement_repeated_every_minute_voids_nothing(judged: Judged) -> None:
    old = deadline("cli", NOW + HOUR, NOW - 3 * HOUR)
    ack = fact("gnmi", FactName.LAST_ACK, NOW - 9 * DAY, NOW - 1)
    assert judged([old, ack]).cycle.deadline == old


def test_a_whole_number_of_days_agrees_with_the_instant_it_was_rounded_from(
    judged: Judged, rungs: Rungs
) -> None:
    exact = deadline("cli", NOW + 30 * DAY, NOW - HOUR)
    for minutes in range(0, 3 * 24 * 60, 47):
        at = NOW - minutes * MINUTE
        days = (exact.value - at) // DAY  # type: ignore[operator]  # an instant
        told = deadline("snmp v3", at + days * DAY, at)
        state = judged([exact, told])
        assert rungs(state) == {}
        assert state.cycle.deadline == exact


@pytest.mark.parametrize("by", ["snmp v3", "trap v3"])
def test_an_authentic_acknowledgement_between_two_polls_counts(
    by: str, judged: Judged, rungs: Rungs
) -> None:
    polled = [
        fact("cli", FactName.RELEASE, "17.9.4a", NOW - 6 * HOUR),
        fact("cli", FactName.LAST_ACK, NOW - 60 * DAY, NOW - 6 * HOUR),
        fact("cli", FactName.LAST_PUSH, NOW - 3 * DAY, NOW - 6 * HOUR),
        deadline("cli", NOW + 30 * DAY, NOW - 6 * HOUR),
    ]
    assert "sent_not_acknowledged" in rungs(judged(polled))
    heard = fact(by, FactName.LAST_ACK, NOW - HOUR, NOW - HOUR)
    state = judged([*polled, heard])
    assert state.cycle.last_ack == heard
    assert "sent_not_acknowledged" not in rungs(state)

    forged = replace(heard, authenticated=False)
    assert "sent_not_acknowledged" in rungs(judged([*polled, forged]))
    assert judged([*polled, replace(heard, value=NOW - 70 * DAY)]).cycle.last_ack == polled[1]
    never = replace(polled[1], value=None)
    assert judged([never, heard]).cycle.last_ack == heard


STATES: Final = (
    # the exact word, hours ago; another's word, hours ago; what stands
    ("cli", "up", 3, "syslog", "down", 1, "down"),
    ("cli", "down", 3, "syslog", "up", 1, "down"),
    ("cli", "up", 3, "trap v3", "down", 1, "down"),
    ("cli", "down", 3, "trap v3", "up", 1, "down"),
    ("cli", "up", 1, "trap v3", "down", 3, "up"),
    ("gnmi", "up", 1, "syslog", "down", 3, "up"),
    ("cli", "down", 3, "gnmi", "up", 1, "up"),
    ("cli", "up", 3, "gnmi in plain text", "down", 1, "down"),
    ("cli", "down", 3, "gnmi in plain text", "up", 1, "down"),
    ("trap v3", "down", 3, "syslog", "up", 1, "down"),
)


@pytest.mark.parametrize("row", STATES)
def test_the_state_that_stands(row: tuple[str, str, int, str, str, int, str]) -> None:
    one, said, ago, other, claimed, since, stands = row
    facts = [
        fact(one, FactName.SIP_SERVICE, said, NOW - ago * HOUR),
        fact(other, FactName.SIP_SERVICE, claimed, NOW - since * HOUR),
    ]
    found = standing(sheet_of(facts).facts, lambda one: int(one.value == "down"))
    assert found is not None
    assert found.value == stands


_CLAIMS = st.lists(
    st.tuples(
        st.sampled_from(["trap v2c", "syslog", "snmp v2c"]),
        st.sampled_from([FactName.SIP_SERVICE, FactName.ACK_DEADLINE, FactName.LAST_ACK]),
        st.booleans(),
        st.integers(-600, 0),
    ),
    max_size=8,
)


@given(claims=_CLAIMS)
def test_no_forgery_takes_a_page_away(claims: list[tuple[str, FactName, bool, int]]) -> None:
    words: dict[FactName, tuple[Value, Value]] = {
        FactName.SIP_SERVICE: ("up", "down"),
        FactName.ACK_DEADLINE: (NOW + 364 * DAY, NOW + DAY),
        FactName.LAST_ACK: (NOW, NOW - 90 * DAY),
    }
    exact = [
        fact("cli", FactName.RELEASE, "17.3.3", NOW - HOUR),
        fact("cli", FactName.SIP_SERVICE, "down", NOW - HOUR),
        deadline("gnmi", NOW - 2 * HOUR, NOW - HOUR),
        fact("cli", FactName.LAST_ACK, NOW - 90 * DAY, NOW - HOUR),
    ]
    forged = [fact(by, name, words[name][bad], NOW + seconds) for by, name, bad, seconds in claims]

    def rules(facts: list[Fact]) -> set[str]:
        state = judge_device(Device(id="r1"), facts, last_seen={}, now=NOW, limits=Limits())
        return {one.rule for one in state.findings if one.severity is Severity.CRITICAL}

    assert rules(exact) <= rules([*exact, *forged])


def test_tags_told_one_by_one_are_not_left_out(judged: Judged) -> None:
    for by in ("gnmi", "restconf", "trap v3"):
        facts = [
            fact(by, FactName.USAGE_COUNT, 20, NOW - 30, "CUBE_T_STD"),
            fact(by, FactName.USAGE_COUNT, 5, NOW - 10, "CUBE_T_ENH"),
        ]
        assert judged(facts).in_use == {"CUBE_T_STD": 20, "CUBE_T_ENH": 5}
    gone = fact("gnmi", FactName.USAGE_COUNT, 0, NOW - 5, "CUBE_T_STD")
    listed = fact("cli", FactName.USAGE_COUNT, 20, NOW - HOUR, "CUBE_T_STD")
    assert judged([listed, gone]).in_use == {"CUBE_T_STD": 0}


@pytest.mark.parametrize("by", ["cli", "snmp v3", "snmp v2c"])
def test_tags_that_a_list_leaves_out_are_not_in_use(by: str, judged: Judged) -> None:
    facts = [
        fact(by, FactName.USAGE_COUNT, 20, NOW - HOUR, "CUBE_T_STD"),
        fact(by, FactName.USAGE_STATUS, "out_of_compliance", NOW - HOUR, "CUBE_T_STD"),
        fact(by, FactName.USAGE_COUNT, 5, NOW - 10, "CUBE_T_ENH"),
    ]
    if by != "cli":
        facts.append(fact(by, FactName.USAGE_LISTED, 1, NOW - 10))
    state = judged(facts)
    assert state.in_use == {"CUBE_T_STD": 0, "CUBE_T_ENH": 5}
    assert state.out_of_compliance is None


def test_only_a_whole_and_proven_list_of_snmp_leaves_out(judged: Judged) -> None:
    counts = [
        fact("snmp v3", FactName.USAGE_COUNT, 20, NOW - HOUR, "CUBE_T_STD"),
        fact("snmp v3", FactName.USAGE_COUNT, 5, NOW - 10, "CUBE_T_ENH"),
    ]
    kept = {"CUBE_T_STD": 20, "CUBE_T_ENH": 5}
    assert judged(counts).in_use == kept
    older = fact("snmp v3", FactName.USAGE_LISTED, 1, NOW - HOUR)
    assert judged([*counts, older]).in_use == kept
    claimed = fact("snmp v2c", FactName.USAGE_LISTED, 0, NOW - 5)
    assert judged([*counts, claimed]).in_use == kept
    empty = fact("snmp v3", FactName.USAGE_LISTED, 0, NOW - 5)
    assert judged([*counts, empty]).in_use == {"CUBE_T_STD": 0, "CUBE_T_ENH": 0}


@pytest.mark.parametrize(
    ("source", "patience"),
    [
        ("cli", 3 * 6 * HOUR),
        ("snmp", 3 * 15 * MINUTE),
        ("gnmi", 3 * 5 * MINUTE),
        ("restconf", 3 * 5 * MINUTE),
        ("trap", 8 * DAY),
        ("syslog", 8 * DAY),
    ],
)
def test_each_source_is_late_by_its_own_rhythm(
    source: str, patience: float, judged: Judged, rungs: Rungs
) -> None:
    for silent, late in ((patience, False), (patience + 1, True)):
        state = judged([], last_seen={source: NOW - silent})
        assert ("stale_data" in rungs(state)) is late
        assert state.stale is late


def test_exact_sources_are_late_together(judged: Judged, rungs: Rungs) -> None:
    seen = {"cli": NOW - HOUR, "gnmi": NOW - HOUR, "snmp": NOW - DAY}
    assert rungs(judged([], last_seen=seen)) == {}
    seen["cli"] = NOW - DAY
    assert rungs(judged([], last_seen=seen)) == {"stale_data": ("poll", Severity.WARNING)}
    assert rungs(judged([], last_seen=seen | {"snmp": NOW})) == {
        "stale_data": ("poll", Severity.WARNING)
    }
