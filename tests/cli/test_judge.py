"""`cubemon judge`: from a paste to a verdict, with nothing else installed or running."""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.cli import main

SAMPLE = """\
cube#show license status
Utility:
Status: DISABLED

Transport:
Type: Callhome
 Policy:
Policy in use: Merged from multiple sources.
Installed Time: Jan 01 05:30:00 1970 IST
Reporting ACK required: yes

Miscellaneus:
Custom Id: <empty>

Usage Reporting:
Last ACK received: <none>
Next ACK deadline: May 26 08:24:45 2020 IST
Reporting Interval: 30
Next ACK push check: <none>
Next report push: Jun 15 08:24:45 2020 IST
Last report push: <none>
Last report file write: <none>
Last report pull: <none>

Trust Code Installed: <none>
"""
CUBE_STATUS = """\
cube#show cube status
CUBE-Version : 14.1
SW-Version : {release}, Platform CSR1000V
HA-Type : none
"""
CYCLE = """\
cube#show license status
Smart Licensing Using Policy:
  Status: ENABLED

Transport:
  Type: Smart

Policy:
  Policy in use: Installed On Apr 20 13:26:18 2021 UTC
  Reporting ACK required: {required}

Usage Reporting:
  Last ACK received: Oct 08 13:56:07 2021 UTC
  Next ACK deadline: {deadline}
  Reporting push interval: 30  days
  Next ACK push check: <none>
  Next report push: {push}
  Last report push: Oct 08 13:50:52 2021 UTC
  Last report file write: <none>

Trust Code Installed: Apr 20 13:26:18 2021 UTC
"""
SIP = """\
cube#show voice sip license status
Host Name: cube
Current Time: {clock}
SIP service: {service}
License request interval: 5 Minute(s)
Recent request(s) for CUBE Standard Trunk
-----------------------------------------------------------
Timestamp Count Result
-----------------------------------------------------------
Nov 25 2019 14:45:44 IST 10 {result}
Nov 25 2019 14:40:44 IST 4 Authorized
"""
BEFORE_POLICY = """\
cube-1# show cube status
CUBE-Version : 12.5.0
SW-Version : 16.11.1, Platform CSR1000V
HA-Type : hot-standby-chassis-to-chassis
Licensed-Capacity : 10
Calls blocked (Smart Licensing Eval Expired) : {blocked}
"""

Judge = Callable[..., tuple[int, Any]]


def _cycle(**changed: str) -> str:
    values: Mapping[str, str] = {
        "deadline": "Dec 07 13:56:07 2021 UTC",
        "push": "Nov 07 13:50:52 2021 UTC",
        "required": "yes (Customer Policy)",
        **changed,
    }
    return CYCLE.format(**values)


@pytest.fixture
def judge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Judge:
    """Run it on texts; (exit code, JSON) come back."""

    def run(*texts: str, now: str = "2021-10-20T00:00:00Z", more: tuple[str, ...] = ()) -> Any:
        names = []
        for number, text in enumerate(texts):
            path = tmp_path / f"{number}.txt"
            path.write_text(text)
            names.append(str(path))
        code = main(["judge", *names, "--json", "--now", now, *more])
        return code, json.loads(capsys.readouterr().out)

    return run


def _rules(verdict: Any) -> list[tuple[str, str]]:
    return [(finding["rule"], finding["severity"]) for finding in verdict["findings"]]


@pytest.mark.parametrize(
    ("now", "code", "severity", "first"),
    [
        ("2020-05-01T00:00:00Z", 1, "warning", "push_planned_too_late"),
        ("2020-05-12T02:54:45Z", 2, "critical", "push_planned_too_late"),
        ("2020-05-27T00:00:00Z", 2, "critical", "ack_overdue"),
    ],
)
def test_the_sample_of_17_3_2_stops_calls(
    judge: Judge, now: str, code: int, severity: str, first: str
) -> None:
    exit_code, verdict = judge(CUBE_STATUS.format(release="17.3.2"), SAMPLE, now=now)
    assert exit_code == code
    assert verdict["stops"] == "yes"
    assert verdict["release"] == "17.3.2"
    assert verdict["deadline"] == "2020-05-26T02:54:45Z"
    assert _rules(verdict)[0] == (first, severity)
    assert set(verdict["findings"][0]) == {"rule", "step", "severity", "subject", "why", "next"}
    assert verdict["findings"][0]["subject"] == "cube"
    assert verdict["warnings"] == []


def test_without_a_release_it_may_stop(judge: Judge) -> None:
    code, verdict = judge(SAMPLE, now="2020-05-01T00:00:00Z")
    assert (code, verdict["stops"], verdict["release"]) == (1, "unknown", None)
    assert judge(SAMPLE, now="2021-05-01T00:00:00Z")[1]["stops"] == "unknown"


def test_a_release_that_does_not_stop_calls_never_does(judge: Judge) -> None:
    later = "2020-06-27T00:00:00Z"
    code, verdict = judge(SAMPLE + CUBE_STATUS.format(release="17.9.4"), now=later)
    assert (code, verdict["stops"]) == (1, "no")
    assert "stops SIP" not in json.dumps(verdict)


