"""A paste is split into outputs, commands are recognised, times get their zones."""

from typing import Any

import pytest

from monitor.parse.show import COMMANDS, hosts, named, read
from monitor.parse.show.license_data import LicenseStatus, LicenseUsage
from monitor.parse.show.text import LONGEST_INPUT
from monitor.parse.show.voice_sip_license_status import VoiceSipLicenseStatus

STATUS = """\
Utility:
  Status: DISABLED

Usage Reporting:
  Last ACK received: {zone}
  Next ACK deadline: May 26 08:24:45 2020 IST
  Reporting Interval: 30

Trust Code Installed: <none>
"""
CUBE = "CUBE-Version : 14.1\nSW-Version : 17.3.2, Platform CSR1000V\nHA-Type : none\n"
USAGE = """\
License Authorization:
  Status: Not Applicable

CUBE_T_STD (CUBE_T_STD):
  Description: CUBE_T_STD
  Count: 12
  Version: 1.0
  Status: IN USE
  Export status: NOT RESTRICTED
"""


def commands(text: str, command: str = "") -> list[str]:
    return [output.command.removeprefix("show ") for output in read(text, command=command)]


def status(text: str, **zones: int) -> LicenseStatus:
    data = read(text, zones=zones)[0].data
    assert isinstance(data, LicenseStatus)
    return data


def deadline(text: str, **zones: int) -> int | None:
    reporting = status(text, **zones).usage_reporting
    assert reporting is not None
    assert reporting.next_ack_deadline is not None
    return reporting.next_ack_deadline.utc


def test_outputs_without_any_prompt_are_told_apart() -> None:
    text = STATUS.format(zone="<none>") + CUBE + USAGE
    assert commands(text) == ["license status", "cube status", "license usage"]
    assert all(not output.warnings[1:] for output in read(text))


def test_outputs_in_the_other_order_are_told_apart() -> None:
    assert commands(USAGE + CUBE + STATUS) == ["license usage", "cube status", "license status"]


def test_the_authorization_above_usage_is_not_taken_for_one_of_the_status() -> None:
    first, second = (output.data for output in read(STATUS.format(zone="<none>") + USAGE))
    assert isinstance(first, LicenseStatus)
    assert isinstance(second, LicenseUsage)
    assert first.authorization is None
    assert second.authorization is not None


def test_one_output_twice_is_two() -> None:
    assert commands(CUBE + CUBE) == ["cube status", "cube status"]
    assert commands(STATUS + STATUS) == ["license status", "license status"]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("sh lic stat", "show license status"),
        ("show license status | section Usage", "show license status"),
        ("SHO LIC U", None),
        ("sh lic us", "show license usage"),
        ("sh ver", "show version"),
        ("do sh cube st", "show cube status"),
        ("show license summary (active)", "show license summary"),
        ("sh lic tech", "show license tech support"),
        ("show license tech support", "show license tech support"),
        ("show license s", None),
        ("show", None),
        ("show ip route", None),
        ("license status", None),
        ("", None),
    ],
)
def test_commands_may_be_shortened_as_operators_do(words: str, name: str | None) -> None:
    assert named(words) == name


def test_every_command_has_its_own_name() -> None:
    assert [named(name) for name in COMMANDS] == list(COMMANDS)


def test_prompts_name_command_and_host() -> None:
    text = f"Cube-1#terminal length 0\nCube-1#sh cube stat\n{CUBE}Cube-1#sh ver\n% Invalid input\n"
    first, second = read(text)
    assert (first.command, first.host, first.warnings) == ("show cube status", "Cube-1", ())
    assert second.warnings == ("the device refused show version: % Invalid input",)
    assert not second.said
    assert hosts([first, second]) == {"cube-1"}


def test_output_of_other_commands_is_left_out() -> None:
    text = f"r1#show ip route\nGateway of last resort\nStatus: x\nr1#show cube status\n{CUBE}r1#\n"
    assert commands(text) == ["cube status"]


def test_an_output_that_says_nothing_is_warned_of() -> None:
    (output,) = read("r1#show cube status\nhello\nr1#")
    assert output.warnings == ("nothing in this output of show cube status is understood",)


