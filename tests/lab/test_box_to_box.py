"""A pair of virtual CUBEs: what both print and log around a failover."""

import pytest

from monitor.domain.facts import FactName
from monitor.domain.instants import DAY, HOUR
from monitor.lab.agent import Pushing
from monitor.lab.box_to_box import BoxToBox
from monitor.lab.calls import CallProfile
from monitor.lab.cube import Cube
from monitor.lab.license_status import Account
from monitor.lab.snmp_objects import ACTIVE_BY_TYPE, REDUNDANCY, Gauge, Manner, objects
from monitor.parse import show

NOW = 1_795_370_400.0
COMMANDS = ("show redundancy states", "show redundancy application group", "show cube status")


def member(name: str, pair: BoxToBox) -> Cube:
    start = int(NOW) // HOUR * HOUR - 10 * DAY
    return Cube(
        name=name,
        story="one of a pair",
        release="17.9.4a",
        cube_version="14.6",
        platform="C8000V",
        serial=f"9LAB{name[-1]}",
        address="192.0.2.1",
        account=Account(smart="Example", virtual="EMEA"),
        cycle=Pushing(first_push=start, interval_days=30, deadline_days=90, trusted_since=start),
        calls={"CUBE_T_ENH": CallProfile(seed=1, busy=30, steady=True)},
        born=start,
        period_hours=8,
        pair=pair,
    )


@pytest.fixture
def pair() -> BoxToBox:
    return BoxToBox(members=("cube-1", "cube-2"), failovers=[NOW])


def said(cube: Cube, at: float) -> dict[tuple[FactName, str], object]:
    text = "".join(f"{cube.name}#{command}\n{cube.answer(command, at)}" for command in COMMANDS)
    facts = show.facts(show.read(text), device=cube.name, received=at)
    return {(one.name, one.key): one.value for one in facts}


@pytest.mark.parametrize(
    ("name", "at", "role", "peer"),
    [
        ("cube-1", NOW - 1, "active", "standby"),
        ("cube-2", NOW - 1, "standby", "active"),
        ("cube-1", NOW, "standby", "active"),
        ("cube-2", NOW, "active", "standby"),
    ],
)
def test_roles_are_printed_as_they_are(
    pair: BoxToBox, name: str, at: float, role: str, peer: str
) -> None:
    facts = said(member(name, pair), at)
    assert facts[FactName.RG_ROLE, ""] == role
    assert facts[FactName.RG_PEER_ROLE, ""] == peer
    assert facts[FactName.HA_TYPE, ""] == "hot-standby-chassis-to-chassis"
    states = {"active": "active", "standby": "standby_hot"}
    assert facts[FactName.HA_STATE, ""] == states[role]


def test_only_the_active_one_uses_licences_and_a_new_one_begins_anew(pair: BoxToBox) -> None:
    first, second = member("cube-1", pair), member("cube-2", pair)
    assert first.usage(NOW - 1)
    assert not second.usage(NOW - 1)
    assert not first.usage(NOW + 60)
    assert second.usage(NOW + 60) == {}
    assert second.usage(NOW + 12 * HOUR)
    assert [cube.carries(NOW) for cube in (first, second)] == [False, True]


def test_calls_and_requests_are_of_the_times_in_which_a_member_was_active(pair: BoxToBox) -> None:
    pair.failovers.append(NOW + DAY + 100)
    first, second = member("cube-1", pair), member("cube-2", pair)
    born, end = first.born, int(NOW) + 2 * DAY
    over, again = int(NOW), int(NOW) + DAY + 100
    assert list(first.stints(born, end)) == [(born, over), (again, end)]
    assert list(second.stints(born, end)) == [(over, again)]
    assert list(second.stints(again, end)) == []
    assert list(first.stints(end, born)) == []
    asked = {
        cube.name: [one.at for one in cube.messages(born, end) if "Requesting" in one.body]
        for cube in (first, second)
    }
    # Periods begin anew with the hour of a failover; what it interrupts is not asked for.
    assert [at for at in asked["cube-1"] if over < at < again + 7 * HOUR] == []
    assert len([at for at in asked["cube-1"] if at < over]) >= 10 * 3 - 1
    assert {over < at < again for at in asked["cube-2"]} == {True}
    assert {int(at - over) % (8 * HOUR) for at in asked["cube-2"]} == {0}


def test_the_hour_of_a_failover_counts_from_it(pair: BoxToBox) -> None:
    pair.failovers[0] = NOW + 1800
    (row, *_) = member("cube-2", pair).meters(NOW + 12 * HOUR)["CUBE_T_ENH"].until(NOW + 12 * HOUR)
    assert (row.start, row.minute_coverage) == (int(NOW), 450 / 480)


def test_snmp_tells_the_same_roles_and_calls(pair: BoxToBox) -> None:
    active, standby = (
        objects(member(name, pair), Manner(), NOW + 60) for name in ("cube-2", "cube-1")
    )
    states = [(*REDUNDANCY, number, 0) for number in (2, 4)]
    assert [active[one] for one in states] == [14, 9]
    assert [standby[one] for one in states] == [9, 14]
    sip = (*ACTIVE_BY_TYPE, 2)
    assert (active[sip] != Gauge(0), standby[sip]) == (True, Gauge(0))


def test_a_failover_is_logged_once_by_each(pair: BoxToBox) -> None:
    logged = {
        name: [one.body for one in member(name, pair).messages(NOW - 5, NOW + 5)]
        for name in pair.members
    }
    assert [body for body in logged["cube-2"] if "ROLECHANGE" in body] == [
        "%RG_PROTOCOL-5-ROLECHANGE: RG id 1 role change from Standby to Active"
    ]
    assert sum("ROLECHANGE" in body for body in logged["cube-1"]) == 1


def test_a_standby_announces_whole_hours_too(pair: BoxToBox) -> None:
    text = member("cube-1", pair).answer("show voice sip license status", NOW + 77)
    facts = show.facts(show.read(text), device="cube-1", received=NOW + 77)
    (said,) = [one.value for one in facts if one.name is FactName.NEXT_RECORD]
    assert said == NOW + HOUR


def test_a_standby_draws_no_graph(pair: BoxToBox) -> None:
    command = "show voice sip license stats"
    active, standby = (
        member(name, pair).answer(command, NOW + 60) for name in ("cube-2", "cube-1")
    )
    assert "Enhanced Trunk License Usage" in active
    assert "Trunk" not in standby


def test_a_router_without_a_peer_knows_no_redundancy(pair: BoxToBox) -> None:
    alone = member("cube-3", pair)
    alone = Cube(**{field: getattr(alone, field) for field in ALONE})
    assert alone.answer("show redundancy states", NOW) == ""
    assert alone.answer("show redundancy application group", NOW) == ""


ALONE = (
    "name", "story", "release", "cube_version", "platform", "serial", "address", "account",
    "cycle", "calls", "born",
)  # fmt: skip
