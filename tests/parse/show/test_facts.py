"""What outputs tell: exact, effective when polled, nothing where nothing was printed."""

from typing import Any

import pytest

from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.domain.instants import HOUR
from monitor.parse.show import facts, read

POLLED_AT = 1_700_000_000.0


def told(text: str, **zones: int) -> dict[tuple[FactName, str], Fact]:
    found = list(facts(read(text, zones=zones), device="cube", received=POLLED_AT))
    return {(fact.name, fact.key): fact for fact in found}


def values(text: str, **zones: int) -> dict[tuple[FactName, str], Value]:
    return {key: fact.value for key, fact in told(text, **zones).items()}


def case_text(golden: list[Any], name: str) -> str:
    return str(next(case.text for case in golden if case.name == name))


def test_the_17_3_2_status_tells_the_whole_cycle(golden: list[Any]) -> None:
    said = values(case_text(golden, "license_status/17.3.2_chapter"))
    assert said == {
        (FactName.ZONE_OFFSET, "IST"): 19_800,
        (FactName.ACK_REQUIRED, ""): True,
        **{
            (FactName.FIRST_REPORT_DAYS, name): days
            for name, days in (
                ("perpetual", 365),
                ("subscription", 90),
                ("enforced", 90),
                ("export", 90),
            )
        },
        **{
            (FactName.REPORTING_FREQUENCY_DAYS, name): 90
            for name in ("perpetual", "subscription", "enforced", "export")
        },
        **{
            (FactName.REPORT_ON_CHANGE_DAYS, name): days
            for name, days in (
                ("perpetual", 90),
                ("subscription", 80),
                ("enforced", 80),
                ("export", 90),
            )
        },
        (FactName.LAST_ACK, ""): None,
        (FactName.ACK_DEADLINE, ""): 1590461685,
        (FactName.NEXT_ACK_CHECK, ""): None,
        (FactName.NEXT_PUSH, ""): 1592189685,
        (FactName.LAST_PUSH, ""): None,
        (FactName.LAST_FILE_WRITE, ""): None,
        (FactName.LAST_PULL, ""): None,
        (FactName.REPORTING_INTERVAL_DAYS, ""): 30,
        (FactName.TRANSPORT, ""): "callhome",
        (FactName.TRUST_CODE, ""): None,
        (FactName.POLLED, "show license status"): POLLED_AT,
    }


def test_every_fact_is_exact_authenticated_and_true_when_polled(golden: list[Any]) -> None:
    found = list(
        facts(
            read("\n".join(case.text for case in golden)),
            device="cube",
            received=POLLED_AT,
            source="gnmi",
        )
    )
    assert len(found) > 50
    for fact in found:
        assert fact.subject == "cube"
        assert fact.source == "gnmi"
        assert fact.kind is FactKind.EXACT
        assert fact.authenticated
        assert fact.received == fact.effective == POLLED_AT


def test_an_instant_of_an_unknown_zone_is_its_earliest_bound(golden: list[Any]) -> None:
    text = case_text(golden, "license_status/agent_5.11_proxy_pdt")
    fact = told(text)[FactName.ACK_DEADLINE, ""]
    known = told(text, PDT=14 * HOUR)[FactName.ACK_DEADLINE, ""]
    assert (fact.bound, fact.text) == (True, "Feb 16 11:05:11 2025 PDT")
    assert fact.value == known.value
    assert not known.bound


def test_nothing_due_is_told_as_none(golden: list[Any]) -> None:
    said = values(case_text(golden, "license_status/nothing_due"))
    assert said[FactName.ACK_DEADLINE, ""] is None
    assert said[FactName.ACK_REQUIRED, ""] is False
    assert said[FactName.REPORTING_INTERVAL_DAYS, ""] == 0
    assert (FactName.LAST_PULL, "") not in said


