"""Twenty lines in the dialects that IOS, IOS XE, IOS XR and relays write, field by field."""

from typing import NamedTuple

import pytest

from monitor.domain.instants import instant, rfc3339
from monitor.parse import syslog

RECEIVED = instant("2021-04-03T15:30:00Z")
ZONES = {"IST": 19_800}


class Expected(NamedTuple):
    pri: int
    mnemonic: str | None
    origin: str | None
    counter: int | None
    sequence: int | None
    time: str | None
    clock: str
    text: str
    relay: str | None = None


REQUEST = "CUBE-5-LICENSE_INFO"
LINES = {
    "<189>81: *Mar  1 00:00:41.120: %CUBE-5-LICENSE_INFO: Requesting for 2 CUBE Standard trunk "
    "licenses": Expected(
        *(189, REQUEST, None, 81, None, "2021-03-01T00:00:41.120Z", "unsynchronised"),
        "Requesting for 2 CUBE Standard trunk licenses",
    ),
    "<189>4182: Apr  3 15:11:54: %CUBE-5-LICENSE_INFO: Requesting for 10 CUBE Standard trunk "
    "licenses": Expected(
        *(189, REQUEST, None, 4182, None, "2021-04-03T15:11:54Z", "synchronised"),
        "Requesting for 10 CUBE Standard trunk licenses",
    ),
    "<189>4183: Apr  3 15:11:54.207: %CUBE-5-LICENSE_INFO: Requesting for 3 CUBE Enhanced trunk "
    "licenses": Expected(
        *(189, REQUEST, None, 4183, None, "2021-04-03T15:11:54.207Z", "synchronised"),
        "Requesting for 3 CUBE Enhanced trunk licenses",
    ),
    "<189>4184: Apr  3 20:41:54.207 IST: %CUBE-5-LICENSE_INFO: Requesting for 3 CUBE Enhanced "
    "trunk licenses": Expected(
        *(189, REQUEST, None, 4184, None, "2021-04-03T15:11:54.207Z", "synchronised"),
        "Requesting for 3 CUBE Enhanced trunk licenses",
    ),
    "<189>4185: Apr  3 2021 20:41:54.207 IST: %SMART_LIC-5-COMM_RESTORED: Communications with "
    "Cisco Smart License Utility (CSLU) restored": Expected(
        *(189, "SMART_LIC-5-COMM_RESTORED", None, 4185, None),
        *("2021-04-03T15:11:54.207Z", "synchronised"),
        "Communications with Cisco Smart License Utility (CSLU) restored",
    ),
    "<187>4186: .Apr  3 2021 20:42:10.001 IST: %SMART_LIC-3-COMM_FAILED: Communications failure "
    "with the Cisco Smart Software Manager (CSSM) : Communications failure": Expected(
        *(187, "SMART_LIC-3-COMM_FAILED", None, 4186, None),
        *("2021-04-03T15:12:10.001Z", "lost"),
        "Communications failure with the Cisco Smart Software Manager (CSSM) : Communications"
        " failure",
    ),
    "<190>4187: cube-1: Apr  3 15:12:00.004 UTC: %SMART_LIC-6-REPORTING_REQUIRED: A Usage report "
    "acknowledgement will be required in 89 days.": Expected(
        *(190, "SMART_LIC-6-REPORTING_REQUIRED", "cube-1", 4187, None),
        *("2021-04-03T15:12:00.004Z", "synchronised"),
        "A Usage report acknowledgement will be required in 89 days.",
    ),
    "<190>4188: 10.20.30.40: Apr  3 15:12:01.004 UTC: %SMART_LIC-6-REPORTING_REQUIRED: A Usage "
    "report acknowledgement will be required in 14 days.": Expected(
        *(190, "SMART_LIC-6-REPORTING_REQUIRED", "10.20.30.40", 4188, None),
        *("2021-04-03T15:12:01.004Z", "synchronised"),
        "A Usage report acknowledgement will be required in 14 days.",
    ),
    "<190>4189: 2001:db8::5: 000412: Apr  3 15:12:02.004 UTC: %SMART_LIC-6-AGENT_READY: Smart "
    "Agent for Licensing is initialized": Expected(
        *(190, "SMART_LIC-6-AGENT_READY", "2001:db8::5", 4189, 412),
        *("2021-04-03T15:12:02.004Z", "synchronised"),
        "Smart Agent for Licensing is initialized",
    ),
    "<190>4190: site-7 sbc: Apr  3 15:12:03: %CALL_HOME-6-CALL_HOME_ENABLED: Call-home is enabled "
    "by Smart Agent for Licensing.": Expected(
        *(190, "CALL_HOME-6-CALL_HOME_ENABLED", "site-7 sbc", 4190, None),
        *("2021-04-03T15:12:03Z", "synchronised"),
        "Call-home is enabled by Smart Agent for Licensing.",
    ),
    "<189>000413: 2d03h: %CUBE-5-LICENSE_INFO: Requesting for 0 CUBE Standard trunk "
    "licenses": Expected(
        *(189, REQUEST, None, 413, None, None, "unknown"),
        "Requesting for 0 CUBE Standard trunk licenses",
    ),
    "<189>: 00:01:01: %SIP-5-LICENSING: CUBE license reporting period has been set to the minimum "
    "value of 8 hours.": Expected(
        *(189, "SIP-5-LICENSING", None, None, None, None, "unknown"),
        "CUBE license reporting period has been set to the minimum value of 8 hours.",
    ),
    "<187>: cube-2: Apr  3 15:20:00.900 UTC: %REDUNDANCY-3-STANDBY_LOST: Standby processor fault "
    "(PEER_NOT_PRESENT)": Expected(
        *(187, "REDUNDANCY-3-STANDBY_LOST", "cube-2", None, None),
        *("2021-04-03T15:20:00.900Z", "synchronised"),
        "Standby processor fault (PEER_NOT_PRESENT)",
    ),
    "<190>Apr  3 15:20:01 10.20.30.41 1187: cube-2: 001190: *Apr  3 15:20:01.113 UTC: "
    "%IOSXE_REDUNDANCY-6-PEER: Active detected switch 1 as standby.": Expected(
        *(190, "IOSXE_REDUNDANCY-6-PEER", "cube-2", 1187, 1190),
        *("2021-04-03T15:20:01.113Z", "unsynchronised"),
        *("Active detected switch 1 as standby.", "10.20.30.41"),
    ),
    "<190>5021: Apr  3 15:21:07.114 UTC: %IOSXE-6-PLATFORM: R0/0: cpp_cp: QFP:0.0 Thread:001 "
    "TS:00000013 %FW-6-DROP_PKT: Dropping tcp pkt": Expected(
        *(190, "IOSXE-6-PLATFORM", None, 5021, None, "2021-04-03T15:21:07.114Z", "synchronised"),
        "R0/0: cpp_cp: QFP:0.0 Thread:001 TS:00000013 %FW-6-DROP_PKT: Dropping tcp pkt",
    ),
    "<189>Oct  7 07:19:44 core-mgmt RP/0/RP0/CPU0:Oct  7 07:19:43.630 UTC: smartlicserver[392]: "
    "%LICENSE-SMART_LIC-5-COMM_RESTORED : Communications with Cisco licensing cloud "
    "restored": Expected(
        *(189, "LICENSE-SMART_LIC-5-COMM_RESTORED", "core-mgmt", None, None),
        *("2020-10-07T07:19:43.630Z", "synchronised"),
        *("Communications with Cisco licensing cloud restored", "core-mgmt"),
    ),
    "<189>1 2021-04-03T15:12:00.004Z cube-1 - - - - %CUBE-5-LICENSE_INFO: Requesting for 10 CUBE "
    "Standard trunk licenses": Expected(
        *(189, REQUEST, "cube-1", None, None, "2021-04-03T15:12:00.004Z", "synchronised"),
        *("Requesting for 10 CUBE Standard trunk licenses", "cube-1"),
    ),
    "<189>5022: Apr  3 2021 17:12:00.004 UTC+2: %SYS-5-CONFIG_I: Configured from console by admin "
    "on vty0 (10.0.0.9)": Expected(
        *(189, "SYS-5-CONFIG_I", None, 5022, None, "2021-04-03T15:12:00.004Z", "synchronised"),
        "Configured from console by admin on vty0 (10.0.0.9)",
    ),
    "<191>5023: cube-1: Apr  3 15:15:45.181: //CUBE-SL/Info/cube_license_request: Request "
    "successful for license CUBE_T_STD": Expected(
        *(191, None, "cube-1", 5023, None, "2021-04-03T15:15:45.181Z", "synchronised"),
        "//CUBE-SL/Info/cube_license_request: Request successful for license CUBE_T_STD",
    ),
    "<189>5024: Apr  3 15:15:46.000 UTC: last message repeated 4 times": Expected(
        *(189, None, None, 5024, None, "2021-04-03T15:15:46Z", "synchronised"),
        "last message repeated 4 times",
    ),
}