@pytest.mark.parametrize("release", ["17.6.1a", "17.3.2a", "17.9.4"])
def test_a_sound_cycle_stops_nothing(judge: Judge, release: str) -> None:
    code, verdict = judge(_cycle(), CUBE_STATUS.format(release=release))
    assert (code, verdict["stops"], verdict["findings"]) == (0, "no", [])
    assert verdict["deadline"] == "2021-12-07T13:56:07Z"


@pytest.mark.parametrize(
    ("changed", "now"),
    [
        ({"push": "Dec 07 13:52:07 2021 UTC"}, "2021-10-20T00:00:00Z"),
        ({"push": "<none>"}, "2021-10-20T00:00:00Z"),
        ({}, "2021-11-08T00:00:00Z"),
    ],
)
def test_a_deadline_without_room_without_push_or_with_a_missed_one_stands(
    judge: Judge, changed: dict[str, str], now: str
) -> None:
    release = CUBE_STATUS.format(release="17.6.1a")
    assert judge(_cycle(**changed), release, now=now)[1]["stops"] == "yes"


@pytest.mark.parametrize(
    ("changed", "deadline"),
    [({"deadline": "<none>", "push": "<none>"}, None), ({"required": "no (CISCO default)"}, None)],
)
def test_where_nothing_is_due_nothing_stops(
    judge: Judge, changed: dict[str, str], deadline: str | None
) -> None:
    code, verdict = judge(_cycle(**changed), CUBE_STATUS.format(release="17.6.1a"))
    assert (code, verdict["stops"], verdict["deadline"]) == (0, "no", deadline)


def test_an_unclear_release_is_said_to_be_unclear(judge: Judge) -> None:
    no_push = _cycle(push="<none>")
    code, verdict = judge(
        no_push, CUBE_STATUS.format(release="17.3.2a"), now="2021-11-20T00:00:00Z"
    )
    assert (code, verdict["stops"]) == (3, "unknown")


def test_voice_gateway_sessions_never_stop(judge: Judge) -> None:
    usage = "cube#show license usage\nCUBE_T_VGW (CUBE_T_VGW):\n  Count: 40\n  Status: IN USE\n"
    code, verdict = judge(_cycle(), usage, now="2022-01-01T00:00:00Z")
    assert (code, verdict["stops"]) == (1, "no")
    assert _rules(verdict)[0] == ("ack_overdue", "warning")
    assert judge(_cycle(), now="2022-01-01T00:00:00Z")[0] == 2


def test_the_service_down_after_the_deadline_is_the_licences_doing(judge: Judge) -> None:
    down = SIP.format(clock="Dec 08 2021 00:00:00 UTC", service="Down", result="Authorized")
    code, verdict = judge(
        _cycle(), down, CUBE_STATUS.format(release="17.6.1a"), now="2021-12-08T00:00:00Z"
    )
    assert (code, verdict["stops"]) == (2, "yes")
    assert verdict["findings"][0]["rule"] == "sip_service_down"


def test_before_the_policy_calls_are_blocked_by_other_states(judge: Judge) -> None:
    code, verdict = judge(BEFORE_POLICY.format(blocked=0))
    assert (code, verdict["stops"], verdict["release"]) == (0, "no", "16.11.1")
    code, verdict = judge(BEFORE_POLICY.format(blocked=7))
    assert (code, verdict["stops"], verdict["deadline"]) == (2, "yes", None)


def test_out_of_compliance_alone_is_a_ticket(judge: Judge) -> None:
    text = SIP.format(clock="Nov 25 2019 14:46:41 IST", service="Up", result="Out of compliance")
    code, verdict = judge(text, now="2019-11-25T10:00:00Z", more=("--timezone", "IST=+05:30"))
    assert (code, verdict["stops"]) == (1, "unknown")
    assert _rules(verdict) == [("out_of_compliance", "warning")]
    fixed = SIP.format(clock="Nov 25 2019 14:46:41 IST", service="Up", result="Authorized")
    assert judge(fixed, now="2019-11-25T10:00:00Z")[0] == 3


def test_a_clock_in_the_capture_that_is_far_off_is_named(judge: Judge) -> None:
    text = SIP.format(clock="Oct 18 2021 00:00:00 UTC", service="Up", result="Authorized")
    _, verdict = judge(_cycle(), text)
    (warning,) = [one for one in verdict["warnings"] if "--now" in one]
    assert "2021-10-18 00:00:00 UTC" in warning
    near = SIP.format(clock="Oct 19 2021 23:00:00 UTC", service="Up", result="Authorized")
    assert not any("--now" in one for one in judge(_cycle(), near)[1]["warnings"])


def test_the_clock_of_a_capture_is_never_used_as_now(judge: Judge) -> None:
    old = SIP.format(clock="Oct 18 2021 00:00:00 UTC", service="Up", result="Authorized")
    release = CUBE_STATUS.format(release="17.6.1a")
    _, verdict = judge(_cycle(), old, release, now="2021-12-08T00:00:00Z")
    assert _rules(verdict)[0] == ("ack_overdue", "critical")


