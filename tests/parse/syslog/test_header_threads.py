"""Header shapes that other collectors tripped over, one test per public thread, lines our own."""

from typing import NamedTuple

import pytest

from monitor.domain.instants import instant, rfc3339
from monitor.errors import ParseError
from monitor.parse import syslog
from monitor.parse.syslog import Message

RECEIVED = instant("2023-07-14T08:30:00Z")
BODY = "%CUBE-5-LICENSE_INFO: Requesting for 3 CUBE Enhanced trunk licenses"


class Seen(NamedTuple):
    origin: str | None
    relay: str | None
    counter: int | None
    sequence: int | None
    time: str | None
    clock: str = "synchronised"
    header_ok: bool = True


def read(header: str, zones: dict[str, int] | None = None) -> Seen:
    message = syslog.read(f"{header}{BODY}".encode(), RECEIVED)
    assert message.mnemonic == "CUBE-5-LICENSE_INFO"
    when = syslog.when(message.stamp, RECEIVED, zones or {})
    time = None if when.time is None else rfc3339(when.time)
    return Seen(
        origin=message.origin,
        relay=message.relay,
        counter=message.counter,
        sequence=message.sequence,
        time=time,
        clock=when.clock,
        header_ok=message.header_ok,
    )


STAMP = "Jul 14 08:23:43.398"
TIME = "2023-07-14T08:23:43.398Z"


def test_telegraf_4687_a_counter_and_a_stamp_with_milliseconds() -> None:
    assert read(f"<187>37972: {STAMP}: ") == Seen(None, None, 37972, None, TIME)


def test_loki_13694_rfc5424_of_ios_xe_from_a_host_named_cube() -> None:
    expected = Seen("CUBE", "CUBE", None, None, "2023-07-14T08:23:43.335Z")

    assert read("<190>1 2023-07-14T08:23:43.335Z CUBE - - - - ") == expected
    assert read("<190>1 2023-07-14T08:23:43.335Z CUBE - - - - BOM") == expected
    assert read("<190>1 2023-07-14T08:23:43.335Z CUBE - - - - \ufeff") == expected
    assert read('<190>1 2023-07-14T08:23:43.335Z CUBE - - - [a b="c\\]"] \ufeff') == expected


def test_rfc5424_with_nothing_known_is_no_time_and_no_origin() -> None:
    assert read("<190>1 - - - - - - ") == Seen(None, None, None, None, None, "unknown")


def test_rfc5424_around_a_cisco_header_yields_the_inner_stamp() -> None:
    seen = read(f"<190>1 2023-07-13T00:00:00Z relay-1 app 7 ID7 - 12: sbc-1: 000413: {STAMP}: ")

    assert seen == Seen("sbc-1", "relay-1", 12, 413, TIME)


def test_a_version_one_that_is_no_rfc5424_is_no_header() -> None:
    assert read(f"<190>1 a b c d e f: {STAMP}: ").origin == "1 a b c d e f"


@pytest.mark.parametrize(
    "order", [f"<190>237: sbc-1: 412: {STAMP}: ", f"<190>237: 412: sbc-1: {STAMP}: "]
)
def test_alloy_7110_origin_before_and_after_the_sequence_number(order: str) -> None:
    assert read(order) == Seen("sbc-1", None, 237, 412, TIME)


def test_alloy_7110_a_zone_word_after_the_stamp() -> None:
    assert read(f"<190>237: sbc-1: {STAMP} UTC: ") == Seen("sbc-1", None, 237, None, TIME)


def test_go_syslog_22_counter_and_sequence_are_two_numbers() -> None:
    assert read(f"<111>222: 333: {STAMP}: ") == Seen(None, None, 222, 333, TIME)


def test_go_syslog_22_without_a_message_counter_the_colon_stays() -> None:
    assert read(f"<111>: 333: {STAMP}: ") == Seen(None, None, None, 333, TIME)


def test_rsyslog_3069_a_city_is_a_zone_word_and_is_never_guessed() -> None:
    header = "<188>179767: sbc-1: Jul 14 04:23:43.398 NewYork: "

    assert read(header) == Seen("sbc-1", None, 179767, None, None)
    assert read(header, {"newyork": -14_400}) == Seen("sbc-1", None, 179767, None, TIME)