def test_accounts_and_trust_of_members(golden: list[Any]) -> None:
    said = values(case_text(golden, "license_status/agent_5.3_acknowledged"))
    assert said[FactName.SMART_ACCOUNT, ""] == "Example Telecom, Inc."
    assert said[FactName.VIRTUAL_ACCOUNT, ""] == "Voice, Edge (North)"
    assert said[FactName.POLICY_NAME, ""] == "SLE Policy"
    assert (
        values(case_text(golden, "license_status/agent_5.7_cslu_telemetry"))[
            FactName.SMART_ACCOUNT, ""
        ]
        is None
    )
    members = values(case_text(golden, "license_status/agent_5.3_members"))
    assert members[FactName.TRUST_CODE, ""] == 1654079872
    assert members[FactName.TRANSPORT, ""] == "off"


def test_before_using_policy_registration_and_authorization_are_told(golden: list[Any]) -> None:
    said = values(case_text(golden, "license_status/agent_4.8_out_of_compliance"))
    assert said[FactName.REGISTRATION, ""] == "unregistered - registration failed"
    assert said[FactName.AUTHORIZATION, ""] == "out_of_compliance"
    assert said[FactName.OUT_OF_COMPLIANCE, ""] is True
    assert said[FactName.AUTHORIZATION_DEADLINE, ""] == 1612147996
    assert (FactName.ACK_DEADLINE, "") not in said


def test_usage_is_told_by_tag(golden: list[Any]) -> None:
    said = values(case_text(golden, "license_usage/policy_enforcement_type"))
    assert said[FactName.USAGE_COUNT, "CUBE_T_STD"] == 64
    assert said[FactName.USAGE_STATUS, "CUBE_T_VGW"] == "not_in_use"
    assert said[FactName.OUT_OF_COMPLIANCE, "CUBE_T_STD"] is False
    short = values(case_text(golden, "license_usage/2019_out_of_compliance"))
    assert short[FactName.OUT_OF_COMPLIANCE, "CUBE_T_ENH"] is True
    assert short[FactName.OUT_OF_COMPLIANCE, ""] is True


def test_a_router_that_uses_no_licence_says_so_as_a_list() -> None:
    authorized = "License Authorization:\n  Status: AUTHORIZED\n\n"
    said = values(f"r1#show license usage\n{authorized}No licenses in use\nr1#\n")
    assert said[FactName.USAGE_LISTED, ""] == 0
    silent = values(f"r1#show license usage\n{authorized}r1#\n")
    assert (FactName.USAGE_LISTED, "") not in silent


def test_a_summary_without_rows_may_be_cut_off_and_is_no_list() -> None:
    table = "License Usage:\n  License                 Entitlement Tag      Count Status\n"
    said = values(f"r1#show license summary\nRegistration:\n  Status: REGISTERED\n{table}r1#\n")
    assert said[FactName.REGISTRATION, ""] == "registered"
    assert (FactName.USAGE_LISTED, "") not in said


def test_a_tag_cut_by_the_summary_tells_nothing(golden: list[Any]) -> None:
    said = values(case_text(golden, "license_summary/policy_account"))
    assert {key for name, key in said if name is FactName.USAGE_COUNT} == {
        "CUBE_T_ENH",
        "CUBE_T_STD",
    }


def test_only_the_latest_row_of_a_recent_list_counts(golden: list[Any]) -> None:
    text = case_text(golden, "voice_sip_license_status/2019_requests")
    said = values(text)
    assert said[FactName.RECENT_COUNT, "CUBE_T_STD"] == 10
    assert said[FactName.OUT_OF_COMPLIANCE, "CUBE_T_STD"] is True
    later = text + "Nov 25 2019 14:46:00 IST 1 Authorized\n"
    assert values(later)[FactName.OUT_OF_COMPLIANCE, "CUBE_T_STD"] is False
    assert (FactName.PERIOD_HOURS, "") not in said


