"""The demo end to end: everything on loopback, through real sockets."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from monitor.domain.findings import Severity
from monitor.domain.instants import rfc3339
from monitor.lab.arrangement import Place
from monitor.lab.fleet import Expectation
from monitor.lab.performance import Performance, performance
from monitor.lab.verdict import await_verdict, fetch, found

DEMO = [sys.executable, "-m", "monitor", "demo"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def place(directory: Path) -> Place:
    return Place(directory=directory, http_port=free_port(), syslog_port=free_port())


def test_check_ends_by_itself_with_everything_found() -> None:
    done = subprocess.run(
        [*DEMO, "--check"], check=False, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all 8 findings found, and nothing else" in done.stdout


def test_the_demo_says_what_to_open_and_ends_on_interrupt(tmp_path: Path) -> None:
    command = [*DEMO, "--directory", str(tmp_path / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        said = ""
        while "Ctrl-C ends it" not in said:
            line = demo.stdout.readline()
            assert line, said
            said += line
        demo.send_signal(signal.SIGINT)
        demo.stdout.read()
        assert demo.wait(60) == 0
    assert "/api/v1/findings" in said
    assert "cube-ber-1" in said
    assert "license smart sync all" in said
    again = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert again.returncode == 2
    assert "is not empty" in again.stderr


def test_findings_usage_and_readings_arrive_and_a_wrong_expectation_is_told(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with performance(place(tmp_path), seed=3) as shown:
            verdict = await await_verdict(shown, bound=60)
            assert verdict.differences == ()
            await the_failover_of_the_past_is_told(shown)
            await usage_is_measured_as_the_cube_measures_it(shown)
            await it_lives_on(shown)
            await a_wrong_expectation_is_told(shown)
            await a_page_resolves_by_what_it_says(shown)

    asyncio.run(story())


async def usage_is_measured_as_the_cube_measures_it(shown: Performance) -> None:
    cube = shown.fleet.cubes[0]
    (tag,) = cube.calls
    own = [
        (rfc3339(m.start), m.value)
        for m in cube.meters(shown.fleet.now)[tag].until(shown.fleet.now)
    ]
    url = f"{shown.place.url}/api/v1/measurements?device={cube.name}&tag={tag}"
    deadline = time.monotonic() + 60
    measured: list[tuple[str, float]] = []
    while measured != own and time.monotonic() < deadline:
        document = await asyncio.to_thread(fetch, url)
        measured = [(one["start"], one["value"]) for one in document["measurements"]][: len(own)]
        await asyncio.sleep(0.2)
    assert measured == own


async def the_failover_of_the_past_is_told(shown: Performance) -> None:
    (pair,) = shown.fleet.pairs
    url = f"{shown.place.url}/api/v1"
    (known,) = (await asyncio.to_thread(fetch, f"{url}/pairs"))["pairs"]
    assert (known["name"], known["active"], known["ready"]) == (pair.name, "cube-fra-2", True)
    assert known["rehearsal"]["lives"] == "fine"
    document = await asyncio.to_thread(fetch, f"{url}/events?device=cube-fra-2&limit=500")
    told = [(one["device_time"], one["text"]) for one in document["events"]]
    (at,) = pair.failovers
    assert [one for one in told if "failover" in one[1]] == [
        (rfc3339(at), "failover of cube-fra: cube-fra-2 took over from cube-fra-1")
    ]


async def it_lives_on(shown: Performance) -> None:
    async with asyncio.timeout(60):
        await shown.present.posted.wait()


async def a_wrong_expectation_is_told(shown: Performance) -> None:
    invented = Expectation(subject="cube-lon-1", rule="ack_overdue", severity=Severity.CRITICAL)
    true = set(shown.fleet.expected)
    unforeseen = true.pop()
    wrong = replace(shown.fleet, expected=frozenset({*true, invented}))
    verdict = await await_verdict(replace(shown, fleet=wrong), bound=0)
    assert sorted(verdict.differences) == sorted(
        [
            "missing: cube-lon-1: ack_overdue (critical)",
            f"not expected: {unforeseen.subject}: {unforeseen.rule} ({unforeseen.severity.word})",
        ]
    )


async def a_page_resolves_by_what_it_says(shown: Performance) -> None:
    """The router's own trap resolves it; the next poll may be a minute off."""
    url, page = shown.place.url, Expectation(
        subject="cube-fra", rule="pair_page", severity=Severity.CRITICAL
    )  # fmt: skip
    (cube,) = (one for one in shown.fleet.cubes if one.name == "cube-fra-2")
    assert page in await asyncio.to_thread(found, url)
    assert cube.answer("license smart sync all", time.time())
    async with asyncio.timeout(60):
        while page in await asyncio.to_thread(found, url):  # noqa: ASYNC110 - the API announces nothing
            await asyncio.sleep(0.2)
    document = await asyncio.to_thread(fetch, f"{url}/api/v1/events?device={cube.name}&limit=500")
    assert [one for one in document["events"] if "RUMACKReceived" in one["text"]]
