"""Out of compliance, and what blocks calls before Smart Licensing Using Policy."""

from collections.abc import Callable

from monitor.domain.facts import Fact
from monitor.domain.findings import Finding, Severity
from monitor.domain.state import DeviceState

D = 86_400
CRITICAL, WARNING = Severity.CRITICAL, Severity.WARNING
Facts = Callable[..., list[Fact]]
Judged = Callable[..., DeviceState]
Rungs = Callable[[DeviceState], dict[str, tuple[str, Severity]]]


def _only(state: DeviceState, rule: str) -> Finding:
    (finding,) = [finding for finding in state.findings if finding.rule == rule]
    return finding


def test_out_of_compliance_is_a_ticket_that_names_its_tags(
    said: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    facts = [
        *said(key="CUBE_T_STD", out_of_compliance=True, usage_count=9),
        *said(key="CUBE_T_ENH", usage_status="in_use", usage_count=3),
    ]
    state = judged(facts)
    assert rungs(state) == {"out_of_compliance": ("reported", WARNING)}
    assert "CUBE_T_STD" in state.findings[0].why
    assert state.out_of_compliance is True
    newer = said(now - 60, key="CUBE_T_STD", usage_status="authorized")
    assert rungs(judged([*facts, *newer])) == {}
    whole = judged(said(authorization="out_of_compliance"))
    assert "router as a whole" in whole.findings[0].why
    assert judged([]).out_of_compliance is None


def test_a_tag_that_left_the_list_is_not_out_of_compliance_for_ever(
    said: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    old = said(now - 9 * D, key="CUBE_T_STD", usage_count=9, usage_status="out_of_compliance")
    new = said(now - D, key="CUBE_TS_STD", usage_count=7, usage_status="in_use")
    state = judged([*old, *new])
    assert rungs(state) == {}
    assert state.in_use == {"CUBE_T_STD": 0, "CUBE_TS_STD": 7}


def test_counts_in_use_rise_by_a_request_but_never_fall_by_one(
    said: Facts, told: Facts, judged: Judged, now: int
) -> None:
    printed = said(now - D, key="CUBE_T_STD", usage_count=20)
    assert (
        judged([*printed, *told(key="CUBE_T_STD", requested_count=51)]).in_use["CUBE_T_STD"] == 51
    )
    assert judged([*printed, *told(key="CUBE_T_STD", requested_count=2)]).in_use["CUBE_T_STD"] == 20
    older = told(now - 2 * D, key="CUBE_T_STD", requested_count=99)
    assert judged([*printed, *older]).in_use["CUBE_T_STD"] == 20
    assert judged(told(key="CUBE_T_STD", requested_count=7)).in_use == {"CUBE_T_STD": 7}
    unsaid = said(now - 60, key="CUBE_T_ENH", usage_count=None)
    assert judged(unsaid).in_use == {}
    claimed = told(now, key="CUBE_T_STD", requested_count=None)
    assert judged([*printed, *claimed]).in_use == {"CUBE_T_STD": 20}


def test_before_the_policy_registration_and_authorization_count(
    said: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    expired = {"registration_expired": ("past_due", CRITICAL)}
    good = said(release="16.12.4", registration="registered", authorization="authorized")
    assert rungs(judged(good)) == {}
    assert rungs(judged([*good, *said(expires=now - 1)])) == expired
    assert rungs(judged([*good, *said(expires=now + 1)])) == {}
    assert judged([*good, *said(expires=now + D)]).next_due == now + D
    assert rungs(judged([*good, *said(authorization_deadline=now - 1)])) == expired
    state = judged(said(release="16.12.4", authorization="eval_expired"))
    assert "eval expired" in _only(state, "registration_expired").why
    assert rungs(judged(said(release="17.9.4", expires=now - 1))) == {}


def test_blocked_calls_page_unless_the_router_is_in_good_standing_again(
    said: Facts, judged: Judged, rungs: Rungs
) -> None:
    blocked = [
        *said(release="16.11.1"),
        *said(key="Smart Licensing Eval Expired", calls_blocked=12),
        *said(key="Smart Licensing Not Configured", calls_blocked=0),
    ]
    state = judged(blocked)
    assert rungs(state) == {"calls_blocked": ("blocked", CRITICAL)}
    assert "12 (Smart Licensing Eval Expired)" in state.findings[0].why
    good = said(registration="registered", authorization="authorized")
    assert rungs(judged([*blocked, *good])) == {"calls_blocked": ("before", WARNING)}
    modern = [fact for fact in blocked if fact.key] + said(release="17.9.4")
    assert rungs(judged(modern)) == {}
    bare = [*said(release="16.11.1"), *said(calls_blocked=3)]
    assert ": 3." in judged(bare).findings[0].why