def test_the_voice_status_tells_service_period_and_clock(golden: list[Any]) -> None:
    found = told(case_text(golden, "voice_sip_license_status/policy_two_kinds"))
    assert found[FactName.SIP_SERVICE, ""].value == "up"
    assert found[FactName.PERIOD_HOURS, ""].value == 8
    assert found[FactName.HOST_NAME, ""].value == "cube-a"
    assert found[FactName.NEXT_RECORD, ""].value == 1706972400
    assert found[FactName.CLOCK_OFFSET, ""].value == 1706951533 - POLLED_AT
    assert found[FactName.NEXT_RECORD, ""].device_time == 1706951533
    assert found[FactName.RECENT_COUNT, "CUBE_T_ENH"].value == 2
    down = told(case_text(golden, "voice_sip_license_status/policy_days_down"))
    assert down[FactName.SIP_SERVICE, ""].value == "down"
    assert down[FactName.PERIOD_HOURS, ""].value == 168
    assert (FactName.CLOCK_OFFSET, "") not in down


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("Up", "up"),
        ("Down", "down"),
        ("Shutdown", "shutdown"),
        ("administratively down", "shutdown"),
        ("Sideways", None),
    ],
)
def test_words_for_the_sip_service(words: str, state: str | None) -> None:
    said = values(f"Host Name: r1\nSIP service: {words}\n")
    assert said.get((FactName.SIP_SERVICE, "")) == state


def test_cube_status_tells_release_and_blocked_calls(golden: list[Any]) -> None:
    said = values(case_text(golden, "cube_status/16.12_calls_blocked"))
    assert said[FactName.RELEASE, ""] == "16.12.4"
    assert said[FactName.PLATFORM, ""] == "ISR4451-X/K9"
    assert said[FactName.HA_TYPE, ""] == "none"
    assert said[FactName.LICENSED_CAPACITY, ""] == 100
    assert said[FactName.CALLS_BLOCKED, "Smart Licensing Eval Expired"] == 14
    dynamic = values(case_text(golden, "cube_status/17.15_dynamic_count"))
    assert dynamic[FactName.DYNAMIC_USAGE_COUNT, ""] == 42


def test_the_udi_of_licensing_is_believed_before_that_of_show_version(golden: list[Any]) -> None:
    version = case_text(golden, "version/17.6.1a_isr")
    alone = told(version)[FactName.UDI, ""]
    assert (alone.value, alone.kind) == ("PID:ISR4351/K9,SN:FDO00000ABC", FactKind.DERIVED)
    both = told(version + case_text(golden, "license_udi/plain"))[FactName.UDI, ""]
    assert (both.value, both.kind) == ("PID:C8000V,SN:9EXAMPLE001", FactKind.EXACT)


def test_all_tells_what_the_smaller_commands_tell(golden: list[Any]) -> None:
    said = values(case_text(golden, "license_all/17.3_chapter"))
    assert said[FactName.ACK_DEADLINE, ""] == 1638885367
    assert said[FactName.USAGE_COUNT, "CUBE_T_STD"] == 121
    assert said[FactName.UDI, ""] == "PID:C8000V,SN:93POM8FF9IZ"
    assert said[FactName.AGENT_VERSION, ""] == "5.1.21_rel/96"


def test_of_two_outputs_of_one_command_the_last_is_believed() -> None:
    text = "CUBE-Version : 14.1\nSW-Version : 17.3.2, Platform CSR1000V\nHA-Type : none\n"
    said = values(text + text.replace("17.3.2", "17.9.4a"))
    assert said[FactName.RELEASE, ""] == "17.9.4a"


def test_what_only_the_first_of_two_outputs_says_is_not_lost() -> None:
    first, second = "Next ACK deadline: <none>\n", "Trust Code Installed: <none>\n"
    said = values(f"r1#sh lic stat\n{first}r1#sh lic stat\n{second}r1#\n")
    assert said[FactName.ACK_DEADLINE, ""] is None
    assert said[FactName.TRUST_CODE, ""] is None


def test_an_output_that_says_nothing_tells_nothing() -> None:
    assert told("r1#show cube status\n% Invalid input detected\nr1#\n") == {}


def test_the_clock_alone_tells_its_offset(golden: list[Any]) -> None:
    said = values(case_text(golden, "clock/ntp"))
    assert said[FactName.CLOCK_OFFSET, ""] == 1706951533 - POLLED_AT