def test_nothing_known_gives_nothing() -> None:
    assert list(read("")) == []
    assert list(read("interface GigabitEthernet1\n shutdown\n")) == []


def test_the_caller_may_name_the_command() -> None:
    line = "Count: 5\n"
    assert commands(line) == []
    assert commands(line, "show license usage") == ["license usage"]
    assert commands(line, "show nonsense") == []


def test_bullets_of_a_document_end_an_output() -> None:
    text = f"cube#show cube status\n{CUBE}\n• show license usage—Displays usage.\nSome prose.\n"
    (output,) = read(text)
    assert output.data.unparsed.count == 0


def test_two_devices_in_one_paste_are_warned_of() -> None:
    text = f"cube-1#show cube status\n{CUBE}cube-2#show cube status\n{CUBE}cube-2#\n"
    said = "outputs of several devices are mixed: cube-1, cube-2"
    assert [output.warnings for output in read(text)] == [(said,), (said,)]


def test_the_time_of_the_command_is_its_clock() -> None:
    text = "Load for five secs: 1%/0%; one minute: 0%; five minutes: 0%\n"
    text += "Time source is NTP, .05:30:30.132 UTC Fri Oct 22 2021\n" + CUBE
    (output,) = read("r1#show cube status\n" + text)
    assert output.clock is not None
    assert output.clock.utc == 1634880630
    (bare,) = read(text)
    assert bare.clock == output.clock


# Zones


def test_an_epoch_date_explains_its_zone_word_in_the_whole_paste() -> None:
    text = STATUS.format(zone="Jan 01 05:30:00 1970 IST")
    assert deadline(text) == 1590461685
    reporting = status(text).usage_reporting
    assert reporting is not None
    assert reporting.last_ack_received is not None
    assert reporting.last_ack_received.none


@pytest.mark.parametrize(
    ("epoch", "east"),
    [
        ("Dec 31 19:00:00 1969 IST", -5),
        ("Jan 01 14:00:00 1970 IST", 14),
        ("Dec 31 10:00:00 1969 ist", -14),
        ("Jan 01 00:00:00 1970 IST", 0),
    ],
)
def test_the_epoch_is_found_on_both_sides_of_greenwich(epoch: str, east: int) -> None:
    assert deadline(STATUS.format(zone=epoch)) == 1590481485 - east * 3600


def test_two_epochs_that_disagree_explain_nothing() -> None:
    text = STATUS.format(zone="Jan 01 05:30:00 1970 IST") + "Valid: Jan 01 02:00:00 1970 IST\n"
    assert deadline(text) is None


def test_what_the_caller_says_of_a_zone_comes_first() -> None:
    text = STATUS.format(zone="Jan 01 05:30:00 1970 IST")
    assert deadline(text, ist=7_200) == 1590481485 - 7_200


def test_an_unknown_zone_word_is_named_once_and_never_guessed() -> None:
    text = STATUS.format(zone="May 01 08:24:45 2020 IST")
    assert deadline(text) is None
    (output,) = read(text)
    (warning,) = output.warnings
    assert "IST" in warning
    assert "--timezone IST=+HH:MM" in warning


@pytest.mark.parametrize("words", ["<none>", "None", "Not Available", "<empty>", "Not Applicable"])
def test_words_for_no_time(words: str) -> None:
    reporting = status(STATUS.format(zone=words)).usage_reporting
    assert reporting is not None
    assert reporting.last_ack_received is not None
    assert reporting.last_ack_received.none


@pytest.mark.parametrize(
    "words", ["May 32 08:24:45 2020 UTC", "Foo 01 08:24:45 2020 UTC", "soon", "May 1 2020 UTC"]
)
def test_text_that_is_no_time_is_missing_and_warned_of(words: str) -> None:
    (output,) = read(STATUS.format(zone=words))
    assert isinstance(output.data, LicenseStatus)
    assert output.data.usage_reporting is not None
    assert output.data.usage_reporting.last_ack_received is None
    assert any(words in warning for warning in output.warnings)