@pytest.mark.parametrize(("line", "expected"), LINES.items(), ids=map(str, range(1, 21)))
def test_documented_line_is_read_field_by_field(line: str, expected: Expected) -> None:
    message = syslog.read(line.encode(), RECEIVED)
    when = syslog.when(message.stamp, RECEIVED, ZONES)

    assert expected == Expected(
        pri=message.pri or 0,
        mnemonic=message.mnemonic,
        origin=message.origin,
        counter=message.counter,
        sequence=message.sequence,
        time=None if when.time is None else rfc3339(when.time),
        clock=when.clock,
        text=message.text,
        relay=message.relay,
    )
    assert message.header_ok
    assert message.raw == line.encode()
    assert message.received == RECEIVED


def test_facility_and_severity_are_those_of_the_mnemonic_not_of_pri() -> None:
    message = syslog.read(b"<134>7: Apr  3 15:11:54: %LICENSE-SMART_LIC-3-X : y", RECEIVED)

    assert (message.facility, message.severity, message.name) == ("LICENSE-SMART_LIC", 3, "X")


def test_a_repetition_is_kept_as_an_event() -> None:
    message = syslog.read(b"<189>5024: Apr  3 15:15:46 UTC: last message repeated 4 times", 0.0)

    said = [event.as_json() for event in syslog.events(message)]

    assert said == [{"kind": "repeated", "count": 4}]