def test_rsyslog_583_a_star_says_that_the_clock_was_never_set() -> None:
    assert read(f"<188>7: *{STAMP}: ").clock == "unsynchronised"


def test_syslog_ng_3843_a_dot_says_that_synchronisation_was_lost() -> None:
    assert read(f"<188>7: .{STAMP}: ").clock == "lost"


def test_beats_10654_a_counter_before_a_plain_stamp() -> None:
    assert read("<190>2361044: Jul 14 08:23:43: ").counter == 2361044


@pytest.mark.parametrize("uptime", ["2y10w", "1d02h", "2d03h", "3w4d", "00:01:01", "1 2", "101 21"])
def test_integrations_2607_an_uptime_instead_of_a_date(uptime: str) -> None:
    expected = Seen("sbc-1", None, 7433, 7439, None, "unknown")

    assert read(f"<165>7433: sbc-1: 007439: {uptime}: ") == expected


@pytest.mark.parametrize("uptime", ["00:01:01", "101 21", "2y10w"])
def test_an_uptime_alone_is_no_counter(uptime: str) -> None:
    assert read(f"<165>{uptime}: ") == Seen(None, None, None, None, None, "unknown")


@pytest.mark.parametrize(
    "stamp",
    [
        "2023-07-14T08:23:43.398Z",
        "2023-07-14 08:23:43.398",
        "2023-07-14T10:23:43.398+02:00",
        "2023-07-14T03:53:43,398-0430",
    ],
)
def test_syslog_ng_3934_iso_stamps(stamp: str) -> None:
    assert read(f"<189>29: sbc-1: {stamp}: ") == Seen("sbc-1", None, 29, None, TIME)


def test_syslog_ng_3395_a_facility_of_three_parts() -> None:
    message = syslog.read(f"<190>32: foo: {STAMP}: %SYSMGR-STANDBY-3-SHUTDOWN: x".encode(), 0.0)

    assert (message.facility, message.name) == ("SYSMGR-STANDBY", "SHUTDOWN")


def test_librenms_3316_a_star_before_the_percent_sign() -> None:
    assert read(f"<190>32: {STAMP}: *") == Seen(None, None, 32, None, TIME)