def test_two_routers_in_one_paste_are_warned_of(judge: Judge) -> None:
    _, verdict = judge(_cycle(), BEFORE_POLICY.format(blocked=0))
    assert any("several devices" in warning for warning in verdict["warnings"])


@pytest.mark.parametrize("text", ["", "hello\nworld\n", CUBE_STATUS.format(release="17.6.1a")])
def test_nothing_to_judge_on_cannot_tell(judge: Judge, text: str) -> None:
    code, verdict = judge(text)
    assert (code, verdict["stops"], verdict["findings"]) == (3, "unknown", [])
    known = "CUBE-Version" in text
    assert any("recognised" in warning for warning in verdict["warnings"]) is not known


def _piped(monkeypatch: pytest.MonkeyPatch, payload: bytes) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(payload)))


@pytest.mark.parametrize("names", [[], ["-"]])
def test_it_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], names: list[str]
) -> None:
    _piped(monkeypatch, (SAMPLE + CUBE_STATUS.format(release="17.3.2")).encode())
    assert main(["judge", *names, "--now", "2020-05-01T00:00:00Z"]) == 1
    out = capsys.readouterr().out
    assert out.splitlines()[0] == (
        "CALLS STOP on 2020-05-26 02:54:45 UTC unless a report is acknowledged before"
        " (25 days 2 h left)."
    )
    assert "WARNING  push_planned_too_late/planned" in out
    assert "  type     Get an ID token" in out
    assert "next report push            2020-06-15T02:54:45Z  (cli, exact)" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("text", "now", "first"),
    [
        (SAMPLE, "2020-05-01", "CALLS MAY STOP on 2020-05-26 02:54:45 UTC unless"),
        (SAMPLE, "2020-06-01", "CALLS MAY STOP: the acknowledgement deadline passed on 2020-05-26"),
        ("", "2020-06-01", "Cannot tell whether calls stop."),
        (BEFORE_POLICY.format(blocked=7), "2020-06-01", "CALLS ARE BLOCKED by"),
        (BEFORE_POLICY.format(blocked=0), "2020-06-01", "Calls do not stop."),
        (
            SAMPLE + CUBE_STATUS.format(release="17.3.2"),
            "2020-06-01",
            "CALLS STOP: the acknowledgement deadline passed on 2020-05-26 02:54:45 UTC, 5 days",
        ),
        (
            SIP.format(clock="x", service="Down", result="Authorized")
            + CUBE_STATUS.format(release="17.9.4"),
            "2020-06-01",
            "SIP service is down, but not for the licence.",
        ),
        (
            SAMPLE.replace("Jan 01 05:30:00 1970 IST", "Jan 01 05:30:00 2020 IST")
            + CUBE_STATUS.format(release="17.3.2"),
            "2020-05-01",
            "CALLS STOP on 2020-05-25 18:24:45 UTC (at the earliest) unless",
        ),
    ],
)
def test_the_first_line_is_the_verdict(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    now: str,
    first: str,
) -> None:
    _piped(monkeypatch, text.encode())
    main(["judge", "--now", f"{now}T00:00:00Z"])
    assert capsys.readouterr().out.startswith(first)


def test_without_a_time_it_judges_as_of_now(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _piped(monkeypatch, (SAMPLE + CUBE_STATUS.format(release="17.3.2")).encode())
    assert main(["judge", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["findings"][0]["rule"] == "ack_overdue"


def test_what_a_router_says_cannot_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = SAMPLE.replace("Type: Callhome", "Type: \x1b[31mCallhome[/bold]\xff")
    _piped(monkeypatch, hostile.encode("latin-1"))
    main(["judge", "--now", "2020-05-01T00:00:00Z"])
    assert "\x1b" not in capsys.readouterr().out


def test_an_unreadable_file_is_no_critical_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["judge", str(tmp_path / "absent.txt")]) == 3
    assert "absent.txt: No such file" in capsys.readouterr().err
    assert main(["judge", str(tmp_path)]) == 3


def test_input_beyond_any_capture_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("monitor.cli.capture._MOST_BYTES", 2**20)
    _piped(monkeypatch, b"x" * (2**20 + 1))
    assert main(["judge"]) == 3
    assert "more than 1 MiB" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["--now", "tomorrow"],
        ["--now", "2020-05-01T00:00:00"],
        ["--timezone", "IST"],
        ["--timezone", "IST=+15:00"],
        ["--frobnicate"],
    ],
)
def test_wrong_arguments_end_with_three(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["judge", "x.txt", *words])
    assert ended.value.code == 3
    assert capsys.readouterr().out or capsys.readouterr().err


def test_a_zone_word_west_of_utc(judge: Judge) -> None:
    text = SAMPLE.replace("IST", "EST").replace("Jan 01 05:30:00 1970", "Jan 01 05:30:00 2020")
    _, verdict = judge(text, now="2020-05-01T00:00:00Z", more=("--timezone", "EST=-5"))
    assert verdict["deadline"] == "2020-05-26T13:24:45Z"
