"""Accounts, shared causes, and the lives of findings."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from monitor.domain.device import Device
from monitor.domain.facts import Fact
from monitor.domain.findings import Finding, FindingKey, Severity, Standing
from monitor.domain.release import Stopping
from monitor.domain.state import Account, AccountState, AckCycle, DeviceState
from monitor.evaluate import Limits, Settled, covered, judge_account, judge_shared, settle

D = 86_400
H = 3_600
LIMITS = Limits()
Facts = Callable[..., list[Fact]]
Judged = Callable[..., DeviceState]


def _using(name: str, **counts: int) -> DeviceState:
    return DeviceState(
        device=Device(id=name),
        now=0,
        release=None,
        stopping=Stopping.NEVER,
        cycle=AckCycle(),
        virtual_account="va",
        in_use=counts,
    )


def _account(devices: Sequence[DeviceState], **purchased: int) -> AccountState:
    account = Account(name="va", purchased=purchased)
    return judge_account(account, devices, now=0, limits=LIMITS)


def test_a_balance_is_purchased_minus_what_all_devices_use() -> None:
    state = _account([_using("a", CUBE_T_STD=20), _using("b", CUBE_T_STD=31)], CUBE_T_STD=50)
    (balance,) = state.balances
    assert (balance.balance, balance.devices) == (-1, ("a", "b"))
    (finding,) = state.findings
    assert finding.key == ("insufficient_licenses", "CUBE_T_STD", "va")
    assert finding.severity is Severity.WARNING
    assert finding.raise_after == H


def test_voice_gateway_and_aggregate_are_never_short() -> None:
    used = _using("a", CUBE_T_VGW=500, AGG=70, CUBE_T_STD=1)
    state = _account([used], CUBE_T_STD=5, CUBE_T_VGW=0, AGG=0)
    assert [balance.tag for balance in state.balances] == ["CUBE_T_STD"]
    assert state.findings == ()


def test_a_tag_nobody_bought_is_missing_where_purchases_are_known() -> None:
    used = _using("a", CUBE_T_ENH=3, uck9=1)
    assert [b.tag for b in _account([used], CUBE_T_STD=5).balances] == ["CUBE_T_ENH", "CUBE_T_STD"]
    (unknown,) = _account([used]).balances
    assert (unknown.tag, unknown.purchased, unknown.balance, unknown.in_use) == (
        "CUBE_T_ENH",
        None,
        None,
        3,
    )
    assert _account([used]).findings == ()


def test_flex_tags_draw_on_what_is_owned() -> None:
    state = _account([_using("a", CUBE_TS_STD=20, CUBE_T_STD=25)], CUBE_T_STD=50)
    assert [(b.tag, b.in_use) for b in state.balances] == [("CUBE_T_STD", 45)]
    other = _account([_using("a", CUBE_T_STD=20)], CUBE_TS_STD=10)
    assert [(b.tag, b.balance) for b in other.balances] == [("CUBE_TS_STD", -10)]
    both = _account([_using("a", CUBE_TS_STD=20)], CUBE_T_STD=50, CUBE_TS_STD=30)
    assert [(b.tag, b.in_use) for b in both.balances] == [("CUBE_TS_STD", 20), ("CUBE_T_STD", 0)]


def test_platform_licences_missing_are_for_information() -> None:
    state = _account([_using("a", uck9=2)], uck9=1)
    assert [finding.severity for finding in state.findings] == [Severity.INFO]


def _play(*steps: tuple[float, int]) -> list[tuple[float, int]]:
    """(hour, use) in; (hour, open findings) out, with 50 purchased."""
    standings: dict[FindingKey, Standing] = {}
    seen = []
    for hour, use in steps:
        state = _account([_using("a", CUBE_T_STD=use)], CUBE_T_STD=50)
        settled = settle(standings, state.findings, now=hour * H)
        standings |= {standing.key: standing for standing in settled.changed}
        seen.append((hour, len(settled.open)))
    return seen


def test_a_shortage_is_raised_after_an_hour_and_held_for_one() -> None:
    steps = ((0, 20), (1, 51), (1.9, 51), (2, 51), (2.5, 49), (3.4, 49), (3.5, 49))
    assert _play(*steps) == [(0, 0), (1, 0), (1.9, 0), (2, 1), (2.5, 1), (3.4, 1), (3.5, 0)]


def test_a_shortage_that_ends_just_as_it_was_long_enough_is_seen() -> None:
    assert _play((1, 51), (2, 49), (2.9, 49), (3, 49)) == [(1, 0), (2, 1), (2.9, 1), (3, 0)]


def test_a_short_shortage_is_never_seen() -> None:
    assert _play((0, 51), (0.5, 20), (2, 20), (3, 51)) == [(0, 0), (0.5, 0), (2, 0), (3, 0)]


def test_a_balance_of_zero_holds_a_shortage_but_raises_none() -> None:
    held = ((0, 51), (1, 51), (2, 50), (9, 50), (10, 49), (11, 49))
    assert _play(*held) == [(0, 0), (1, 1), (2, 1), (9, 1), (10, 1), (11, 0)]
    assert _play((0, 50), (9, 50), (10, 49)) == [(0, 0), (9, 0), (10, 0)]
    # Half an hour short, then zero: the next shortage is counted from its own start.
    assert _play((0, 51), (0.5, 50), (0.6, 51), (1.5, 51), (1.6, 51))[-2:] == [(1.5, 0), (1.6, 1)]


def test_a_shortage_that_comes_back_while_held_is_the_same_one() -> None:
    steps = ((0, 51), (1, 51), (2, 49), (2.5, 51), (3.1, 49), (4, 49), (4.2, 49))
    assert [count for _, count in _play(*steps)] == [0, 1, 1, 1, 1, 1, 0]


def test_a_spell_that_ends_as_it_has_lasted_for_long_enough_has_lasted_it() -> None:
    # Short for an hour, then nothing is left over: that is held like any shortage.
    assert _play((0, 51), (1, 50), (3, 50), (4, 49), (5, 49))[1:] == [
        (1, 1),
        (3, 1),
        (4, 1),
        (5, 0),
    ]
    # Good for an hour, then short again: the next shortage has to last for an hour of its own.
    again = ((0, 51), (1, 51), (2, 49), (3, 51), (3.9, 51), (4, 51))
    assert [count for _, count in _play(*again)] == [0, 1, 1, 0, 0, 1]
    assert [count for _, count in _play((0, 51), (1, 49), (2, 50), (9, 50))] == [0, 1, 0, 0]


FINDING = Finding(
    rule="ack_overdue", step="overdue", subject="r1", severity=Severity.CRITICAL, why="", next=""
)


def test_a_finding_opens_at_once_and_resolves_at_once() -> None:
    opened = settle({}, [FINDING], now=100)
    (standing,) = opened.changed
    assert (standing.since, standing.opened, standing.resolved) == (100, 100, None)
    assert [one.finding for one in opened.open] == [FINDING]

    same = settle({FINDING.key: standing}, [FINDING], now=200)
    assert same.changed == []
    assert same.open[0].standing.since == 100

    gone = settle({FINDING.key: standing}, [], now=300)
    assert [one.resolved for one in gone.changed] == [300]
    assert gone.open == []

    again = settle({FINDING.key: gone.changed[0]}, [FINDING], now=400)
    assert (again.changed[0].since, again.changed[0].resolved) == (400, None)
    assert settle({FINDING.key: gone.changed[0]}, [], now=500) == Settled(changed=[], open=[])


def test_a_spell_after_a_whole_hold_is_another_one() -> None:
    key = FindingKey("cssm_unreachable", "shared", "CSSM")
    held = Standing(key=key, since=0, opened=0, clear_since=100)
    finding = replace(FINDING, rule=key.rule, step=key.step, subject=key.subject)
    (same,) = settle({key: held}, [finding], now=399).open
    assert (same.standing.since, same.standing.clear_since) == (0, None)
    (other,) = settle({key: held}, [finding], now=400).open
    assert (other.standing.since, other.standing.opened) == (400, 400)


def test_what_opened_is_resolved_before_its_next_spell_begins() -> None:
    key = FindingKey("insufficient_licenses", "CUBE_T_STD", "va")
    held = Standing(key=key, since=0, opened=H, clear_since=2 * H)
    short = replace(FINDING, rule=key.rule, step=key.step, subject=key.subject, raise_after=H)
    settled = settle({key: held}, [short], now=3 * H)
    assert [(one.since, one.resolved) for one in settled.changed] == [(0, 3 * H), (3 * H, None)]
    assert settled.next_due == 4 * H


def test_a_pending_finding_says_when_it_will_open() -> None:
    slow = replace(FINDING, raise_after=60)
    pending = settle({}, [slow], now=100)
    assert (pending.open, pending.next_due) == ([], 160)
    (standing,) = pending.changed
    assert settle({slow.key: standing}, [slow], now=160).open[0].standing.opened == 160


def test_settling_twice_changes_nothing_more() -> None:
    once = settle({}, [FINDING], now=100)
    standings = {standing.key: standing for standing in once.changed}
    assert settle(standings, [FINDING], now=100).changed == []


def test_a_held_finding_says_that_it_is_held() -> None:
    key = FindingKey("cssm_unreachable", "shared", "CSSM")
    standing = Standing(key=key, since=0, opened=0)
    settled = settle({key: standing}, [], now=1000)
    (one,) = settled.open
    assert "held open" in one.finding.why
    assert settled.next_due == 1300
    assert settled.changed[0].clear_since == 1000


def test_what_is_for_information_stays_so_while_it_is_held() -> None:
    for rule, step in (("insufficient_licenses", "uck9"), ("usage_drift", "CUBE_T_STD")):
        key = FindingKey(rule, step, "va")
        (one,) = settle({key: Standing(key=key, since=0, opened=0)}, [], now=1000).open
        assert one.finding.severity is Severity.INFO


@pytest.fixture
def failing(said: Facts, told: Facts, judged: Judged, now: int) -> Callable[..., DeviceState]:
    def state(name: str, left: float | None = 25, peer: str = "CSSM") -> DeviceState:
        deadline = None if left is None else now + left * D
        facts = [
            *said(
                release="17.3.3",
                deadline=deadline,
                push=now + D,
                sent=now - 9 * D,
                acked=now - 9 * D,
            ),
            *told(communication="failed", peer=peer),
        ]
        return replace(judged(facts), device=Device(id=name))

    return state


def test_one_cause_makes_one_finding(failing: Callable[..., DeviceState], now: int) -> None:
    devices = [failing(f"r{number}", 25 + number) for number in range(400)]
    (finding,) = shared = judge_shared(devices, now=now, limits=LIMITS)
    assert (finding.subject, finding.severity) == ("CSSM", Severity.WARNING)
    assert finding.why.startswith("400 devices cannot reach CSSM: r0, r1, ")
    assert (finding.deadline, len(finding.devices)) == (now + 25 * D, 400)
    quiet = covered(devices, shared, limits=LIMITS)
    assert [state.findings for state in quiet] == [()] * 400


def test_devices_near_their_deadline_still_page(
    failing: Callable[..., DeviceState], now: int
) -> None:
    devices = [failing("far"), failing("near", 5)]
    shared = judge_shared(devices, now=now, limits=LIMITS)
    far, near = covered(devices, shared, limits=LIMITS)
    assert far.findings == ()
    assert [finding.severity for finding in near.findings] == [Severity.CRITICAL]


def test_one_device_or_another_peer_is_no_shared_cause(
    failing: Callable[..., DeviceState], judged: Judged, now: int
) -> None:
    devices = [failing("a"), failing("b", peer="CSLU"), judged([])]
    assert judge_shared(devices, now=now, limits=LIMITS) == ()
    assert covered(devices, (), limits=LIMITS) == tuple(devices)


def test_a_peer_without_a_name_is_cssm_and_deadlines_may_be_unknown_or_past(
    failing: Callable[..., DeviceState], told: Facts, judged: Judged, now: int
) -> None:
    unnamed = [judged(told(communication="failed"))] * 2
    (finding,) = judge_shared(unnamed, now=now, limits=LIMITS)
    assert finding.subject == "CSSM"
    assert "No acknowledgement deadline" in finding.why
    overdue = [failing("a", -2), failing("b")]
    assert "2 days ago" in judge_shared(overdue, now=now, limits=LIMITS)[0].why


def test_a_failure_that_costs_nothing_is_no_shared_cause(
    said: Facts, told: Facts, judged: Judged, now: int
) -> None:
    harmless = judged([*said(required=False, deadline=now + D), *told(communication="failed")])
    serious = judged(told(communication="failed"))
    assert judge_shared([harmless, harmless, serious], now=now, limits=LIMITS) == ()
    (finding,) = judge_shared([harmless, serious, serious], now=now, limits=LIMITS)
    assert (len(finding.devices), finding.deadline) == (2, None)
