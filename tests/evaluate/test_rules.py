"""Rules beside the acknowledgement table, and what findings say."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.domain.facts import Fact
from monitor.domain.findings import Finding, Severity
from monitor.domain.release import Stopping
from monitor.domain.state import DeviceState
from monitor.evaluate import Limits
from monitor.evaluate.catalogue import (
    ACCOUNT_RULES,
    DEVICE_RULES,
    PAIR_RULES,
    SHARED_RULES,
    SUMMARIES,
)

D = 86_400
H = 3_600
CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO
Facts = Callable[..., list[Fact]]
Judged = Callable[..., DeviceState]
Rungs = Callable[[DeviceState], dict[str, tuple[str, Severity]]]
Speaking = Callable[[DeviceState], list[Finding]]


def _only(state: DeviceState, rule: str) -> Finding:
    (finding,) = [finding for finding in state.findings if finding.rule == rule]
    return finding


def test_the_service_stopped_by_the_licence_speaks_for_the_cycle(
    said: Facts, judged: Judged, speaking: Speaking, now: int
) -> None:
    facts = said(release="17.6.1a", deadline=now - H, push=now - 2 * D, sent=None, sip="down")
    state = judged(facts)
    (page,) = speaking(state)
    assert page.rule == "sip_service_down"
    assert "stops calls then" in page.why
    assert {f.inhibited_by for f in state.findings} == {"", "sip_service_down"}


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        ({"release": "17.6.1a", "deadline": 5 * D, "push": D}, "operator's shutdown"),
        ({"release": "17.6.1a", "deadline": None}, "No acknowledgement is due"),
        ({"release": "17.9.4", "deadline": -D}, "does not stop it at a deadline"),
        ({"release": "16.11.1"}, "does not stop it at a deadline"),
        ({"registration": "registered"}, "Release of this age"),
        ({"release": "17.6.1a"}, "cause is unknown"),
        ({"deadline": -D}, "cause is unknown"),
    ],
)
def test_the_service_down_for_other_reasons_does_not_blame_the_licence(
    said: Facts, judged: Judged, now: int, printed: dict[str, object], words: str
) -> None:
    moments = {
        name: now + value if name in ("deadline", "push") and isinstance(value, int) else value
        for name, value in printed.items()
    }
    page = _only(judged(said(**moments, sip="down")), "sip_service_down")
    assert page.severity is CRITICAL
    assert words in page.why
    assert "stops calls then" not in page.why


def test_a_shutdown_said_as_such_is_an_operators(said: Facts, judged: Judged, now: int) -> None:
    state = judged(said(release="17.6.1a", deadline=now - D, sip="shutdown"))
    assert "An operator shut it down" in _only(state, "sip_service_down").why


def test_nothing_is_judged_where_nothing_is_due(
    said: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    silent = {"push": None, "sent": None, "acked": None, "trust": None}
    none = judged(said(release="17.6.1a", deadline=None, interval=0, **silent))
    assert rungs(none) == {"no_reporting": ("interval", INFO)}
    optional = judged(said(release="17.6.1a", deadline=now - D, required=False, **silent))
    assert rungs(optional) == {}
    assert none.next_due is None
    assert none.thresholds == {}


def test_an_interval_of_none_with_a_deadline_is_judged(
    said: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    state = judged(said(release="17.6.1a", deadline=now + 10 * D, push=None, interval=0))
    assert rungs(state) == {"pull_due": ("14d", WARNING)}


def test_transport_off_plans_no_push_whatever_is_printed(
    said: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    facts = said(release="17.6.1a", deadline=now + 20 * D, push=now + 40 * D, transport="off")
    written = said(written=now - D, acked=now - 9 * D)
    state = judged([*facts, *written])
    assert rungs(state) == {"pull_due": ("30d", INFO)}
    assert "its ACK is not imported" in _only(state, "pull_due").why
    assert set(state.thresholds) == {"3d", "7d", "14d", "30d", "24h"}


def test_the_last_report_is_the_latest_of_push_pull_and_file(
    said: Facts, judged: Judged, now: int
) -> None:
    state = judged(said(sent=now - 9 * D, pulled=now - 2 * D, written=now - 3 * D))
    assert state.cycle.last_push is not None
    assert state.cycle.last_push.value == now - 2 * D
    none = judged(said(sent=None, written=None))
    assert none.cycle.last_push is not None
    assert none.cycle.last_push.value is None


def test_a_missing_trust_code_is_named_with_the_late_push(
    said: Facts, judged: Judged, speaking: Speaking, now: int
) -> None:
    facts = said(
        release="17.3.2",
        deadline=now + 25 * D,
        push=now + 45 * D,
        acked=None,
        sent=None,
        trust=None,
    )
    (ticket,) = speaking(judged(facts))
    assert ticket.rule == "push_planned_too_late"
    assert "No trust code" in ticket.why
    assert "license smart trust idtoken" in ticket.next
    assert ticket.deadline == now + 25 * D


def test_a_release_that_goes_on_is_never_said_to_stop(
    said: Facts, judged: Judged, now: int
) -> None:
    for left in (-5, 1, 2, 6, 13, 29):
        facts = said(
            release="17.9.4", deadline=now + left * D, push=now - 3 * D, sent=None, acked=None
        )
        state = judged(facts)
        assert all(finding.severity < CRITICAL for finding in state.findings)
        assert all("does not stop calls" in finding.why for finding in state.findings)


def test_an_unknown_or_unclear_release_is_treated_as_stopping_and_says_so(
    said: Facts, judged: Judged, now: int
) -> None:
    unknown = _only(judged(said(deadline=now - D)), "ack_overdue")
    assert unknown.severity is CRITICAL
    assert "release is unknown" in unknown.why
    unclear = _only(judged(said(release="17.3.2a", deadline=now - D)), "ack_overdue")
    assert unclear.severity is CRITICAL
    assert "17.3.2a may be one" in unclear.why


def test_voice_gateway_use_alone_never_stops(
    said: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    overdue = said(release="17.6.1a", deadline=now - D)
    gateway = said(key="CUBE_T_VGW", usage_count=40)
    state = judged([*overdue, *gateway])
    assert state.stopping is Stopping.NEVER
    assert rungs(state)["ack_overdue"] == ("overdue", WARNING)
    assert "calls go on" in _only(state, "ack_overdue").why
    trunk = said(key="CUBE_T_STD", usage_count=1)
    assert rungs(judged([*overdue, *gateway, *trunk]))["ack_overdue"] == ("overdue", CRITICAL)


def test_missed_pushes_are_tickets_where_the_deadline_is_not_known(
    said: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    state = judged(said(release="17.6.1a", push=now - 5 * H, sent=now - 3 * D, acked=None))
    assert rungs(state) == {
        "push_overdue": ("late", WARNING),
        "sent_not_acknowledged": ("sent", WARNING),
    }
    assert "which is not known" in state.findings[0].why


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


def test_a_poll_is_late_after_three_intervals_of_the_interval_then_in_force(
    said: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    far = said(release="17.9.4", deadline=now + 60 * D, push=now + 30 * D)
    near = said(release="17.9.4", deadline=now + 10 * D, push=now + D)
    stale = {"stale_data": ("poll", WARNING)}
    assert rungs(judged(far, last_seen={"cli": now - 18 * H})) == {}
    assert rungs(judged(far, last_seen={"cli": now - 18 * H - 1})) == stale
    assert judged(far, last_seen={"cli": now - H}).next_due == now + 17 * H
    assert rungs(judged(near, last_seen={"cli": now - 3 * H})) == {}
    state = judged(near, last_seen={"cli": now - 3 * H - 1, "syslog": now})
    assert rungs(state) == stale
    assert state.stale
    # Polled counters say nothing of deadlines.
    assert rungs(judged(near, last_seen={"cli": now - 4 * H, "snmp": now})) == stale
    assert rungs(judged([], last_seen={"snmp": now - 19 * H})) == stale
    # Readings keep no rhythm that a poll would have.
    assert rungs(judged(far, last_seen={"cli": now, "readings": 0})) == {}


def test_silence_of_syslog_is_a_ticket_only_where_nothing_better_speaks(
    said: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    late = {"syslog": now - 8 * D - 1}
    assert rungs(judged([], last_seen={"syslog": now - 8 * D})) == {}
    alone = judged([], last_seen=late)
    assert rungs(alone) == {"stale_data": ("syslog", WARNING)}
    assert alone.stale
    polled = judged(said(deadline=None), last_seen={**late, "cli": now - H})
    assert rungs(polled) == {"stale_data": ("syslog", INFO)}
    assert not polled.stale
    counted = judged([], last_seen={**late, "snmp": now - H / 2})
    assert rungs(counted) == {"stale_data": ("syslog", WARNING)}


def test_findings_stay_and_are_marked_when_their_source_falls_silent(
    said: Facts, judged: Judged, now: int
) -> None:
    facts = said(now - 9 * D, release="17.3.2", deadline=now - D, trust=None)
    state = judged(facts, last_seen={"cli": now - 9 * D})
    overdue = _only(state, "ack_overdue")
    assert overdue.severity is CRITICAL
    assert overdue.stale
    assert "last heard 9 days ago" in overdue.why
    warning = _only(state, "stale_data")
    assert (warning.stale, warning.inhibited_by) == (False, "")
    assert "17.3.2 stops SIP calls" in warning.why


def test_a_finding_of_a_live_source_is_not_stale_when_another_is(
    said: Facts, told: Facts, judged: Judged, now: int
) -> None:
    facts = [*said(release="17.9.4", deadline=None), *told(sip="down", communication="failed")]
    state = judged(facts, last_seen={"cli": now - 9 * D, "syslog": now})
    assert not _only(state, "sip_service_down").stale


def test_no_reporting_is_told_of_releases_before_the_policy_too(
    said: Facts, judged: Judged, now: int
) -> None:
    state = judged(said(release="16.9.1"), last_seen={"cli": now - 9 * D})
    assert "no report deadline" in _only(state, "stale_data").why


def test_a_failure_to_communicate_pages_only_near_a_deadline_that_stops_calls(
    said: Facts, told: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    failed = told(communication="failed", peer="CSSM")

    def rung(**printed: object) -> tuple[str, Severity]:
        return rungs(judged([*failed, *said(**printed)]))["communication_failed"]

    plan = {"push": now + D, "sent": None}
    assert rung(release="17.3.3", deadline=now + 8 * D, **plan) == ("failed", WARNING)
    assert rung(release="17.3.3", deadline=now + 7 * D, **plan) == ("7d", CRITICAL)
    assert rung(release="17.9.4", deadline=now + 7 * D, **plan) == ("failed", WARNING)
    assert rung(release="17.3.3", deadline=None) == ("failed", INFO)
    assert rung(release="16.9.1") == ("failed", WARNING)
    assert "licence server" in judged(told(communication="failed")).findings[0].why


def test_communication_is_restored_by_word_or_by_a_newer_acknowledgement(
    said: Facts, told: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    failed = told(now - H, communication="failed", peer="CSSM")
    state = judged(failed)
    assert (state.communication_failed_since, state.communication_peer) == (now - H, "CSSM")
    assert rungs(judged([*failed, *told(communication="restored")])) == {}
    acked = said(acked=now - 1800, deadline=now + 60 * D, push=now + D, release="17.9.4")
    assert rungs(judged([*failed, *acked])) == {}
    assert judged([*failed, *acked]).communication_failed_since is None


def test_the_reason_of_a_failure_is_told(told: Facts, judged: Judged) -> None:
    (failed,) = told(communication="failed")
    why = judged([replace(failed, text="no route")]).findings[0].why
    assert "(no route)" in why


def test_the_last_day_pages_once_more_before_an_older_page(
    said: Facts, judged: Judged, speaking: Speaking, now: int
) -> None:
    facts = said(release="17.3.3", deadline=now + 2 * D, push=now + 40 * D)
    assert [f.rule for f in speaking(judged(facts))] == ["push_planned_too_late"]
    assert [f.rule for f in speaking(judged(facts, now=now + D))] == ["ack_backstop"]


def test_numbers_come_from_the_limits(said: Facts, judged: Judged, rungs: Rungs, now: int) -> None:
    facts = said(release="17.3.3", deadline=now + 20 * D, push=now + 40 * D)
    state = judged(facts, limits=Limits(push_too_late_critical_days=20))
    assert rungs(state) == {"push_planned_too_late": ("20d", CRITICAL)}
    assert state.thresholds["20d"] == 20 * D


@pytest.mark.parametrize("number", [-1.0, float("nan"), float("inf")])
def test_a_limit_is_a_number_of_zero_or_more(number: float) -> None:
    with pytest.raises(ValueError, match="pull_info_days"):
        Limits(pull_info_days=number)


def test_the_state_carries_what_showing_and_accounts_need(
    said: Facts, judged: Judged, now: int
) -> None:
    state = judged(said(account="Voice Edge"), last_seen={"cli": now})
    assert state.virtual_account == "Voice Edge"
    assert judged(said(account="Voice Edge"), virtual_account="Other").virtual_account == "Other"
    assert judged([]).virtual_account is None
    assert state.last_seen == {"cli": now}
    assert len(state.facts) == 1


def test_every_rule_is_named_for_its_file_and_summed_up() -> None:
    names = [
        *(rule.name for rule in DEVICE_RULES),
        *(rule.name for rule in ACCOUNT_RULES),
        *(rule.name for rule in SHARED_RULES),
        *(rule.name for rule in PAIR_RULES),
    ]
    assert sorted(names) == sorted(SUMMARIES)
    assert len(set(names)) == len(names)
    for rule in DEVICE_RULES:
        assert rule.find.__module__ == f"monitor.evaluate.{rule.name}"
        # Where a rule speaks of tags, its steps are their names.
        assert rule.steps or rule.name == "usage_drift"
        assert rule.runbook == rule.name.replace("_", "-")
