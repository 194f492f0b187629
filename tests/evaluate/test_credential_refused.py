"""A refused credential: one finding, and what it speaks for."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.domain.device import Device
from monitor.domain.facts import Fact
from monitor.domain.findings import FindingKey, Severity, Standing
from monitor.domain.state import DeviceState
from monitor.evaluate import Limits, covered, judge_shared, settle

D = 86_400
LIMITS = Limits()
Facts = Callable[..., list[Fact]]
Judged = Callable[..., DeviceState]
Refusing = Callable[..., DeviceState]


@pytest.fixture
def refusing(said: Facts, judged: Judged, now: int) -> Refusing:
    """A router that was not polled for a day."""

    def state(name: str, left: float | None = 60, **refused: str | None) -> DeviceState:
        deadline = None if left is None else now + left * D
        facts = said(
            at=now - D, release="17.3.3", deadline=deadline, push=now + D, acked=now - 30 * D
        )
        facts += [
            replace(fact, source="monitor")
            for manner, credential in refused.items()
            for fact in said(key=manner, credential_refused=credential)
        ]
        return replace(judged(facts, last_seen={"cli": now - D}), device=Device(id=name))

    return state


def rules(state: DeviceState) -> list[str]:
    return [finding.rule for finding in state.findings]


def test_one_credential_is_one_warning_for_all(refusing: Refusing, now: int) -> None:
    devices = [refusing(f"r{number}", 60 + number, ssh="noc") for number in range(12)]
    (finding,) = shared = judge_shared(devices, now=now, limits=LIMITS)
    assert (finding.rule, finding.step) == ("credential_refused", "shared")
    assert (finding.subject, finding.severity) == ("ssh credential noc", Severity.WARNING)
    assert (finding.deadline, len(finding.devices)) == (now + 60 * D, 12)
    assert finding.why.startswith("12 devices refuse ssh credential noc: r0, r1, r10, ")
    assert "in 60 days" in finding.why
    assert rules(devices[0]) == ["stale_data"]
    assert {tuple(rules(one)) for one in covered(devices, shared, limits=LIMITS)} == {()}


def test_one_device_keeps_its_own_finding_with_the_reason(refusing: Refusing, now: int) -> None:
    alone = refusing("r1", ssh="noc", snmp="watch")
    assert judge_shared([alone, refusing("r2")], now=now, limits=LIMITS) == ()
    (stale,) = alone.findings
    assert "It refuses snmp credential watch and ssh credential noc." in stale.why
    assert "refuses" not in refusing("r2").findings[0].why


def test_manners_and_names_are_different_causes(refusing: Refusing, now: int) -> None:
    devices = [refusing("r1", ssh="noc"), refusing("r2", snmp="noc"), refusing("r3", ssh="other")]
    assert judge_shared(devices, now=now, limits=LIMITS) == ()
    three = Limits(shared_cause_devices=3)
    two = [refusing("r1", ssh="noc"), refusing("r2", ssh="noc")]
    assert judge_shared(two, now=now, limits=three) == ()
    assert len(judge_shared([*two, refusing("r3", ssh="noc")], now=now, limits=three)) == 1


def test_a_login_that_works_ends_it(refusing: Refusing, now: int) -> None:
    devices = [refusing("r1", ssh="noc"), refusing("r2", ssh=None)]
    assert devices[1].refusals == {}
    assert judge_shared(devices, now=now, limits=LIMITS) == ()


def test_deadlines_speak_for_themselves(refusing: Refusing, now: int) -> None:
    devices = [refusing("r1", 0.5, ssh="noc"), refusing("r2", None, ssh="noc")]
    (finding,) = shared = judge_shared(devices, now=now, limits=LIMITS)
    assert finding.deadline == now + 0.5 * D
    near, far = covered(devices, shared, limits=LIMITS)
    assert max(one.severity for one in near.findings) is Severity.CRITICAL
    assert "stale_data" not in rules(near)
    assert "stale_data" not in rules(far)


def test_no_deadline_is_no_deadline(refusing: Refusing, now: int) -> None:
    devices = [refusing("r1", None, ssh="noc"), refusing("r2", None, ssh="noc")]
    (finding,) = judge_shared(devices, now=now, limits=LIMITS)
    assert finding.deadline is None
    assert finding.why.endswith("No acknowledgement deadline is known among them.")


def test_others_are_left_alone(refusing: Refusing, now: int) -> None:
    two = [refusing("r1", ssh="noc"), refusing("r2", ssh="noc")]
    other = refusing("r3", ssh="spare")
    shared = judge_shared([*two, other], now=now, limits=LIMITS)
    assert covered([other], shared, limits=LIMITS) == (other,)


def test_silence_of_what_devices_tell_is_not_for_want_of_a_login(
    told: Facts, said: Facts, judged: Judged, now: int
) -> None:
    facts = [
        *told(at=now - 9 * D, communication="restored"),
        *[replace(one, source="monitor") for one in said(key="ssh", credential_refused="noc")],
    ]
    devices = [
        replace(judged(facts, last_seen={"syslog": now - 9 * D}), device=Device(id=name))
        for name in ("r1", "r2")
    ]
    shared = judge_shared(devices, now=now, limits=LIMITS)
    quiet = covered(devices, shared, limits=LIMITS)
    found = [one for one in quiet[0].findings if one.rule == "stale_data"]
    assert [(one.step, "refuses" in one.why) for one in found] == [("syslog", False)]


def test_it_is_held_as_a_communication_failure_is() -> None:
    key = FindingKey("credential_refused", "shared", "ssh credential noc")
    standing = Standing(key=key, since=0, opened=0)
    assert settle({key: standing}, [], now=1000).next_due == 1300