def test_a_time_without_a_zone_word_has_no_utc() -> None:
    (output,) = read(STATUS.format(zone="May 01 08:24:45 2020").replace(" IST", " UTC"))
    assert any("no zone word" in warning for warning in output.warnings)


# Limits and broken text


def test_a_value_that_may_be_cut_is_warned_of() -> None:
    assert read(USAGE.split("  Version", maxsplit=1)[0])[0].warnings == ()
    (output,) = read(USAGE.split("2\n  Version", maxsplit=1)[0])
    assert output.warnings == (
        "the text ends in 'Count: 1' without a line end: its value may be cut",
    )


def test_a_value_that_cannot_go_on_is_not_warned_of() -> None:
    assert read(CUBE.rstrip())[0].warnings == ()
    assert read(USAGE.rstrip())[0].warnings == ()


def test_input_beyond_the_limit_is_left_out_and_said() -> None:
    (output,) = read(CUBE + f"{'x' * 3_000}\n" * (LONGEST_INPUT // 3_000))
    assert "longer than" in output.warnings[-1]
    assert output.data.unparsed.count > 20
    assert len(output.data.unparsed.lines) == 20


def test_lines_beyond_the_limit_are_left_out_and_said() -> None:
    (output,) = read(CUBE + "\n" * 200_000)
    assert "more than 200000 lines" in output.warnings[-1]


def test_outputs_beyond_the_limit_are_left_out_and_said() -> None:
    outputs = read(f"a#show cube status\n{CUBE}" * 510)
    assert len(outputs) == 500
    assert "more than 500 outputs" in outputs[-1].warnings[-1]


def test_warnings_are_bounded() -> None:
    lines = "".join(f"Trust Code Installed: {number}x\n" for number in range(100))
    (output,) = read("Utility:\n  Status: DISABLED\n" + lines)
    assert output.warnings[-1] == "and 60 more warnings"


def test_bytes_that_are_no_text_are_warned_of() -> None:
    (output,) = read(CUBE.replace("14.1", "14.\x01"))
    assert any("no text" in warning for warning in output.warnings)


def test_a_number_broken_over_two_lines_is_warned_of() -> None:
    (output,) = read(USAGE.replace("12", "1\n2"))
    assert any("may be broken" in warning for warning in output.warnings)


def test_a_lost_heading_is_warned_of(golden: list[Any]) -> None:
    text = next(case.text for case in golden if case.name == "license_status/17.3.2_chapter")
    (output,) = read(text.replace("Subscription Attributes:\n", ""))
    assert any("a line may be missing" in warning for warning in output.warnings)
    data = output.data
    assert isinstance(data, LicenseStatus)
    assert data.policy is not None
    assert data.policy.attributes["subscription"] is None
    perpetual = data.policy.attributes["perpetual"]
    assert perpetual is not None
    assert perpetual.first_report_days == 365


def warned(text: str) -> str:
    return "\n".join(warning for output in read(text) for warning in output.warnings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CUBE + "Calls blocked (Full Moon) : 3\n", "'Full Moon' is not a known reason"),
        (
            CUBE + "Calls blocked (Smart Licensing Eval Expired) : 3\n" * 2,
            "",
        ),
        (
            CUBE
            + "Calls blocked (Smart Licensing Eval Expired) : 3\n"
            + "Calls blocked (Smart Licensing Eval Expired) : 4\n",
            "twice with different numbers",
        ),
        (CUBE + "HA-Type : hot-standby-card-to-card\n", "ha_type is printed twice"),
        ("SIP service: Up\nLicense use recorded every: often\n", "interval: 'often' is not"),
        ("Recent use of license(s) for CUBE Lunar Trunk\n", "of a known kind"),
        ("SIP service: Up\nFeb 02 2024 15:00:00 UTC 12\n", "has no heading"),
        ("Group ID:1\nMy Role: KING\n", "'KING' is not a known role"),
        (
            "Peer Comm: Yes\nGroup ID:1\nMy Role: ACTIVE\nMy Role: STANDBY\nPeer Role: ACTIVE\n",
            "comes twice in one group",
        ),
        ("my state = 13 -STANDBY HOT\n", "number and name agree"),
        ("my state = ACTIVE\n", "not a numbered state"),
        ("my state = 13 -ACTIVE\nCommunications = Sideways\n", "is not Up or Down"),
        ("Product Information\nUDI: none\n", "not a PID and a serial number"),
        ("Usage Report Summary:\nTotal: many\n", "'many' is not two numbers"),
        ("r1 uptime is a while\n", "'a while' is not a number of weeks"),
        ("Policy in use: x\nReporting ACK required: maybe (CISCO default)\n", "not yes or no"),
        ("Policy in use: x\nReporting ACK required: yes (CISCO\n", "a value and its origin"),
        ("Next ACK deadline: <none>\nReporting push interval: weekly\n", "a number of days"),
        ("Next ACK deadline: <none>\nReporting push interval: None\n", ""),
        ("Registration:\n  Status: CONFUSED\n", "a known state of registration"),
        ("License Authorization:\n  Status: CONFUSED\n", "a known state of authorization"),
        ("Last Renewal Attempt: CONFUSED on May 01 01:01:01 2020 UTC\n", ""),
        ("Initial Registration: CONFUSED\n", "SUCCEEDED or FAILED"),
        (
            "Trust Code Installed:\nStandby: PID:A,SN:B\nINSTALLED on May 01 01:01:01 2020 UTC\n",
            "none of them is active",
        ),
        (
            "Smart Licensing Status\n====\nCUBE_T_NEW (CUBE_T_NEW):\n Count: 1\n",
            "not among the tags",
        ),
        (USAGE + USAGE.split("\n\n")[1], "printed twice"),
    ],
)
def test_what_is_odd_is_said(text: str, said: str) -> None:
    assert said in warned(text)
    assert said or not warned(text)


