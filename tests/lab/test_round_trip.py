"""What virtual CUBEs print and log, our parsers read back to the same numbers."""

from typing import Any

import pytest

from monitor.domain.instants import DAY, HOUR
from monitor.lab.cube import Cube
from monitor.lab.dialects import Dialect, Message, Speaker
from monitor.lab.fleet import virtual_fleet
from monitor.lab.license_status import Layout
from monitor.lab.stamps import Zone
from monitor.parse import show, syslog

NOW = 1_795_370_000
FLEET = virtual_fleet(NOW)
ZONES = {"IST": 19_800}
COMMANDS = (
    "show license status",
    "show license usage",
    "show cube status",
    "show voice sip license status",
    "show version",
    "show clock",
)
cubes = pytest.mark.parametrize("cube", FLEET.cubes, ids=lambda cube: cube.name)


def facts(cube: Cube, command: str, at: int = NOW) -> dict[tuple[str, str], Any]:
    outputs = show.read(cube.answer(command, at), zones=ZONES, command=command)
    assert [output.command for output in outputs] == [command]
    assert [output.warnings for output in outputs] == [()]
    told = show.facts(outputs, device=cube.name, received=at)
    return {(fact.name.value, fact.key): fact.value for fact in told}


@cubes
@pytest.mark.parametrize("command", COMMANDS)
def test_every_page_is_recognised_without_being_named(cube: Cube, command: str) -> None:
    outputs = show.read(cube.answer(command, NOW), zones=ZONES)
    assert [output.command for output in outputs] == [command]


@cubes
def test_license_status(cube: Cube) -> None:
    said, cycle = facts(cube, "show license status"), cube.cycle.state(NOW)
    if cube.layout is Layout.BEFORE_POLICY:
        assert said["registration", ""] == "registered"
        assert said["registration_expires", ""] > NOW
        assert said["authorization", ""] == "authorized"
        assert ("ack_deadline", "") not in said
        return
    assert said["ack_required", ""] is True
    assert said["ack_deadline", ""] == cycle.deadline
    assert said["last_ack", ""] == cycle.last_ack
    assert said["next_push", ""] == cycle.next_push
    assert said["last_push", ""] == cycle.last_push
    assert said["next_ack_check", ""] == cycle.next_check
    assert said["trust_code", ""] == cycle.trusted_since
    assert said["reporting_interval_days", ""] == cycle.interval_days


@cubes
def test_license_usage(cube: Cube) -> None:
    said = facts(cube, "show license usage")
    usage = {key: value for (name, key), value in said.items() if name == "usage_count"}
    assert usage == cube.usage(NOW)
    assert all(usage.values())


@cubes
def test_cube_status_and_version(cube: Cube) -> None:
    status, version = facts(cube, "show cube status"), facts(cube, "show version")
    assert status["release", ""] == version["release", ""] == cube.release
    assert status["platform", ""] == cube.platform
    assert version["host_name", ""] == cube.name
    dynamic = status.get(("dynamic_usage_count", ""))
    assert dynamic in {None, sum(cube.usage(NOW).values())}
    assert (dynamic is None) == (cube.release not in {"17.15.1a", "17.18.1a"})


@cubes
def test_voice_sip_license_status(cube: Cube) -> None:
    said = facts(cube, "show voice sip license status")
    assert said["sip_service", ""] == "up"
    assert said["period_hours", ""] == cube.period_hours
    assert NOW < said["next_record", ""] <= NOW + cube.period_hours * HOUR
    recent = sorted(value for (name, _), value in said.items() if name == "recent_count")
    assert recent == sorted(cube.usage(NOW).values())


def _message(count: int, at: float = NOW + 0.207) -> Message:
    body = f"%CUBE-5-LICENSE_INFO: Requesting for {count} CUBE Enhanced trunk licenses"
    return Message(at=at, severity=5, body=body)


@pytest.mark.parametrize("zone", [Zone(), Zone(word="IST", offset=19_800)], ids=["UTC", "IST"])
@pytest.mark.parametrize("dialect", Dialect, ids=lambda dialect: dialect.name.lower())
def test_every_dialect(dialect: Dialect, zone: Zone) -> None:
    speaker = Speaker(host_name="cube-1", address="192.0.2.7", zone=zone)
    read = syslog.read(dialect.write(speaker, _message(41), 4711), NOW + 1)
    when = syslog.when(read.stamp, NOW + 1, ZONES)
    assert [event.as_json() for event in syslog.events(read)] == [
        {"kind": "license_request", "tag": "CUBE_T_ENH", "count": 41}
    ]
    assert when.time == pytest.approx(NOW + 0.207)
    assert (when.clock == "unsynchronised") == (dialect is Dialect.UNSYNCHRONISED)
    assert read.counter == (None if dialect is Dialect.RFC5424 else 4711)
    assert read.origin == ("192.0.2.7" if dialect is Dialect.ORIGIN_ADDRESS else "cube-1")


@cubes
def test_the_days_in_a_reminder_are_those_to_the_deadline(cube: Cube) -> None:
    for message in cube.messages(FLEET.start, NOW):
        line = cube.dialect.write(cube.speaker, message, 1)
        read = syslog.read(line, message.at)
        (event,) = [event.as_json() for event in syslog.events(read)]
        assert event["kind"] in {"license_request", "reporting_required", "redundancy"}
        if event["kind"] == "reporting_required":
            deadline, days = cube.cycle.state(message.at).deadline, event["days"]
            assert isinstance(days, int)
            assert deadline is not None
            assert days * DAY <= deadline - message.at + 1 <= (days + 1) * DAY
