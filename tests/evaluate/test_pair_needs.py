"""What pairs need of licences, and what is left of an account with them."""

from dataclasses import replace

import pytest

from monitor.domain.facts import Value
from monitor.domain.pair import NeedProfile, Pair
from monitor.domain.state import Account, DeviceState, PairState
from monitor.evaluate import (
    judge_account,
    judge_pair,
)
from tests.evaluate.members import ACTIVE, EDGE, HEALTHY, LIMITS, NOW, STANDBY, device, judged


def balance(
    states: list[DeviceState], purchased: dict[str, int], *pairs: PairState
) -> dict[str, int]:
    account = Account(name="Voice Edge", purchased=purchased)
    state = judge_account(account, states, now=NOW, limits=LIMITS, pairs=pairs)
    return {one.tag: one.balance for one in state.balances if one.balance is not None}


def test_a_pair_counts_once_and_the_active_one_counts() -> None:
    a = device("a", ACTIVE, {"usage_count/CUBE_T_RED": 20})
    b = device("b", STANDBY, {"usage_count/CUBE_T_RED": 25})
    pair = judged(a, b)
    assert balance([a, b], {"CUBE_T_RED": 30}) == {"CUBE_T_RED": -15}
    assert balance([a, b], {"CUBE_T_RED": 30}, pair) == {"CUBE_T_RED": 10}
    unknown = judged(device("a"), device("b"))
    assert balance([a, b], {"CUBE_T_RED": 30}, unknown) == {"CUBE_T_RED": 5}


@pytest.mark.parametrize("owned", ["CUBE_T_RED", "CUBE_T_ENH", "CUBE_TS_ENH", "CUBE_TS_RED"])
@pytest.mark.parametrize("asked", ["CUBE_T_RED", "CUBE_T_ENH", "CUBE_TS_ENH"])
def test_a_box_to_box_pair_draws_on_either_licence(owned: str, asked: str) -> None:
    a, b = device("a", ACTIVE, {f"usage_count/{asked}": 20}), device("b", STANDBY)
    assert balance([a, b], {owned: 30}, judged(a, b)) == {owned: 10}


def test_enhanced_sessions_of_a_single_router_need_enhanced_licences() -> None:
    one = device("a", {"usage_count/CUBE_T_ENH": 4})
    assert balance([one], {"CUBE_T_RED": 30}) == {"CUBE_T_RED": 30, "CUBE_T_ENH": -4}


def test_before_dynamic_counting_the_licensed_capacity_counts() -> None:
    old: dict[str, Value] = {"release": "16.11.1", "licensed_capacity": 40}
    a = device("a", old, {"usage_count/CUBE_T_RED": 10, "usage_count/CUBE_T_VGW": 3})
    assert (dict(a.in_use), a.counted_by) == (
        {"CUBE_T_RED": 40, "CUBE_T_VGW": 3},
        "static-capacity",
    )
    typed = device("a", old, {"ha_type": "hot-standby-chassis-to-chassis"})
    assert dict(typed.in_use) == {"CUBE_T_RED": 40}
    assert dict(device("a", old).in_use) == {"CUBE_T_STD": 40}
    newer = device("a", {"release": "17.2.1r", "licensed_capacity": 40})
    assert (dict(newer.in_use), newer.counted_by) == ({}, "reported")
    account = Account(name="Voice Edge", purchased={"CUBE_T_RED": 50})
    (left,) = judge_account(account, [a], now=NOW, limits=LIMITS).balances
    assert (left.balance, left.profiles) == (10, ("static-capacity",))


def needs(
    profile: NeedProfile, peaks: dict[str, int], pair: Pair = EDGE
) -> list[tuple[str, int, str]]:
    a, b = device("a", HEALTHY, ACTIVE), device("b", HEALTHY, STANDBY)
    state = judged(a, b, replace(pair, need=profile), a=peaks)
    return [(one.tag, one.count, one.profile) for one in state.needs]


def test_needs_name_their_profile_and_a_pair_needs_one_kind() -> None:
    peaks = {"CUBE_T_STD": 30, "CUBE_T_ENH": 12, "AGG": 38}
    assert needs(NeedProfile.SEPARATE, peaks) == [("CUBE_T_RED or CUBE_T_ENH", 38, "separate")]
    assert needs(NeedProfile.SEPARATE, {"CUBE_TS_ENH": 7}) == [
        ("CUBE_TS_RED or CUBE_TS_ENH", 7, "separate")
    ]
    assert needs(NeedProfile.STATIC_CAPACITY, {}) == []


def in_box_needs(profile: NeedProfile, peaks: dict[str, int]) -> list[tuple[str, int]]:
    box = Pair(name="asr", members=("asr",), need=profile)
    one = device("asr", HEALTHY, {"usage_count/CUBE_T_STD": 25})
    state = judge_pair(box, [one], now=NOW, limits=LIMITS, peaks={"asr": peaks})
    return [(one.tag, one.count) for one in state.needs if one.profile != "reported"]


def test_profiles_of_need() -> None:
    peaks = {"CUBE_T_STD": 30, "CUBE_T_ENH": 12, "AGG": 38}
    assert in_box_needs(NeedProfile.SEPARATE, peaks) == [("CUBE_T_STD", 30), ("CUBE_T_ENH", 12)]
    minus = NeedProfile.AGGREGATE_MINUS_ENHANCED
    assert in_box_needs(minus, peaks) == [("CUBE_T_STD", 26), ("CUBE_T_ENH", 12)]
    assert in_box_needs(minus, {"CUBE_T_ENH": 12, "AGG": 10}) == [
        ("CUBE_T_ENH", 12), ("CUBE_T_STD", 0),
    ]  # fmt: skip
    both = {"CUBE_T_STD": 30, "CUBE_TS_STD": 2}
    assert in_box_needs(minus, both) == [("CUBE_TS_STD", 32)]


def test_a_router_may_need_several_kinds_and_voice_gateway_sessions_need_none() -> None:
    a = device("a", ACTIVE, {"usage_count/CUBE_T_STD": 3, "usage_count/CUBE_T_VGW": 9})
    pair = judged(a, device("b", STANDBY))
    assert [(one.tag, one.count) for one in pair.needs] == [("CUBE_T_STD", 3)]
    assert balance([a], {"CUBE_T_STD": 5, "CUBE_T_VGW": 0}) == {"CUBE_T_STD": 2}


def test_tags_that_nobody_owns_and_cube_does_not_know_make_no_balance() -> None:
    one = device("a", {"usage_count/uck9": 1})
    assert balance([one], {"CUBE_T_RED": 30}) == {"CUBE_T_RED": 30}
