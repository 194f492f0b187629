"""A running receiver, programs of net-snmp, and its agent serving what a CUBE serves."""

import asyncio
import contextlib
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from monitor.collect.snmp import SnmpNotifications, SnmpTrapConfig
from monitor.instrument import Instruments
from monitor.wire import Intake

DEADLINE = 10.0
PASS_PERSIST = Path(__file__).parent / "pass_persist.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Runs programs of net-snmp, each with a state directory of its own."""

    directory: Path

    async def run(self, *arguments: str) -> tuple[int, str]:
        """Exit code and what was printed."""
        process = await asyncio.create_subprocess_exec(
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self.environment,
        )
        async with asyncio.timeout(DEADLINE):
            output, _ = await process.communicate()
        said = [one for one in output.decode().splitlines() if not one.startswith("Created dir")]
        return process.returncode or 0, "\n".join(said)

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
        state = {"SNMP_PERSISTENT_DIR": str(self.directory), "SNMPCONFPATH": str(self.directory)}
        return {"PATH": path, "MIBS": "", **state}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snmpd:
    """A running snmpd; `values` may be changed while it runs."""

    port: int
    values: Path

    def serve(self, values: Mapping[str, tuple[str, str]]) -> None:
        """Object identifier -> (type, value) in the words of pass_persist."""
        lines = [f"{oid} {kind} {value}\n" for oid, (kind, value) in values.items()]
        fresh = self.values.with_suffix(".new")
        fresh.write_text("".join(lines))
        fresh.replace(self.values)


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


IPV6 = _has_ipv6()


def _users_of_every_kind() -> str:
    """A user of each pair of algorithms, called after them; long keys as Cisco extends them."""
    lines = []
    for auth in ("SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"):
        for priv in ("AES", "AES-192-C", "AES-256-C"):
            name = f"{auth}_{priv}"
            lines += [
                f"createUser {name} {auth} authsecret4 {priv} privsecret4",
                f"rouser {name} priv",
            ]
    return "\n".join(lines) + "\n"


def udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Receiving:
    """Runs receivers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.instruments = Instruments(self.registry)

    def count(self, result: str) -> float:
        name = "cube_monitor_snmp_notifications_total"
        return self.registry.get_sample_value(name, {"result": result}) or 0.0

    async def until(self, result: str, count: float) -> None:
        """Let the loop run until so many notifications had this result."""
        loop = asyncio.get_running_loop()
        last = loop.time() + DEADLINE
        while self.count(result) < count:
            assert loop.time() < last, "the deadline passed"
            await asyncio.sleep(0)

    @asynccontextmanager
    async def on(self, config: SnmpTrapConfig, intake: Intake) -> AsyncIterator[int]:
        """The port of a receiver that runs until the block ends."""
        receiver = SnmpNotifications(config, self.instruments)
        task = asyncio.create_task(receiver.run(intake))
        listening = asyncio.create_task(receiver.listening.wait())
        await asyncio.wait({task, listening}, timeout=DEADLINE, return_when="FIRST_COMPLETED")
        if task.done():
            await task
        try:
            yield receiver.port
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@pytest.fixture
def receiving() -> Receiving:
    return Receiving()


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    directory = tmp_path / "net-snmp"
    directory.mkdir()
    return Tool(directory=directory)


@pytest.fixture
def start_snmpd(tool: Tool) -> "StartSnmpd":
    return StartSnmpd(tool)


class StartSnmpd:
    """Starts snmpd with users and a subtree of ours."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool

    @asynccontextmanager
    async def __call__(self, values: Mapping[str, tuple[str, str]]) -> AsyncIterator[Snmpd]:
        directory, port = self._tool.directory, udp_port()
        agent = Snmpd(port=port, values=directory / "values")
        agent.serve(values)
        script = directory / "pass_persist.py"
        shutil.copy(PASS_PERSIST, script)
        command = f"{sys.executable} {script} {agent.values}"
        configuration = directory / "agent.conf"
        configuration.write_text(
            f"agentaddress udp:127.0.0.1:{port}{f',udp6:[::1]:{port}' if IPV6 else ''}\n"
            f"rocommunity public\n{'rocommunity6 public' if IPV6 else ''}\n"
            "createUser plain\n"
            "createUser signed SHA-256 authsecret1\n"
            "createUser sealed SHA authsecret2 AES privsecret2\n"
            "createUser strong SHA-512 authsecret3 AES privsecret3\n"
            "rouser plain noauth\nrouser signed auth\nrouser sealed priv\nrouser strong priv\n"
            f"{_users_of_every_kind()}"
            f"pass_persist .1.3.6.1.4.1.9.9 {command}\n"
            f"pass_persist .1.3.6.1.2.1.47 {command}\n"
        )
        process = await asyncio.create_subprocess_exec(
            "snmpd", "-f", "-C", "-c", str(configuration), "-Lf", str(directory / "log"), "-r",
            env=self._tool.environment,
        )  # fmt: skip
        try:
            await self._answers(port)
            yield agent
        finally:
            process.terminate()
            await process.wait()

    async def _answers(self, port: int) -> None:
        get = ("snmpget", "-v2c", "-cpublic", "-t0.2", "-r50", f"127.0.0.1:{port}")
        code, said = await self._tool.run(*get, "1.3.6.1.2.1.1.3.0")
        assert code == 0, said
