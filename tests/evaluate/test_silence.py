"""Silence of sources: stale data, and findings that rest on it."""

from collections.abc import Callable

from monitor.domain.facts import Fact
from monitor.domain.findings import Finding, Severity
from monitor.domain.state import DeviceState

D = 86_400
H = 3_600
CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO
Facts = Callable[..., list[Fact]]
Judged = Callable[..., DeviceState]
Rungs = Callable[[DeviceState], dict[str, tuple[str, Severity]]]


def _only(state: DeviceState, rule: str) -> Finding:
    (finding,) = [finding for finding in state.findings if finding.rule == rule]
    return finding


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
