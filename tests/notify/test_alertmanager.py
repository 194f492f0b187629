"""A real Alertmanager: two monitors, one notification; open alerts outlive it, ends are told."""

import asyncio
import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.instants import DAY

pytestmark = pytest.mark.engine("prometheus-alertmanager")

DEADLINE = 1_768_435_200.0
CONFIGURATION = """
route:
  receiver: hook
  group_by: [subject]
  group_wait: 200ms
  group_interval: 300ms
  repeat_interval: 4h
receivers:
  - name: hook
    webhook_configs:
      - url: {url}
        send_resolved: true
"""


@pytest.fixture
def alertmanager(tmp_path: Path, receiver: Any) -> Iterator[str]:
    """Its address; it tells the receiver."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    file = tmp_path / "alertmanager.yml"
    file.write_text(CONFIGURATION.format(url=receiver.url))
    command = [
        shutil.which("prometheus-alertmanager") or "", f"--config.file={file}",
        f"--storage.path={tmp_path / 'alerts'}", f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=", "--log.level=error",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as engine:
        _answers(f"http://127.0.0.1:{port}/-/ready")
        yield f"http://127.0.0.1:{port}"
        engine.terminate()


def _answers(url: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own engine
        except OSError:
            assert time.monotonic() < until, "Alertmanager does not start"
            time.sleep(0.02)
        else:
            return


def alerts(url: str) -> Any:
    with urllib.request.urlopen(f"{url}/api/v2/alerts", timeout=10) as answer:  # noqa: S310 - our own engine
        return json.loads(answer.read())


def groups(receiver: Any, status: str) -> list[Any]:
    """Notifications of Alertmanager in that state, each with its alerts."""
    return [one.json for one in receiver.told if one.json["status"] == status]


def test_two_monitors_into_one_alertmanager_are_one_notification(
    monitor: Any, receiver: Any, alertmanager: str, capture: Any
) -> None:
    notify = {"channels": [{"kind": "alertmanager", "url": alertmanager, "resend_seconds": 1}]}
    late = capture("cube-1")
    good = capture("cube-1", deadline="Feb 14 00:00:00 2026 UTC", acked="Jan 14 23:00:00 2026 UTC")

    async def story() -> None:
        now = DEADLINE - 3 * DAY + 60
        async with (
            monitor(notify, now=now, name="left") as left,
            monitor(notify, now=now + 7, name="right") as right,
        ):
            for one in (left, right):
                await one.show(late)
                await one.sent()
            (alert,) = await asyncio.to_thread(alerts, alertmanager)
            assert alert["labels"] == {
                "alertname": "CubeAckBackstop", "rule": "ack_backstop", "step": "3d",
                "subject": "cube-1", "severity": "critical",
            }  # fmt: skip
            assert "CALLS STOP on 2026-01-15" in alert["annotations"]["summary"]
            await asyncio.to_thread(receiver.wait, lambda it: groups(it, "firing"))

            for one in (left, right):
                await one.show(good)
                await one.sent()
            await asyncio.to_thread(receiver.wait, lambda it: groups(it, "resolved"))

    asyncio.run(story())
    assert [len(one["alerts"]) for one in groups(receiver, "firing")] == [1]
    assert [len(one["alerts"]) for one in groups(receiver, "resolved")] == [1]


def test_what_is_open_is_said_again_before_it_expires(
    monitor: Any, receiver: Any, alertmanager: str, capture: Any
) -> None:
    notify = {"channels": [{"kind": "alertmanager", "url": alertmanager, "resend_seconds": 1}]}
    assert receiver.told == []

    async def story() -> None:
        async with monitor(notify, now=DEADLINE - 3 * DAY + 60) as it:
            await it.show(capture("cube-1"))
            await it.sent()
            (first,) = await asyncio.to_thread(alerts, alertmanager)
            async with asyncio.timeout(20):
                while True:
                    (later,) = await asyncio.to_thread(alerts, alertmanager)
                    if later["endsAt"] > first["endsAt"]:
                        break
                    await asyncio.sleep(0.05)
            assert later["startsAt"] == first["startsAt"]

    asyncio.run(story())


def test_a_changed_severity_ends_the_former_alert(
    monitor: Any, receiver: Any, alertmanager: str, capture: Any
) -> None:
    notify = {"channels": [{"kind": "alertmanager", "url": alertmanager}]}
    assert receiver.told == []

    async def story() -> None:
        async with monitor(notify, now=DEADLINE - 3 * DAY + 60) as it:
            await it.show(capture("cube-1"))
            await it.sent()
            await it.show(capture("cube-1", release="17.9.4a"))  # upgraded
            await it.sent()
            open_ = await asyncio.to_thread(alerts, alertmanager)
            said = {one["labels"]["severity"] for one in open_}
            assert said == {"warning"}

    asyncio.run(story())
