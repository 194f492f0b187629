"""Pairs: roles, latent standbys, one page, one need. Facts of two members, judged side by side."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.domain.findings import Severity
from monitor.domain.instants import DAY
from monitor.domain.pair import NeedProfile, Pair, Role, Verdict
from monitor.domain.state import Account, DeviceState, PairState
from monitor.evaluate import (
    Limits,
    in_pairs,
    judge_account,
    judge_device,
    judge_pair,
    known_pairs,
    spoken,
)

NOW = 1_700_000_000.0
LIMITS = Limits()
EDGE = Pair(name="edge", members=("a", "b"))
HEALTHY: Mapping[str, Value] = {
    "release": "17.3.3",
    "ack_required": True,
    "ack_deadline": NOW + 60 * DAY,
    "last_ack": NOW - 5 * DAY,
    "last_push": NOW - 6 * DAY,
    "next_push": NOW + 40 * DAY,
    "trust_code": NOW - 200 * DAY,
    "virtual_account": "Voice Edge",
    "policy_name": "Voice Policy",
    "ha_communication/group": "up",
}
ACTIVE: Mapping[str, Value] = {
    "rg_role": "active", "rg_peer_role": "standby", "ha_state/group": "active",
    "ha_peer_state/group": "standby_hot",
}  # fmt: skip
STANDBY: Mapping[str, Value] = {
    "rg_role": "standby", "rg_peer_role": "active", "ha_state/group": "standby_hot",
    "ha_peer_state/group": "active",
}  # fmt: skip
UNTRUSTED: Mapping[str, Value] = {
    "trust_code": None, "last_ack": None, "last_push": None, "ack_deadline": NOW + 9 * DAY,
    "next_push": NOW + 20 * DAY,
}  # fmt: skip


def said(
    device: str, values: Mapping[str, Value], at: float = NOW - 600, *, plain: bool = False
) -> list[Fact]:
    return [
        Fact(
            subject=device, name=FactName(name.partition("/")[0]), key=name.partition("/")[2],
            source="syslog" if plain else "cli", value=value, received=at, effective=at,
            kind=FactKind.DERIVED if plain else FactKind.EXACT, authenticated=not plain,
        )
        for name, value in values.items()
    ]  # fmt: skip


def device(
    name: str, *values: Mapping[str, Value], more: Iterable[Fact] = (), seen: Any = None
) -> DeviceState:
    together: dict[str, Value] = {}
    for one in values:
        together |= one
    facts = [*said(name, together), *more]
    return judge_device(Device(id=name), facts, last_seen=seen or {}, now=NOW, limits=LIMITS)


def judged(one: DeviceState, other: DeviceState, pair: Pair = EDGE, **peaks: Any) -> PairState:
    return judge_pair(pair, [one, other], now=NOW, limits=LIMITS, peaks=peaks)


def rungs(pair: PairState) -> dict[str, tuple[str, Severity]]:
    return {one.rule: (one.step, one.severity) for one in pair.findings if not one.inhibited_by}


def loud(states: Iterable[DeviceState]) -> list[tuple[str, str, Severity]]:
    return [
        (one.subject, one.rule, one.severity)
        for state in states
        for one in state.findings
        if one.severity > Severity.INFO and not one.inhibited_by
    ]


def test_a_healthy_pair_says_nothing_and_lives() -> None:
    a, b = device("a", HEALTHY, ACTIVE), device("b", HEALTHY, STANDBY)
    pair = judged(a, b)
    assert (pair.roles.active, pair.roles.standby, pair.ready) == ("a", "b", True)
    assert pair.findings == ()
    assert pair.rehearsal.lives is Verdict.FINE
    assert pair.rehearsal.page == ""
    assert loud(in_pairs([a, b], [pair])) == []


def test_a_standby_that_would_stop_calls_is_a_warning_and_a_page_once_active() -> None:
    a, b = device("a", HEALTHY, ACTIVE), device("b", HEALTHY, STANDBY, UNTRUSTED)
    pair = judged(a, b)
    assert rungs(pair) == {"takeover_at_risk": ("stops", Severity.WARNING)}
    assert "If b takes over now, calls stop" in pair.findings[0].why
    assert pair.rehearsal.lives is Verdict.FAILS
    assert pair.rehearsal.page.startswith("push_planned_too_late / 14d")
    softened = in_pairs([a, b], [pair])
    assert loud(softened) == []
    assert all(one.severity < Severity.CRITICAL for one in softened[1].findings)

    taken = judged(device("a", HEALTHY, STANDBY), device("b", HEALTHY, ACTIVE, UNTRUSTED))
    assert rungs(taken) == {"pair_page": ("push_planned_too_late:14d", Severity.CRITICAL)}
    assert taken.findings[0].why.startswith("b (active), peer a (standby): ")
    assert taken.findings[0].devices == ("a", "b")


def test_both_members_paging_make_one_page() -> None:
    a = device("a", HEALTHY, ACTIVE, {"sip_service": "down"})
    b = device("b", HEALTHY, {"rg_role": "init"}, UNTRUSTED)
    pair = judged(a, b)
    pages = [one for one in pair.findings if one.severity is Severity.CRITICAL]
    assert [one.step for one in pages] == ["sip_service_down:down"]
    assert "b: push_planned_too_late" in pages[0].why
    assert [one for one in loud(in_pairs([a, b], [pair])) if one[2] is Severity.CRITICAL] == []


def test_what_a_standby_does_late_is_no_matter_and_its_silence_in_syslog_normal() -> None:
    late: dict[str, Value] = {"next_push": NOW - 2 * DAY, "release": "17.9.4"}
    b = device("b", HEALTHY, STANDBY, late, seen={"syslog": NOW - 60 * DAY})
    a = device("a", HEALTHY, ACTIVE, {"release": "17.9.4"}, seen={"syslog": NOW})
    assert ("b", "push_overdue", Severity.WARNING) in loud([b])
    assert ("b", "stale_data", Severity.WARNING) in loud([b])
    pair = judged(a, b)
    assert loud(in_pairs([a, b], [pair])) == []
    assert pair.findings == ()


def test_plain_syslog_never_makes_a_device_a_harmless_standby() -> None:
    a = device("a", HEALTHY, ACTIVE, UNTRUSTED, more=said("a", {"rg_role": "standby"}, plain=True))
    b = device("b", HEALTHY, more=said("b", {"rg_role": "standby"}, NOW - 60, plain=True))
    pair = judged(a, b)
    assert pair.roles.active == "a"
    assert rungs(pair)["pair_page"] == ("push_planned_too_late:14d", Severity.CRITICAL)
    c = device("a", HEALTHY, UNTRUSTED, more=said("a", {"rg_role": "standby"}, plain=True))
    alone = judged(c, device("b", HEALTHY))
    assert rungs(alone)["pair_page"][1] is Severity.CRITICAL


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"virtual_account": "Voice Lab"}, "'Voice Lab'"),
        ({"smart_account": "Other"}, "'Other'"),
        ({"policy_name": "SLE Policy"}, "'SLE Policy'"),
        ({"trust_code": None}, "No trust code"),
    ],
)
def test_a_standby_licensed_otherwise_is_a_warning(values: Any, reason: str) -> None:
    a = device("a", HEALTHY, ACTIVE, {"smart_account": "Example"})
    b = device("b", HEALTHY, STANDBY, {"smart_account": "Example"}, values)
    pair = judged(a, b)
    assert rungs(pair) == {"takeover_at_risk": ("latent", Severity.WARNING)}
    assert reason in pair.findings[0].why
    assert pair.rehearsal.lives is Verdict.DIFFERS
    assert pair.rehearsal.next


def test_a_sip_service_that_is_down_on_the_standby_fails_a_takeover() -> None:
    b = device("b", HEALTHY, STANDBY, {"sip_service": "shutdown"})
    pair = judged(device("a", HEALTHY, ACTIVE), b)
    assert rungs(pair) == {"takeover_at_risk": ("stops", Severity.WARNING)}


def test_what_is_not_known_is_said() -> None:
    pair = judged(device("a", HEALTHY, ACTIVE), device("b", STANDBY))
    verdicts = {one.name: one.verdict for one in pair.rehearsal.checks}
    assert verdicts["trust"] is verdicts["deadline"] is verdicts["release"] is Verdict.UNKNOWN
    assert pair.rehearsal.lives is Verdict.UNKNOWN
    nobody = judged(device("a", HEALTHY), device("b", HEALTHY))
    assert nobody.rehearsal.standby is None
    assert nobody.rehearsal.lives is Verdict.UNKNOWN
    assert nobody.findings == ()


def test_releases_that_differ_are_named_and_no_fault() -> None:
    newer = {"release": "17.9.4"}
    pair = judged(device("a", HEALTHY, ACTIVE, newer), device("b", HEALTHY, STANDBY))
    check = next(one for one in pair.rehearsal.checks if one.name == "release")
    assert check.verdict is Verdict.DIFFERS
    assert "17.3.3 stops calls" in check.why
    assert pair.findings == ()


def test_before_policy_no_trust_code_is_missed() -> None:
    old = {"release": "16.12.4", "registration": "registered"}
    b = device("b", STANDBY, old, {"virtual_account": "Voice Edge", "policy_name": "p"})
    a = device("a", ACTIVE, old, {"virtual_account": "Voice Edge", "policy_name": "p"})
    verdicts = {one.name: one.verdict for one in judged(a, b).rehearsal.checks}
    assert verdicts["trust"] is verdicts["deadline"] is Verdict.FINE


def test_no_acknowledgement_required_needs_no_trust() -> None:
    free = {"ack_required": False, "trust_code": None, "ack_deadline": None}
    pair = judged(device("a", HEALTHY, ACTIVE), device("b", HEALTHY, STANDBY, free))
    assert pair.findings == ()


# Roles


def test_both_active_is_critical_after_two_minutes() -> None:
    pair = judged(device("a", HEALTHY, ACTIVE), device("b", HEALTHY, {"rg_role": "active"}))
    found = {one.rule: one for one in pair.findings}["not_one_active"]
    assert (found.step, found.severity, found.raise_after) == (
        "both_active", Severity.CRITICAL, 120,
    )  # fmt: skip
    assert pair.roles.active is None


def test_none_active_is_critical() -> None:
    a = device("a", HEALTHY, {"rg_role": "standby"})
    pair = judged(a, device("b", HEALTHY, {"rg_role": "init"}))
    assert rungs(pair)["not_one_active"] == ("none_active", Severity.CRITICAL)


def test_a_page_that_calls_stop_goes_before_who_is_active() -> None:
    a = device("a", HEALTHY, ACTIVE, {"sip_service": "down"})
    pair = judged(a, device("b", HEALTHY, {"rg_role": "active"}))
    assert list(rungs(pair)) == ["pair_page"]
    held = [one for one in pair.findings if one.rule == "not_one_active"]
    assert [one.inhibited_by for one in held] == ["pair_page"]


def change(name: str, role: str, at: float) -> Fact:
    fact = said(name, {f"role_change/{int(at)}": role}, at)[0]
    return replace(fact, source="monitor", kind=FactKind.DERIVED)


def test_a_failover_seen_by_one_member_only_is_no_split() -> None:
    took = NOW - 300
    told = [*said("b", {"rg_role": "active"}, took), change("b", "active", took)]
    b = device("b", HEALTHY, more=told)
    pair = judged(device("a", HEALTHY, {"rg_role": "active"}), b)
    assert [member.role for member in pair.roles.members] == [None, Role.ACTIVE]
    assert "not_one_active" not in rungs(pair)
    assert pair.rehearsal.standby == "a"
    words = said("a", {"rg_role": "active"}, NOW - 60)
    stays = device("a", HEALTHY, more=[*words, change("a", "active", 0)])
    assert "not_one_active" in rungs(judged(stays, b))
    back = device("a", HEALTHY, more=[*words, change("a", "active", NOW - 60)])
    assert judged(back, b).roles.active == "a"


def test_a_newer_word_of_the_peer_goes_before_the_own_older_one() -> None:
    a = device("a", HEALTHY, more=said("a", ACTIVE, NOW - 60))
    b = device("b", HEALTHY, more=said("b", {"rg_role": "active"}, NOW - 900))
    pair = judged(a, b)
    assert (pair.roles.active, pair.roles.standby) == ("a", "b")


def test_a_role_told_in_syslog_worsens_a_standby() -> None:
    told = said("b", {"rg_role": "active"}, NOW - 60, plain=True)
    b = device("b", HEALTHY, STANDBY, UNTRUSTED, more=told)
    pair = judged(device("a", HEALTHY, ACTIVE), b)
    assert pair.roles.active == "b"
    assert rungs(pair)["pair_page"][1] is Severity.CRITICAL


def test_a_licence_request_from_the_standby_is_a_role_conflict_until_its_role_is_said() -> None:
    asked = said("b", {"requested_count/CUBE_T_RED": 4}, NOW - 60, plain=True)
    a, b = device("a", HEALTHY, ACTIVE), device("b", HEALTHY, STANDBY, more=asked)
    assert rungs(judged(a, b)) == {"role_conflict": ("request", Severity.WARNING)}
    polled = device("b", HEALTHY, more=[*asked, *said("b", STANDBY, NOW - 30)])
    assert judged(a, polled).findings == ()


# Redundancy


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


# Licences


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


def test_members_are_judged_in_any_order(said: Callable[..., list[Fact]]) -> None:
    del said
    a, b = device("a", HEALTHY, ACTIVE), device("b", HEALTHY, STANDBY, UNTRUSTED)
    assert judged(a, b) == judged(b, a)


def test_a_router_under_an_old_name_begins_its_own_history() -> None:
    old = said("r1", {"ack_deadline": NOW + DAY, "last_ack": NOW - 29 * DAY}, NOW - DAY)
    begun = replace(said("r1", {"instance": "PID:X,SN:2"}, NOW - 60)[0], source="monitor")
    fresh = said("r1", {"ack_deadline": NOW + 90 * DAY, "next_push": NOW + 30 * DAY}, NOW - 60)
    state = judge_device(
        Device(id="r1"), [*old, begun, *fresh], last_seen={}, now=NOW, limits=LIMITS
    )
    assert state.cycle.last_ack is None
    assert loud([state]) == []


def test_a_router_may_need_several_kinds_and_voice_gateway_sessions_need_none() -> None:
    a = device("a", ACTIVE, {"usage_count/CUBE_T_STD": 3, "usage_count/CUBE_T_VGW": 9})
    pair = judged(a, device("b", STANDBY))
    assert [(one.tag, one.count) for one in pair.needs] == [("CUBE_T_STD", 3)]
    assert balance([a], {"CUBE_T_STD": 5, "CUBE_T_VGW": 0}) == {"CUBE_T_STD": 2}


def test_other_findings_of_a_standby_stay_as_they_are() -> None:
    b = device("b", HEALTHY, STANDBY, {"out_of_compliance": True})
    a = device("a", HEALTHY, ACTIVE)
    states = in_pairs([a, b], [judged(a, b)])
    assert ("b", "out_of_compliance", Severity.WARNING) in loud(states)


def test_nothing_due_is_fine() -> None:
    free = {"ack_deadline": None}
    pair = judged(device("a", HEALTHY, ACTIVE), device("b", HEALTHY, STANDBY, free))
    check = next(one for one in pair.rehearsal.checks if one.name == "deadline")
    assert (check.verdict, check.why) == (Verdict.FINE, "No acknowledgement is due.")


def test_a_member_that_nobody_knows_is_named_in_the_page() -> None:
    a = device("a", HEALTHY, ACTIVE, {"sip_service": "down"})
    pair = judge_pair(EDGE, [a], now=NOW, limits=LIMITS)
    assert "a (active), peer b (role unknown)" not in pair.findings[0].why
    assert pair.findings[0].why.startswith("a (active), peer b (standby): ")
    silent = device("a", HEALTHY, {"rg_role": "active", "sip_service": "down"})
    alone = judge_pair(EDGE, [silent], now=NOW, limits=LIMITS)
    assert alone.findings[0].why.startswith("a (active), peer b (role unknown): ")


def test_a_standby_whose_peer_nobody_knows_is_rehearsed_alone() -> None:
    pair = judge_pair(EDGE, [device("b", HEALTHY, STANDBY)], now=NOW, limits=LIMITS)
    verdicts = {one.name: one.verdict for one in pair.rehearsal.checks}
    assert verdicts["account"] is Verdict.UNKNOWN
    assert pair.rehearsal.standby == "b"


def test_tags_that_nobody_owns_and_cube_does_not_know_make_no_balance() -> None:
    one = device("a", {"usage_count/uck9": 1})
    assert balance([one], {"CUBE_T_RED": 30}) == {"CUBE_T_RED": 30}
