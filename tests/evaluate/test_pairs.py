"""Pairs: roles, latent standbys, one page. Facts of two members, judged side by side."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, Value
from monitor.domain.findings import Severity
from monitor.domain.instants import DAY
from monitor.domain.pair import Role, Verdict
from monitor.evaluate import (
    in_pairs,
    judge_device,
    judge_pair,
)
from tests.evaluate.members import (
    ACTIVE,
    EDGE,
    HEALTHY,
    LIMITS,
    NOW,
    STANDBY,
    UNTRUSTED,
    device,
    judged,
    loud,
    rungs,
    said,
)


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