@pytest.mark.parametrize(
    ("stamp", "time"),
    [
        ("Jul 14 2023 08:23:43.398", TIME),
        ("2023 Jul 14 08:23:43.398", TIME),
        ("July 14 08:23:43.398", TIME),
        ("Jul 14 08:23:43.398 AM", TIME),
        ("Jul 14 2023 12:00:00 AM", "2023-07-14T00:00:00Z"),
        ("Jul 14 2023 12:00:00 PM", "2023-07-14T12:00:00Z"),
        ("Jul 14 2023 08:23:43PM UTC", "2023-07-14T20:23:43Z"),
        ("Jul 14 2023 08:23:43.123456789 UTC", "2023-07-14T08:23:43.123Z"),
        ("Jul  4 2023 08:23:43 GMT", "2023-07-04T08:23:43Z"),
        ("Jul 4 2023 08:23:43 UTC+1", "2023-07-04T07:23:43Z"),
        ("Jul 4 2023 08:23:43 UTC+07:30", "2023-07-04T00:53:43Z"),
        ("Jul 4 2023 08:23:43 UTC-0330", "2023-07-04T11:53:43Z"),
        ("Jul 4 2023 08:23:43 -05", "2023-07-04T13:23:43Z"),
        ("Jul 4 2023 08:23:43 mdt", None),
        ("Jul 4 2023 08:23:43 UTC+99", None),
    ],
)
def test_syslog_ng_4125_stamps_of_ios_and_nx_os(stamp: str, time: str | None) -> None:
    assert read(f"<190>9004: {stamp}: ") == Seen(None, None, 9004, None, time)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            f"<190>Jul 13 08:23:43 192.0.2.2 sbc-1: 3132779: {STAMP}: ",
            Seen("sbc-1", "192.0.2.2", None, 3132779, TIME),
        ),
        (
            f"<190>31: Jul 13 08:23:43 192.0.2.2 sbc-1: 3132779: {STAMP}: ",
            Seen("sbc-1", "192.0.2.2", 31, 3132779, TIME),
        ),
        (
            f"Jul 13 08:23:43 192.0.2.2 585917: {STAMP}: ",
            Seen("192.0.2.2", "192.0.2.2", 585917, None, TIME),
        ),
        (
            f"<190>2023-07-13T10:15:31.208321-05:00 sbc-1.example.net 585917: {STAMP}: ",
            Seen("sbc-1.example.net", "sbc-1.example.net", 585917, None, TIME),
        ),
        (
            f"<190>Jul 13 08:23:43 2001:db8::7 585917: {STAMP}: ",
            Seen("2001:db8::7", "2001:db8::7", 585917, None, TIME),
        ),
        (
            "<189>2023-07-14T03:23:43.398-05:00 sbc-1 ",
            Seen("sbc-1", "sbc-1", None, None, TIME),
        ),
        ("<111> Jul 14 08:23:43 sbc-1 ", Seen("sbc-1", "sbc-1", None, None, TIME[:19] + "Z")),
        (
            "<111>Jul 14 08:23:43 sbc-1 77: ",
            Seen("sbc-1", "sbc-1", 77, None, TIME[:19] + "Z"),
        ),
        ("<111>Jul 14 08:23:43 sbc01: ", Seen("sbc01", None, None, None, TIME[:19] + "Z")),
        ("<111>7: Jul 14 10:23:43 UTC+2: sbc-1: ", Seen("sbc-1", None, 7, None, TIME[:19] + "Z")),
        ("<111>Jul 14 2023 08:23:43 asa-1 : ", Seen("asa-1", "asa-1", None, None, TIME[:19] + "Z")),
        ("<111>Jul 14 08:23:43 UTC ", Seen(None, None, None, None, TIME[:19] + "Z")),
        (
            f"Jul 13 05:11:06 sbc-1.example.net <189>5: 000006: *{STAMP}: ",
            Seen("sbc-1.example.net", "sbc-1.example.net", 5, 6, TIME, "unsynchronised"),
        ),
        (
            f"<190>Original Address=192.0.2.1 1 {TIME} log Kiwi 33 OUT SBC-1: *{STAMP}: ",
            Seen("SBC-1", "192.0.2.1", None, None, TIME, "unsynchronised"),
        ),
    ],
)
def test_relay_headers_with_bsd_and_iso_times(header: str, expected: Seen) -> None:
    assert read(header) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "<13>Jul 14 08:23:43 host-1 root: ",
            Seen("host-1", "host-1", None, None, TIME[:19] + "Z"),
        ),
        (
            "<13>Jul 14 08:23:43 host-1 root[7]: ",
            Seen("host-1", "host-1", None, None, TIME[:19] + "Z"),
        ),
        (
            f"<13>Jul 13 08:23:43 host-1 root: 4182: sbc-1: 412: {STAMP}: ",
            Seen("sbc-1", "host-1", 4182, 412, TIME),
        ),
        (
            f"<13>Jul 13 08:23:43 host-1 root: sbc-1: {STAMP}: ",
            Seen("sbc-1", "host-1", None, None, TIME),
        ),
        (
            '<13>1 2023-07-14T08:23:43.398+00:00 host-1 root - - [timeQuality tzKnown="1"] ',
            Seen("host-1", "host-1", None, None, TIME),
        ),
        (
            f"<189>1 2023-07-14T08:23:44+00:00 192.0.2.1 4182 - - - sbc-1: {STAMP} UTC: ",
            Seen("sbc-1", "192.0.2.1", 4182, None, TIME),
        ),
    ],
)
def test_logger_and_rsyslog_put_a_tag_that_is_not_the_origin(header: str, expected: Seen) -> None:
    assert read(header) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (f"<190>31: 192.0.2.2 3132513: {STAMP}: ", Seen("192.0.2.2", None, 31, 3132513, TIME)),
        (f"<190>31: 3sbc {STAMP} UTC: ", Seen("3sbc", None, 31, None, TIME)),
        (f"<190>: 2023host {STAMP}: ", Seen("2023host", None, None, None, TIME)),
        (f"<190>31: 2001:db8::: 412: {STAMP}: ", Seen("2001:db8::", None, 31, 412, TIME)),
        (f"<179>sbc-1: *Msg_Task_0: {STAMP}: ", Seen("sbc-1", None, None, None, TIME)),
        (f'<179>44: [syslog@9 s_id="R0"]: {STAMP}: ', Seen(None, None, 44, None, TIME)),
        (f"<190>RP/0/RP0/CPU0:{STAMP} UTC: smart[39]: ", Seen(None, None, None, None, TIME)),
        (f"<190>5: sbc-1 LC/0/0/CPU0:{STAMP} : nfsvr[2]: ", Seen("sbc-1", None, 5, None, TIME)),
        (f"<190>sbc-1 : {STAMP}: ", Seen("sbc-1", None, None, None, TIME)),
    ],
)
def test_origins_of_every_kind(header: str, expected: Seen) -> None:
    assert read(header) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", Seen(None, None, None, None, None, "unknown")),
        ("<189>", Seen(None, None, None, None, None, "unknown")),
        (f"<999>7: {STAMP}: ", Seen(None, None, 7, None, TIME, header_ok=False)),
        (f"<189>7: a: b: {STAMP}: ", Seen("a", None, 7, None, TIME, header_ok=False)),
        (f"<189>7: 8: 9: {STAMP}: ", Seen(None, None, 7, 9, TIME, header_ok=False)),
        (f"<189>7: \x00\x07: {STAMP}: ", Seen(None, None, 7, None, TIME, header_ok=False)),
        (f"??? <189>7: {STAMP}: ", Seen(None, None, 7, None, TIME, header_ok=False)),
        ("<189>7: Jul 14 88:23:43: ", Seen(None, None, 7, None, None)),
    ],
)
def test_a_licence_line_with_a_bad_header_is_read_backwards(header: str, expected: Seen) -> None:
    assert read(header) == expected