def test_messages_of_other_facilities_say_nothing() -> None:
    message = syslog.read(b"<189>5: Apr  3 15:15:46 UTC: %SYS-5-CONFIG_I: x", 0.0)

    assert syslog.events(message) == ()


def test_sip_messages_other_than_licensing_say_nothing() -> None:
    payload = b"<187>5: Apr  3 15:15:46 UTC: %SIP-3-MAXCONNCAC: Call rejected due to CAC"
    message = syslog.read(payload, 0.0)

    assert syslog.events(message) == ()
    assert not syslog.wanted(payload)


def test_a_licence_mnemonic_nested_in_another_message_is_text() -> None:
    payload = b"<190>5: Apr  3 15:15:46 UTC: %IOSXE-6-PLATFORM: R0/0: %SMART_LIC-3-COMM_FAILED: x"
    message = syslog.read(payload, 0.0)

    assert message.mnemonic == "IOSXE-6-PLATFORM"
    assert syslog.events(message) == ()
    assert not syslog.wanted(payload)


def test_every_kind_of_event_has_its_own_word() -> None:
    message = syslog.read(
        b"<189>1: %CUBE-5-LICENSE_INFO: Requesting for 3 CUBE Enhanced trunk licenses", 0.0
    )

    (said,) = syslog.events(message)

    assert said.as_json() == {"kind": "license_request", "tag": "CUBE_T_ENH", "count": 3}
