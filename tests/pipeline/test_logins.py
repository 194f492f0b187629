"""What is noted of logins: a refusal when it begins and when it ends, and nothing between."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monitor.app.build import build, ways_of
from monitor.config import Config
from monitor.domain.facts import FactName
from monitor.wire import LoginOutcome, nobody

START = 1_767_571_200.0
SSH = {"kind": "ssh", "credentials": {"noc": {"user": "noc", "password": {"env": "NOWHERE"}}}}


def login(device: str, credential: str, *, refused: bool, later: float = 0) -> LoginOutcome:
    return LoginOutcome(
        device=device, manner="ssh", credential=credential, refused=refused, at=START + later
    )


def run(
    directory: Path, logins: Sequence[LoginOutcome] = (), **config: Any
) -> dict[str, tuple[object, float]]:
    """One life of the monitor; what its store says then: device -> credential, since when."""

    async def live() -> dict[str, tuple[object, float]]:
        whole = Config.model_validate({"store": {"directory": str(directory)}, **config})
        parts = build(whole, lambda: START + 5_000, group_seconds=0)
        writing = asyncio.create_task(parts.rooms.writer.run())
        for one in logins:
            parts.logins(one)
            await parts.rooms.writer.idle()
        await parts.rooms.writer.idle()
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        told: dict[str, tuple[object, float]] = {
            fact.subject: (fact.value, fact.effective - START)
            for fact in parts.store.facts()
            if fact.name is FactName.CREDENTIAL_REFUSED
        }
        parts.rooms.writer.close()
        parts.store.close()
        return told

    return asyncio.run(live())


def device(name: str, **ways: Any) -> dict[str, Any]:
    return {"name": name, **ways}


WAY = {"host": "192.0.2.1", "credential": "noc"}
BOTH = [device("cube-1", ssh=WAY), device("cube-2", ssh=WAY)]


def test_a_refusal_is_noted_since_it_began(tmp_path: Path) -> None:
    told = [
        login("cube-1", "noc", refused=True),
        login("cube-1", "noc", refused=True, later=60),
        login("cube-2", "noc", refused=False, later=60),
    ]
    assert run(tmp_path, told, devices=BOTH, collect=[SSH]) == {"cube-1": ("noc", 0)}


def test_another_name_and_a_login_that_works_are_news(tmp_path: Path) -> None:
    told = [
        login("cube-1", "noc", refused=True),
        login("cube-1", "spare", refused=True, later=60),
        login("cube-2", "noc", refused=True, later=60),
        login("cube-2", "noc", refused=False, later=90),
        login("cube-2", "noc", refused=False, later=95),
    ]
    stored = run(tmp_path, told, devices=BOTH, collect=[SSH])
    assert stored == {"cube-1": ("spare", 60), "cube-2": (None, 90)}


def test_it_survives_a_restart_while_the_device_is_gone_to(tmp_path: Path) -> None:
    told = [login(name, "noc", refused=True) for name in ("cube-1", "cube-2")]
    run(tmp_path, told, devices=BOTH, collect=[SSH])
    # A command without the configuration says nothing of how devices are reached.
    assert run(tmp_path) == {"cube-1": ("noc", 0), "cube-2": ("noc", 0)}
    fewer = [device("cube-1", ssh=WAY), device("cube-2")]
    stored = run(tmp_path, devices=fewer, collect=[SSH])
    assert stored == {"cube-1": ("noc", 0), "cube-2": (None, 5_000)}


def test_ways_are_those_that_are_configured() -> None:
    config = Config.model_validate({"devices": [*BOTH[:1], device("cube-3")], "collect": [SSH]})
    assert ways_of(config) == {("cube-1", "ssh")}


def test_nobody_needs_to_listen() -> None:
    nobody(login("cube-1", "noc", refused=True))