def test_of_a_header_longer_than_any_both_ends_are_read() -> None:
    seen = read(f"<189>7: {'x' * 5000}: {STAMP}: ")

    assert seen == Seen(seen.origin, None, 7, None, TIME, header_ok=False)


def test_severities_written_as_letters_are_understood() -> None:
    message = syslog.read(b"<185>%HAL_poe-A-POEFail: POE ERROR", RECEIVED)

    assert (message.facility, message.severity, message.mnemonic) == (
        *("HAL_poe", 1),
        "HAL_poe-A-POEFail",
    )


def test_a_mnemonic_needs_no_colon() -> None:
    message = syslog.read(b"<11>Jul 22 22:45:28 apic1 %LOG_LOCAL0-2-SYSTEM_MSG [F0110][x]", 0.0)

    assert (message.origin, message.text) == ("apic1", "[F0110][x]")


def test_debug_output_of_other_features_is_read_where_its_header_is_whole() -> None:
    message: Message = syslog.read(b"<191>85: sbc-1: Jul 14 08:23:43 CEST: NTP Core: Clock", 0.0)

    assert (message.mnemonic, message.origin, message.text) == (None, "sbc-1", "NTP Core: Clock")
    assert message.severity == 7


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "empty"),
        (b"\r\n\0 ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"hello", "no_mnemonic"),
        (b"<189>28: Cisco IOS Software, Version 17.6", "no_mnemonic"),
        (b"<191>28: no stamp: at all", "no_mnemonic"),
        (b"<191>28: Jul 14 08:23:43", "no_mnemonic"),
        (b"<189>28: Jul 14 08:23:43 UTC: not debug", "no_mnemonic"),
        (b"<189>28: Jul 14 08:23:43 UTC: 100% of it", "no_mnemonic"),
        (b"<191>Jul 14 08:23:43 relay-1 app: words", "no_mnemonic"),
        (b"<189>28: Jul 14 08:23:43: %CUBE-5-", "no_mnemonic"),
    ],
)
def test_what_is_no_message_is_refused_with_a_short_reason(payload: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as refusal:
        syslog.read(payload, RECEIVED)

    assert refusal.value.reason == reason
