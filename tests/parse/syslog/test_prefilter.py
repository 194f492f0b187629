"""The bytes pre-filter lets every licence message through and reads leading counters."""

import pytest

from monitor.parse import syslog


@pytest.mark.parametrize(
    "token",
    [
        "SMART_LIC-3-COMM_FAILED",
        "SMART_LIC-STBY-3-COMM_FAILED",
        "LICENSE-SMART_LIC-3-COMM_FAILED ",
        "SMART_LIC-W-X",
        "CUBE-5-LICENSE_INFO",
        "CUBE-3-LICENSING",
        "SIP-5-LICENSING",
        "SIP-1-LICENSING",
        "REDUNDANCY-3-STANDBY_LOST",
        "IOSXE_REDUNDANCY-6-PEER",
        "RF-5-RF_RELOAD",
        "RG_PROTOCOL-5-ROLECHANGE",
        "RG_VP-6-X",
        "RG-6-X",
        "LICENSE-RG_VP-6-X",
        "LICENSE-SIP-6-LICENSING",
        "CALL_HOME-5-SL_MESSAGE_FAILED",
        "VOICE_HA-7-STATUS",
    ],
)
def test_licence_messages_are_wanted(token: str) -> None:
    assert syslog.wanted(f"<189>4182: Apr  3 15:11:54: %{token}: words".encode())


@pytest.mark.parametrize(
    "token",
    [
        "SEC-6-IPACCESSLOGP",
        "SEC_LOGIN-5-LOGIN_SUCCESS",
        "PIM-SW1-6-INVALID_RP_JOIN",
        "SIP-3-STREAM_SERVICE",
        "SIP-SW1-3-STREAM_SERVICE",
        "CUBES-5-LICENSE_INFO",
        "SMART_LICENSE-5-X",
        "RFX-5-X",
        "SYS-5-X: %SMART_LIC-3-COMM_FAILED",
        "SYS_A-B-5-X: %SMART_LIC-3-COMM_FAILED",
        "IPADTBL-N-IPDUPLICATE",
        "6-5-X",
        "SYS-8-X",
        "",
    ],
)
def test_other_messages_are_not(token: str) -> None:
    assert not syslog.wanted(f"<189>4182: Apr  3 15:11:54: %{token}: words".encode())


def test_debug_lines_of_the_licence_feature_are_wanted() -> None:
    line = b"<191>7: Apr  3 15:11:54: //CUBE-SL/Info/x: Request successful for license %d"

    assert syslog.wanted(line)
    assert syslog.wanted(line.removesuffix(b" %d"))
    assert not syslog.wanted(b"<191>7: Apr  3 15:11:54: //SIP/Info/x: words")


def test_a_percent_sign_before_the_token_hides_nothing() -> None:
    assert syslog.wanted(b"<189>7: fe80::1%Gi0: Apr  3 15:11:54: %CUBE-5-LICENSE_INFO: words")
    assert syslog.wanted(b"<189>7: 50%-9-: Apr  3 15:11:54: %SIP-5-LICENSING: words")
    assert syslog.wanted(b"<189>7: 50% %SMART_LIC-W-LICENSING: words")


@pytest.mark.parametrize(
    ("payload", "counter"),
    [
        (b"<189>4182: Apr  3 15:11:54: %SYS-5-X: y", 4182),
        (b"<9>7:x", 7),
        (b"<189>000413: 2d03h: %SYS-5-X: y", 413),
        (b"<189>999999999999999999: x", 999999999999999999),
        (b"<189>9999999999999999999: x", None),
        (b"<189>: Apr  3 15:11:54: %SYS-5-X: y", None),
        (b"<189>sw01: 7: %SYS-5-X: y", None),
        (b"<189>Apr  3 15:20:01 10.20.30.41 1187: %SYS-5-X: y", None),
        (b"<189>4182", None),
        (b"<189>", None),
        (b"x189>4182: y", None),
        (b"4182: y", None),
        (b"<1890>4182: y", None),
        (b"<189>\xb2: y", None),
        (b"", None),
    ],
)
def test_the_leading_counter_is_read_of_any_line(payload: bytes, counter: int | None) -> None:
    assert syslog.leading_counter(payload) == counter