def test_a_list_whose_heading_is_lost_has_no_kind(golden: list[Any]) -> None:
    text = next(
        case.text for case in golden if case.name == "voice_sip_license_status/policy_two_kinds"
    )
    (output,) = read(text.replace("Recent use of license(s) for CUBE Enhanced Trunk\n", ""))
    assert isinstance(output.data, VoiceSipLicenseStatus)
    kinds = [row.kind for row in output.data.recent or ()]
    assert kinds == ["Standard", "Standard", "Standard", None, None]


def test_unheard_of_sections_are_kept_and_hide_nothing_behind_them() -> None:
    text = (
        "Utility:\n  Status: DISABLED\nWeather Report:\n  Status: FINE\n"
        "Trust Code Installed:\n  Active: PID:A,SN:B\n"
        "    INSTALLED on May 01 01:01:01 2020 UTC by hand\n"
    )
    data = status(text)
    assert data.unparsed.lines[:2] == ("Weather Report:", "Status: FINE")
    assert data.utility == "DISABLED"
    assert data.trust_code_installed is not None
    assert data.trust_code_installed.utc == 1588294861


def test_an_unheard_of_part_of_a_licence_hides_nothing_behind_it() -> None:
    (output,) = read(USAGE + "  Horoscope:\n  Enforcement type: NOT ENFORCED\n")
    assert isinstance(output.data, LicenseUsage)
    assert output.data.entitlements is not None
    assert output.data.entitlements[0].enforcement_type == "NOT ENFORCED"
    assert output.data.unparsed.count == 1


def test_the_evaluation_period_is_understood() -> None:
    text = (
        "Registration:\n  Status: UNREGISTERED\nLicense Authorization:\n  Status: EVAL MODE\n"
        "  Evaluation Period Remaining: 89 days, 23 hours, 51 minutes\nEvaluation Period:\n"
        "  EVALUATION PERIOD EXPIRED on Nov 9 23:46:35 2017 UTC\nCommunication Deadline: NONE\n"
    )
    (output,) = read(text)
    assert output.warnings == ()
    assert output.data.unparsed.count == 0


def test_twelve_hour_clocks_are_read() -> None:
    text = STATUS.format(zone="02:50:16 PM Wednesday Nov 13 2019 UTC")
    reporting = status(text).usage_reporting
    assert reporting is not None
    assert reporting.last_ack_received is not None
    assert reporting.last_ack_received.utc == 1573656616
