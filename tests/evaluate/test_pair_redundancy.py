"""Pairs: what redundancy shows of the peer, and which routers are pairs."""

from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.facts import Value
from monitor.domain.findings import Severity
from monitor.domain.pair import Verdict
from monitor.evaluate import (
    in_pairs,
    judge_pair,
    known_pairs,
    spoken,
)
from tests.evaluate.members import (
    ACTIVE,
    EDGE,
    HEALTHY,
    LIMITS,
    NOW,
    STANDBY,
    device,
    judged,
    rungs,
    said,
)


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ({"ha_peer_state/group": "standby_cold"}, "peer"),
        ({"ha_peer_state/group": "disabled", "rg_peer_role": "unknown"}, "peer"),
        ({"ha_communication/group": "down"}, "communication"),
    ],
)
def test_a_peer_that_could_not_take_over_is_a_warning(values: Any, step: str) -> None:
    a = device("a", HEALTHY, ACTIVE, values)
    pair = judged(a, device("b", HEALTHY, {"rg_role": "standby"}))
    assert rungs(pair) == {"no_licensed_takeover": (step, Severity.WARNING)}
    assert pair.ready is False
    assert pair.rehearsal.lives is Verdict.FAILS


def test_plain_messages_lower_readiness_and_never_raise_it() -> None:
    lost = said("a", {"ha_communication": "down"}, NOW - 60, plain=True)
    a, b = device("a", HEALTHY, ACTIVE, more=lost), device("b", HEALTHY, STANDBY)
    assert rungs(judged(a, b)) == {"no_licensed_takeover": ("communication", Severity.WARNING)}
    found = said("a", {"ha_communication": "up"}, NOW - 60, plain=True)
    down = device("a", HEALTHY, ACTIVE, {"ha_communication/group": "down"}, more=found)
    b = device("b", {**HEALTHY, "ha_communication/group": "down"}, STANDBY)
    assert "no_licensed_takeover" in rungs(judged(down, b))


def test_what_two_processors_of_one_member_print_says_nothing_of_the_pair() -> None:
    simplex = {"ha_state": "active", "ha_peer_state": "disabled", "ha_communication": "down"}
    a, b = device("a", HEALTHY, ACTIVE, simplex), device("b", HEALTHY, STANDBY, simplex)
    assert judged(a, b).findings == ()
    typed = {"ha_type": "hot-standby-chassis-to-chassis", "ha_state": "active",
             "ha_peer_state": "disabled"}  # fmt: skip
    assert [
        member.role for member in judged(device("a", typed), device("b", typed)).roles.members
    ] == [None, None]


def test_older_platforms_show_the_other_box_among_their_states() -> None:
    typed = {"ha_type": "hot-standby-chassis-to-chassis"}
    a = device("a", HEALTHY, typed, {"ha_state": "active", "ha_peer_state": "standby_hot"})
    b = device("b", HEALTHY, typed, {"ha_state": "standby_hot", "ha_peer_state": "active"})
    pair = judged(a, b)
    assert (pair.roles.active, pair.roles.standby, pair.ready) == ("a", "b", True)


# Which are pairs


def test_pairs_are_learned_from_the_peers_that_devices_name() -> None:
    a = device("a", ACTIVE, {"udi": "PID:X,SN:AAA", "peer_udi/application": "PID:X,SN:bbb"})
    b = device("b", STANDBY, {"udi": "PID:X,SN:BBB"})
    assert [
        (one.name, one.members, one.learned) for one in known_pairs((), spoken([a, b]), NOW)
    ] == [("a+b", ("a", "b"), True)]
    named = device("c", ACTIVE, {"peer_host_name": "EDGE-9"})
    other = device("d", STANDBY, {"host_name": "edge-9"})
    assert [one.members for one in known_pairs((), spoken([named, other]), NOW)] == [("c", "d")]
    assert known_pairs((), spoken([named]), NOW) == ()
    assert known_pairs((EDGE,), spoken([a, b]), NOW) == (EDGE,)


def test_a_declared_pair_has_its_dates() -> None:
    pair = replace(EDGE, since=NOW + 1, until=NOW + 9)
    assert known_pairs((pair,), spoken([]), NOW) == ()
    assert known_pairs((pair,), spoken([]), NOW + 1) == (pair,)
    assert known_pairs((pair,), spoken([]), NOW + 9) == ()


def test_two_processors_are_one_device_and_one_pair() -> None:
    sso: dict[str, Value] = {
        "ha_state": "active",
        "ha_peer_state": "standby_hot",
        "ha_communication": "up",
    }
    one = device("asr", sso, {"ha_type": "hot-standby-card-to-card"})
    (pair,) = known_pairs((), spoken([one]), NOW)
    assert (pair.name, pair.members, pair.in_box) == ("asr", ("asr",), True)
    state = judge_pair(pair, [one], now=NOW, limits=LIMITS)
    assert (state.findings, state.ready, state.rehearsal.lives) == ((), True, Verdict.FINE)
    lost = device("asr", sso, {"ha_communication": "down"})
    alone = judge_pair(pair, [lost], now=NOW, limits=LIMITS)
    assert rungs(alone) == {"no_licensed_takeover": ("communication", Severity.WARNING)}
    assert "cannot take over" in alone.rehearsal.headline
    assert in_pairs([lost], [alone]) == (lost,)
    silent = judge_pair(pair, [], now=NOW, limits=LIMITS)
    assert silent.rehearsal.lives is Verdict.UNKNOWN
    assert (
        known_pairs(
            (), spoken([device("asr", {"ha_state": "active", "ha_peer_state": "disabled"})]), NOW
        )
        == ()
    )
    assert (
        len(known_pairs((), spoken([device("asr", {"peer_udi/standby": "PID:X,SN:2"})]), NOW)) == 1
    )
