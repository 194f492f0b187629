"""Rules beside the acknowledgement table, and what findings say."""

from collections.abc import Callable

import pytest

from monitor.domain.facts import Fact
from monitor.domain.findings import Finding, Severity
from monitor.domain.release import Stopping
from monitor.domain.state import DeviceState
from monitor.evaluate import Limits

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


def test_no_reporting_is_told_of_releases_before_the_policy_too(
    said: Facts, judged: Judged, now: int
) -> None:
    state = judged(said(release="16.9.1"), last_seen={"cli": now - 9 * D})
    assert "no report deadline" in _only(state, "stale_data").why


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
