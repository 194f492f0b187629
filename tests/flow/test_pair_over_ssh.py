"""A lab pair behind real sshd processes fails over: one event, a new period, the need once."""

import asyncio
import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import pytest

from monitor.app.build import Parts, build
from monitor.collect.ssh import Known, PollResult, SshConfig, SshPoller, SshTarget
from monitor.config import Config
from monitor.domain.measurement import Reason
from monitor.domain.readings import ReadingColumns, Series
from monitor.wire import SyslogBatch

pytestmark = pytest.mark.engine("sshd")

START = 1_767_571_200  # 2026-01-05T00:00:00Z
HOUR = 3_600
TAKEOVER = START + 5 * HOUR + 1_800
MEMBERS = ("cube-1", "cube-2")
CLI = Path(__file__).with_name("pair_cli.py")
ROOT = Path(__file__).parents[2]


@dataclass
class Stage:
    """The one clock of routers, poller and pipeline."""

    state: Path
    at: float = START

    def __call__(self) -> float:
        return self.at

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)

    def set(self, at: float) -> None:
        self.at = at
        failovers = [TAKEOVER] if at >= TAKEOVER else []
        told = {"now": at, "failovers": failovers, "born": START - 2 * 24 * HOUR}
        self.state.write_text(json.dumps(told))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def sshd(directory: Path, name: str) -> Iterator[int]:
    """A real server whose only command is this member's command line."""
    port, config = _free_port(), directory / f"{name}.sshd"
    command = f"env PYTHONPATH={ROOT} {sys.executable} {CLI} {directory / 'state.json'} {name}"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {directory / 'key'}\n"
        f"PidFile {directory / name}.pid\nAuthorizedKeysFile {directory / 'key.pub'}\n"
        "StrictModes no\nUsePAM no\nPasswordAuthentication no\n"
        "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
        f"PrintMotd no\nPrintLastLog no\nForceCommand {command}\n"
    )
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin") or "sshd"
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with (directory / f"{name}.log").open("wb") as log:
        process = subprocess.Popen([program, "-D", "-e", "-f", str(config)], stderr=log)
    try:
        _await_port(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _await_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(5000):
        assert process.poll() is None
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("sshd does not listen")


def configuration(directory: Path, ports: dict[str, int]) -> Config:
    key = {"user": getpass.getuser(), "key": {"file": str(directory / "key")}}
    return Config.model_validate(
        {
            "collect": [
                {
                    "kind": "ssh",
                    "credentials": {"lab": key},
                    "known_hosts": str(directory / "known_hosts"),
                    # Without device minutes: what is measured are the readings below.
                    "commands": [
                        "show clock",
                        "show version",
                        "show license status",
                        "show license usage",
                        "show cube status",
                    ],
                }
            ],
            "store": {"directory": str(directory / "data")},
            "usage": {"periodicity": "8h"},
            "devices": [
                {
                    "name": name,
                    "addresses": [f"192.0.2.{name[-1]}"],
                    "virtual_account": "EMEA",
                    "ssh": {
                        "host": "127.0.0.1",
                        "port": port,
                        "credential": "lab",
                        "accept_first_key": True,
                    },
                }
                for name, port in ports.items()
            ],
            "pairs": [{"name": "edge", "members": list(MEMBERS)}],
            "accounts": [{"name": "EMEA", "purchased": {"CUBE_T_ENH": 1000}}],
        }
    )


def sessions(device: str, first: float, last: float, count: int) -> ReadingColumns:
    seconds = range(int(first), int(last), 60)
    return ReadingColumns(
        series=[Series(device, "CUBE_T_ENH", "test")],
        which=array("I", bytes(4 * len(seconds))),
        seconds=array("q", seconds),
        counts=array("q", [count]) * len(seconds),
    )


def role_change() -> SyslogBatch:
    body = "%RG_PROTOCOL-5-ROLECHANGE: RG id 1 role change from Standby to Active"
    frame = f"<189>77: cube-2: Jan  5 2026 05:30:00.000 UTC: {body}".encode()
    return SyslogBatch(transport="udp", received=TAKEOVER, frames=[("192.0.2.2", frame)])


async def poll(parts: Parts, poller: SshPoller) -> list[PollResult]:
    return [await poller.poll(name, parts.pipeline) for name in MEMBERS]


async def scene(parts: Parts, poller: SshPoller, stage: Stage) -> None:
    """A day in which cube-2 takes over at half past five; polled before, by message, and after."""
    stage.set(START)
    assert await poll(parts, poller) == [PollResult.OK] * 2
    parts.pipeline.judge_now(stage.at)
    for hour in range(20):
        begin, end = START + hour * HOUR, START + (hour + 1) * HOUR
        old, new = sessions("cube-1", begin, min(end, TAKEOVER), 10), sessions(
            "cube-2", max(begin, TAKEOVER), end, 20
        )  # fmt: skip
        for columns in (old, new):
            if len(columns):
                await parts.pipeline.columns(columns)
        if begin < TAKEOVER < end:
            stage.set(TAKEOVER)
            parts.pipeline.syslog(role_change())
            await parts.pipeline.drain()
            stage.set(TAKEOVER + 60)
            assert await poll(parts, poller) == [PollResult.OK] * 2
        stage.set(end + 100)
        parts.pipeline.judge_now(stage.at)
        await parts.rooms.measuring.work(stage.at)
    assert await poll(parts, poller) == [PollResult.OK] * 2
    parts.pipeline.judge_now(stage.at)


def test_a_failover_is_one_event_a_new_period_and_one_need(tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    (tmp_path / "key").write_bytes(key.export_private_key())
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "key.pub").write_bytes(key.export_public_key())
    stage = Stage(tmp_path / "state.json")
    stage.set(START)
    with sshd(tmp_path, "cube-1") as first, sshd(tmp_path, "cube-2") as second:
        config = configuration(tmp_path, {"cube-1": first, "cube-2": second})
        told = asyncio.run(_told(config, stage))

    failovers = [text for text in told.events if "failover" in text]
    assert failovers == ["failover of edge: cube-2 took over from cube-1"]
    (ended,) = told.measured["cube-1"]
    assert ended == (START, START + 6 * HOUR, Reason.FAILOVER, 10)
    assert told.measured["cube-2"][0][:2] == (START + 5 * HOUR, START + 13 * HOUR)
    assert {count for *_, count in told.measured["cube-2"]} == {20}
    assert told.active == "cube-2"
    # By the law of the readings, and as the router itself reports; never the sum of both members.
    assert told.needs["separate"] == 20
    assert told.in_use == told.needs["reported"]
    assert "show redundancy application group" in (tmp_path / "cube-2.typed").read_text()


@dataclass
class Told:
    events: list[str]
    measured: dict[str, list[tuple[int, int, Reason, int | None]]]
    active: str | None
    needs: dict[str, int]
    in_use: int


async def _told(config: Config, stage: Stage) -> Told:
    parts = build(config, stage, group_seconds=0)
    loops = [
        asyncio.create_task(parts.rooms.writer.run()),
        asyncio.create_task(parts.pipeline.read()),
    ]
    try:
        async with asyncio.timeout(120):
            await scene(parts, _poller(config, parts, stage), stage)
        return _summary(parts, stage)
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        parts.rooms.writer.close()
        parts.store.close()


def _poller(config: Config, parts: Parts, stage: Stage) -> SshPoller:
    (settings,) = [one for one in config.collect if isinstance(one, SshConfig)]
    targets: dict[str, SshTarget] = {one.name: one.ssh for one in config.devices if one.ssh}
    return SshPoller(
        config=settings,
        targets=targets,
        instruments=parts.instruments,
        known_of=lambda device: Known(pair=True),
        clock=stage,
    )


def _summary(parts: Parts, stage: Stage) -> Told:
    judged = parts.pipeline.judge_now(stage.at)
    (pair,) = judged.pairs
    measured: dict[str, list[tuple[int, int, Reason, int | None]]] = {}
    for one in parts.store.measurements(
        device=None, tag="CUBE_T_ENH", start=None, end=None, limit=100
    ):
        measured.setdefault(one.device, []).append((one.start, one.end, one.reason, one.count))
    return Told(
        events=[one.text for one in parts.store.events(device=None, since=None, limit=50)],
        measured={device: sorted(rows) for device, rows in measured.items()},
        active=pair.roles.active,
        needs={str(one.profile): one.count for one in pair.needs},
        in_use=next(
            balance.in_use
            for account in judged.accounts
            if account.account.name == "EMEA"
            for balance in account.balances
        ),
    )
