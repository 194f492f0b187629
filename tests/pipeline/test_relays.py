"""What is noted of relays: the way of a device's syslog where it changes, and nothing between."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monitor.app.build import build
from monitor.config import Config
from monitor.domain.facts import Fact, FactName
from monitor.pipeline.listening import nobody
from monitor.wire import SyslogBatch

START = 1_767_571_200.0
RELAY = "192.0.2.9"
DEVICES = [
    {"name": "cube-1", "addresses": ["192.0.2.1"]},
    {"name": "cube-2", "addresses": ["192.0.2.2"]},
]
DECLARED: dict[str, Any] = {"devices": DEVICES, "relays": [RELAY]}


def line(device: str) -> bytes:
    text = f"<190>100: {device}: Jan  5 2026 00:00:00.004 UTC: %SMART_LIC-6-REPORTING_REQUIRED: "
    return f"{text}A Usage report acknowledgement will be required in 60 days.".encode()


def run(
    directory: Path, told: Sequence[Sequence[tuple[str, str]]] = (), **config: Any
) -> tuple[dict[str, tuple[object, float]], int]:
    """One life of the monitor, its batches of (address, device) a minute apart.

    What its store says then: device -> relay, since when; and how often a way was noted.
    """

    async def live() -> tuple[dict[str, tuple[object, float]], int]:
        whole = Config.model_validate({"store": {"directory": str(directory)}, **config})
        parts = build(whole, lambda: START + 5_000, group_seconds=0)
        noted: list[Fact] = []
        parts.rooms.writer.after.append(
            lambda batch, _: noted.extend(one for one in batch.facts if one.name is FactName.RELAY)
        )
        writing = asyncio.create_task(parts.rooms.writer.run())
        for number, batch in enumerate(told):
            frames = [(address, line(device)) for address, device in batch]
            received = START + 60 * number
            parts.pipeline.syslog(SyslogBatch(transport="udp", received=received, frames=frames))
            await parts.pipeline.drain()
        await parts.rooms.writer.idle()
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        stored: dict[str, tuple[object, float]] = {
            fact.subject: (fact.value, fact.effective - START)
            for fact in parts.store.facts()
            if fact.name is FactName.RELAY
        }
        parts.rooms.writer.close()
        parts.store.close()
        return stored, len(noted)

    return asyncio.run(live())


def test_a_relay_is_noted_once_since_it_began(tmp_path: Path) -> None:
    told = [
        [(RELAY, "cube-1"), (RELAY, "cube-1"), ("192.0.2.2", "cube-2")],
        [(RELAY, "cube-1")],
    ]
    assert run(tmp_path, told, **DECLARED) == ({"cube-1": (RELAY, 0)}, 1)


def test_another_relay_and_speaking_directly_are_news(tmp_path: Path) -> None:
    other = "192.0.2.10"
    told = [
        [(RELAY, "cube-1"), (RELAY, "cube-2")],
        [(other, "cube-1"), ("192.0.2.2", "cube-2")],
        [(other, "cube-1"), ("192.0.2.2", "cube-2")],
    ]
    config = {"devices": DEVICES, "relays": [RELAY, other]}
    stored, noted = run(tmp_path, told, **config)
    assert stored == {"cube-1": (other, 60), "cube-2": (None, 60)}
    assert noted == 4


def test_who_is_not_known_has_no_relay(tmp_path: Path) -> None:
    told = [[(RELAY, "cube-7"), ("192.0.2.7", "cube-8")]]
    assert run(tmp_path, told, **DECLARED) == ({}, 0)


def test_it_survives_a_restart_while_the_relay_is_configured(tmp_path: Path) -> None:
    told = [[(RELAY, "cube-1"), (RELAY, "cube-2")]]
    run(tmp_path, told, **DECLARED)
    as_it_was = {"cube-1": (RELAY, 0), "cube-2": (RELAY, 0)}
    # A command without the configuration says nothing of relays.
    assert run(tmp_path) == (as_it_was, 0)
    assert run(tmp_path, told, **DECLARED) == (as_it_was, 0)
    stored, noted = run(tmp_path, devices=DEVICES)
    assert stored == {"cube-1": (None, 5_000), "cube-2": (None, 5_000)}
    assert noted == 2


def test_nobody_needs_to_listen() -> None:
    nobody("cube-1", RELAY, START)
