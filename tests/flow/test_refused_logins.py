"""Routers that refuse a login, from the SSH server to one warning, over a restart."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from monitor.app.build import Parts, build, collector_of
from monitor.collect.ssh import PollResult, SshPoller
from monitor.config import Config
from monitor.lab.console import Console

NOW = 1_767_571_200.0
NAMES = ("cube-1", "cube-2")
SECRET = "correct horse"  # noqa: S105 - of the lab's own servers


def configured(directory: Path, ports: dict[str, int]) -> Config:
    ssh = {"host": "127.0.0.1", "credential": "noc", "accept_first_key": True}
    credential = {"user": "noc", "password": {"env": "LAB_PASSWORD"}}
    collector = {
        "kind": "ssh",
        "credentials": {"noc": credential},
        "known_hosts": str(directory / "known_hosts"),
        "commands": ["show clock"],
        "credential_rest": 60,
    }
    return Config.model_validate(
        {
            "store": {"directory": str(directory / "data")},
            "devices": [{"name": name, "ssh": {**ssh, "port": ports[name]}} for name in NAMES],
            "collect": [collector],
        }
    )


class Day:
    """One life of the monitor; each new poller has forgotten that credentials rest."""

    def __init__(self, config: Config) -> None:
        self.parts: Parts = build(config, lambda: NOW, group_seconds=0)

    async def poll(self, device: str) -> PollResult:
        poller: Any = collector_of(self.parts.config.collect[0], self.parts)
        assert isinstance(poller, SshPoller)
        result = await poller.poll(device, self.parts.pipeline)
        await self.parts.rooms.writer.idle()
        return result

    def open(self) -> list[tuple[str, str]]:
        judged = self.parts.pipeline.judge_now(NOW)
        return [one.finding.key[::2] for one in judged.findings if one.finding.severity > 1]


async def lived(day: Day, steps: Any) -> None:
    writing = asyncio.create_task(day.parts.rooms.writer.run())
    try:
        await steps(day)
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        day.parts.rooms.writer.close()
        day.parts.store.close()


def test_a_refused_credential_is_one_warning_until_it_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = [("credential_refused", "ssh credential noc")]

    async def refused(day: Day) -> None:
        assert await day.poll("cube-1") is PollResult.LOGIN_REFUSED
        assert day.open() == []
        assert await day.poll("cube-2") is PollResult.LOGIN_REFUSED
        assert day.open() == shared

    async def taken(day: Day) -> None:
        assert day.open() == shared
        assert day.parts.pipeline.snapshot_at(0).devices[0].refusals == {"ssh": "noc"}
        monkeypatch.setenv("LAB_PASSWORD", SECRET)
        assert await day.poll("cube-2") is PollResult.OK
        states = day.parts.pipeline.judge_now(NOW).devices
        assert [dict(one.refusals) for one in states] == [{"ssh": "noc"}, {}]

    async def story() -> None:
        monkeypatch.setenv("LAB_PASSWORD", "wrong-but-secret")
        key = asyncssh.generate_private_key("ssh-ed25519")
        async with AsyncExitStack() as stack:
            ports = {}
            for name in NAMES:
                console = Console(
                    host_name=name, answer=lambda _: "x\n", user="noc", password=SECRET
                )
                acceptor = await stack.enter_async_context(await console.listen(key))
                ports[name] = acceptor.get_port()
            config = configured(tmp_path, ports)
            await lived(Day(config), refused)
            await lived(Day(config), taken)

    asyncio.run(story())
    stored = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    assert b"wrong-but-secret" not in stored
