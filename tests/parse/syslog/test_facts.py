"""Messages to facts: what they are about, how well known, and effective since when."""

import pytest

from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.instants import DAY, instant
from monitor.parse import syslog

RECEIVED = instant("2021-04-03T15:12:10Z")
HEADER = "<190>4187: cube-1: Apr  3 15:12:00 UTC: "
SAID = instant("2021-04-03T15:12:00Z")


def facts(line: str, received: float = RECEIVED) -> list[Fact]:
    message = syslog.read(line.encode(), received)
    when = syslog.when(message.stamp, received, {})
    return list(syslog.facts(message, when, device="edge", received=received, authenticated=False))


def values(line: str) -> dict[tuple[FactName, str], object]:
    return {(fact.name, fact.key): fact.value for fact in facts(f"<190>1: : {line}")}


REQUIRED = "%SMART_LIC-6-REPORTING_REQUIRED: A Usage report acknowledgement will be required in"


def test_a_required_report_is_a_derived_deadline_with_its_times() -> None:
    deadline, name = facts(f"{HEADER}{REQUIRED} 89 days.")

    assert deadline == Fact(
        subject="edge",
        name=FactName.ACK_DEADLINE,
        source="syslog",
        value=SAID + 89 * DAY,
        kind=FactKind.DERIVED,
        received=RECEIVED,
        effective=SAID,
        device_time=SAID,
        authenticated=False,
        text="A Usage report acknowledgement will be required in 89 days.",
    )
    assert (name.name, name.value) == (FactName.HOST_NAME, "cube-1")


@pytest.mark.parametrize(
    ("stamp", "base"),
    [
        ("Apr  3 15:12:00 UTC", SAID),
        ("Apr  3 15:13:00 UTC", RECEIVED),
        ("*Apr  3 15:12:00 UTC", RECEIVED),
        (".Apr  3 15:12:00 UTC", RECEIVED),
        ("Apr  3 15:12:00 IST", RECEIVED),
        ("Mar  1 15:12:00 UTC", RECEIVED),
        ("Mar 30 15:12:10 UTC", RECEIVED - 4 * DAY),
        ("2d03h", RECEIVED),
    ],
)
def test_a_derived_deadline_is_the_earliest_plausible(stamp: str, base: float) -> None:
    (deadline,) = facts(f"<190>4187: {stamp}: {REQUIRED} 14 days.")

    assert deadline.value == base + 14 * DAY


def test_a_deadline_cut_away_is_no_deadline() -> None:
    assert values(f"{REQUIRED}") == {}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "%SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco (CSSM) : No route",
            {("communication", ""): "failed", ("communication_peer", ""): "CSSM"},
        ),
        (
            "%SMART_LIC-5-COMM_RESTORED: Communications with Cisco Utility (CSLU) restored",
            {("communication", ""): "restored", ("communication_peer", ""): "CSLU"},
        ),
        (
            "%SMART_LIC-4-REPORTING_NOT_SUPPORTED: Smart Agent ... is down rev",
            {("reporting_supported", ""): False},
        ),
        ("%SMART_LIC-3-OUT_OF_COMPLIANCE: x", {("out_of_compliance", ""): True}),
        ("%SMART_LIC-5-IN_COMPLIANCE: x", {("out_of_compliance", ""): False}),
        ("%SMART_LIC-6-TRUST_CODE_INSTALL_SUCCESS: x", {("trust_code", ""): RECEIVED}),
        ("%SMART_LIC-6-TRUST_CODE_REMOVED: x", {("trust_code", ""): None}),
        ("%SMART_LIC-3-TRUST_CODE_INSTALL_FAILED: x: y", {}),
        ("%SIP-1-LICENSING: SIP service is Up. Report acknowledged.", {("sip_service", ""): "up"}),
        ("%CUBE-1-LICENSING: SIP service is Down.", {("sip_service", ""): "down"}),
        (
            "%SIP-5-LICENSING: CUBE license reporting period has been set to 8 hours.",
            {("period_hours", ""): 8},
        ),
        (
            "%CUBE-5-LICENSE_INFO: Requesting for 3 CUBE Enhanced trunk licenses",
            {("requested_count", "CUBE_T_ENH"): 3},
        ),
        ("%CUBE-5-LICENSE_INFO: Requesting for 3 CUBE Quantum trunk licenses", {}),
        ("%CUBE-3-LICENSING:  SIP trunking (CUBE) licensing is now based on sessions", {}),
        ("%SMART_LIC-6-SOMETHING_NEW: x", {}),
        ("%SYS-5-CONFIG_I: x", {}),
    ],
)
def test_messages_become_facts(line: str, expected: dict[tuple[str, str], object]) -> None:
    assert values(line) == expected


def test_a_communication_failure_keeps_its_reason() -> None:
    failed, _ = facts("%SMART_LIC-3-COMM_FAILED: Communications failure with X : No route")

    assert failed.text == "No route"


@pytest.mark.parametrize("origin", ["10.20.30.40", "2001:db8::5", "site-7 sbc", "-x", "a" * 255])
def test_an_origin_that_is_no_host_name_names_no_host(origin: str) -> None:
    line = f"<190>1: {origin}: Apr  3 15:12:00 UTC: %SMART_LIC-6-AGENT_READY: x"
    names = [fact.value for fact in facts(line)]

    assert names == ([origin] if origin.startswith("a") else [])


def test_messages_of_other_facilities_give_no_facts_not_even_a_host_name() -> None:
    assert facts(f"{HEADER}%SYS-5-CONFIG_I: x") == []


def test_texts_of_facts_are_bounded() -> None:
    (fact,) = facts(f"%SMART_LIC-3-OUT_OF_COMPLIANCE: {'x' * 5000}")

    assert len(fact.text) == 255


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("%RG_PROTOCOL-5-ROLECHANGE: RG id 1 role change from Standby to Active",
         FactName.RG_ROLE, "active"),
        ("%VOICE_HA-2-SWITCHOVER_IND: SWITCHOVER, from STANDBY_HOT to ACTIVE state.",
         FactName.RG_ROLE, "active"),
        ("%REDUNDANCY-3-STANDBY_LOST: Standby processor fault (PEER_NOT_PRESENT)",
         FactName.HA_COMMUNICATION, "down"),
        ("%RF-5-RF_RELOAD: Peer reload. Reason: EHSA standby down",
         FactName.HA_COMMUNICATION, "down"),
        ("%RF-5-RF_TERMINAL_STATE: Terminal state reached for (SSO)",
         FactName.HA_COMMUNICATION, "up"),
    ],
)  # fmt: skip
def test_redundancy_messages_tell_roles_and_the_link(line: str, name: FactName, value: str) -> None:
    assert values(line) == {(name, ""): value}


def test_a_processor_that_sees_its_peer_says_no_role() -> None:
    assert values("%IOSXE_REDUNDANCY-6-PEER: Active detected switch 1 as standby.") == {
        (FactName.HA_COMMUNICATION, ""): "up"
    }
    assert values("%RG_PROTOCOL-5-ROLECHANGE: RG id 1 role change from Init to Disabled") == {}
