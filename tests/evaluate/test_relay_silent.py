"""A silent relay: one finding, and what it speaks for."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.domain.device import Device
from monitor.domain.facts import Fact
from monitor.domain.findings import FindingKey, Severity, Standing
from monitor.domain.state import DeviceState
from monitor.evaluate import Limits, covered, judge_shared, settle

D = 86_400
RELAY = "192.0.2.9"
LIMITS = Limits()
Facts = Callable[..., list[Fact]]
Judged = Callable[..., DeviceState]
Behind = Callable[..., DeviceState]


@pytest.fixture
def behind(said: Facts, told: Facts, judged: Judged, now: int) -> Behind:
    """A router whose syslog comes by a relay, heard so many days ago."""

    def state(
        name: str,
        days: float = 9,
        left: float | None = 60,
        relay: str | None = RELAY,
        **seen: float,
    ) -> DeviceState:
        facts = said(at=now - days * D, release="17.3.3")
        facts += told(at=now - days * D, deadline=None if left is None else now + left * D)
        facts += [replace(one, source="monitor") for one in said(at=now - 30 * D, relay=relay)]
        state = judged(facts, last_seen={"syslog": now - days * D, **seen})
        return replace(state, device=Device(id=name))

    return state


def rules(state: DeviceState) -> list[tuple[str, str]]:
    return [(one.rule, one.step) for one in state.findings if one.rule == "stale_data"]


def test_one_relay_is_one_warning_for_all(behind: Behind, now: int) -> None:
    devices = [behind(f"r{number}", 9 + number, 60 + number) for number in range(12)]
    (finding,) = shared = judge_shared(devices, now=now, limits=LIMITS)
    assert (finding.rule, finding.step) == ("relay_silent", "shared")
    assert (finding.subject, finding.severity) == ("relay 192.0.2.9", Severity.WARNING)
    assert (finding.deadline, len(finding.devices)) == (now + 60 * D, 12)
    assert finding.why.startswith("Nothing came by relay 192.0.2.9 for 9 days (since ")
    assert " of 12 devices: r0, r1, r10, " in finding.why
    assert "in 60 days" in finding.why
    assert "logger" in finding.next
    assert rules(devices[0]) == [("stale_data", "syslog")]
    assert {tuple(rules(one)) for one in covered(devices, shared, limits=LIMITS)} == {()}


def test_one_that_is_heard_proves_the_relay(behind: Behind, now: int) -> None:
    devices = [behind("r1"), behind("r2"), behind("r3", 8)]
    assert judge_shared(devices, now=now, limits=LIMITS) == ()
    assert len(judge_shared(devices[:2], now=now, limits=LIMITS)) == 1


def test_one_router_alone_keeps_its_own_finding(behind: Behind, now: int) -> None:
    devices = [behind("r1"), behind("r2", relay=None), behind("r3", relay="192.0.2.10")]
    assert [one.relay for one in devices] == [RELAY, None, "192.0.2.10"]
    assert judge_shared(devices, now=now, limits=LIMITS) == ()
    three = Limits(shared_cause_devices=3)
    assert judge_shared([behind("r1"), behind("r2")], now=now, limits=three) == ()


def test_relays_are_different_causes(behind: Behind, now: int) -> None:
    devices = [
        behind(name, relay=relay)
        for name, relay in (("r1", "b"), ("r2", "a"), ("r3", "b"), ("r4", "a"), ("r5", None))
    ]
    shared = judge_shared(devices, now=now, limits=LIMITS)
    assert [(one.subject, one.devices) for one in shared] == [
        ("relay a", ("r2", "r4")),
        ("relay b", ("r1", "r3")),
    ]
    only_a = covered(devices, shared[:1], limits=LIMITS)
    assert [bool(rules(one)) for one in only_a] == [True, False, True, False, True]


def test_a_router_never_heard_by_syslog_does_not_count(
    behind: Behind, said: Facts, judged: Judged, now: int
) -> None:
    facts = [replace(one, source="monitor") for one in said(relay=RELAY)]
    unheard = replace(judged(facts), device=Device(id="r3"))
    assert unheard.relay == RELAY
    assert judge_shared([behind("r1"), unheard], now=now, limits=LIMITS) == ()
    (finding,) = judge_shared([behind("r1"), behind("r2"), unheard], now=now, limits=LIMITS)
    assert finding.devices == ("r1", "r2")


def test_a_late_poll_is_another_cause(behind: Behind, now: int) -> None:
    devices = [behind("r1", cli=now - D), behind("r2", cli=now - 60.0)]
    shared = judge_shared(devices, now=now, limits=LIMITS)
    assert len(shared) == 1
    assert [rules(one) for one in devices] == [[("stale_data", "poll")], [("stale_data", "syslog")]]
    quiet = covered(devices, shared, limits=LIMITS)
    assert [rules(one) for one in quiet] == [[("stale_data", "poll")], []]


def test_deadlines_speak_for_themselves(behind: Behind, now: int) -> None:
    devices = [behind("r1", left=0.5), behind("r2", left=None)]
    (finding,) = shared = judge_shared(devices, now=now, limits=LIMITS)
    assert finding.deadline == now + 0.5 * D
    near, far = covered(devices, shared, limits=LIMITS)
    assert max(one.severity for one in near.findings) is Severity.CRITICAL
    assert (rules(near), rules(far)) == ([], [])
    (finding,) = judge_shared([devices[1], behind("r3", left=None)], now=now, limits=LIMITS)
    assert finding.why.endswith("No acknowledgement deadline is known among them.")


def test_the_last_to_be_late_wakes_the_judge(behind: Behind, now: int) -> None:
    last = behind("r2", 7.5)
    assert last.next_due is not None
    assert last.next_due <= now + D / 2
    assert judge_shared([behind("r1"), behind("r2", 8)], now=now, limits=LIMITS) == ()
    assert len(judge_shared([behind("r1"), behind("r2", 8.00001)], now=now, limits=LIMITS)) == 1


def test_it_is_held_as_a_communication_failure_is() -> None:
    key = FindingKey("relay_silent", "shared", "relay 192.0.2.9")
    standing = Standing(key=key, since=0, opened=0)
    assert settle({key: standing}, [], now=1000).next_due == 1300