def test_pairs_tell_their_roles_and_states(golden: list[Any]) -> None:
    states = values(case_text(golden, "redundancy_states/active_sso"))
    group = values(case_text(golden, "redundancy_application_group/standby"))
    assert states[FactName.HA_STATE, ""] == "active"
    assert states[FactName.HA_PEER_STATE, ""] == "standby_hot"
    assert states[FactName.HA_COMMUNICATION, ""] == "up"
    assert group[FactName.RG_ROLE, ""] == "standby"
    assert group[FactName.RG_PEER_ROLE, ""] == "active"
    assert group[FactName.HA_COMMUNICATION, "group"] == "up"
    assert group[FactName.HA_STATE, "group"] == "standby_hot"
    assert group[FactName.HA_PEER_STATE, "group"] == "active"


def test_a_licence_in_use_tells_the_role_and_the_peer(golden: list[Any]) -> None:
    said = values(case_text(golden, "license_usage/17.18_flex_application"))
    assert said[FactName.RG_ROLE, "application"] == "standby"
    assert said[FactName.RG_PEER_ROLE, "application"] == "active"
    assert said[FactName.PEER_UDI, "application"] == "PID:C8200L-1N-4T,SN:FGL0000AAAA"
    assert said[FactName.PEER_HOST_NAME, ""] == "edge-left"


def test_a_list_of_members_tells_the_peers() -> None:
    text = (
        "r1#show license udi\nUDI: PID:ASR1006,SN:A1\nHA UDI List:\n"
        "    Active:PID:ASR1006,SN:A1\n    Standby:PID:ASR1006,SN:B2\n"
    )
    assert values(text)[FactName.PEER_UDI, "standby"] == "PID:ASR1006,SN:B2"


def test_words_that_are_not_known_tell_nothing() -> None:
    text = "Sending Hostname: yes\nTransport:\n  Type: Pigeon\n  URL: https://a.example\n"
    assert set(values(text)) == {
        (FactName.TRANSPORT_URL, ""),
        (FactName.POLLED, "show license status"),
    }
    spoilt = "CUBE-Version : 14.1\nSW-Version : never\nHA-Type : sideways\n"
    assert set(values(spoilt)) == {(FactName.POLLED, "show cube status")}


def test_a_list_of_an_unknown_kind_tells_no_count() -> None:
    text = "Recent use of license(s) for CUBE Lunar Trunk\nFeb 02 2024 15:00:00 UTC 12\n"
    assert set(values(text)) == {(FactName.POLLED, "show voice sip license status")}


def test_a_licence_without_a_tag_tells_nothing() -> None:
    text = "License Usage\n=====\nHandle: 1\n  License: x\n  Count: 3\n"
    assert set(values(text)) == {(FactName.POLLED, "show license tech support")}


def test_parts_of_a_section_tell_what_they_hold() -> None:
    registering = "Registration:\n  Registration Expires: <none>\n"
    assert values(registering)[FactName.REGISTRATION_EXPIRES, ""] is None
    late = "License Authorization:\n  Communication Deadline: <none>\n"
    assert values(late)[FactName.AUTHORIZATION_DEADLINE, ""] is None
    nameless = "(CUBE_T_STD):\n  Description: x\n  Count: 3\n  Status: UNHEARD OF\n"
    said = values(nameless)
    assert said[FactName.USAGE_STATUS, "CUBE_T_STD"] == "unheard_of"
    assert (FactName.OUT_OF_COMPLIANCE, "CUBE_T_STD") not in said


def test_missing_udis_and_versions_tell_nothing() -> None:
    assert FactName.UDI not in {name for name, _ in values("r1#show license udi\nHA UDI List:\n")}
    assert FactName.UDI not in {name for name, _ in values("r1 uptime is 1 day, 2 hours\n")}
    text = "Smart Licensing Status\n======\nAgent Version\n===\nSmart Agent for Licensing: 5.3.1\n"
    assert FactName.UDI not in {name for name, _ in values(text)}
