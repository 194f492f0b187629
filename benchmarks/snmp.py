"""SNMP polling: devices served in a minute, memory, open files; pysnmp and gufo-snmp side by side.

    python benchmarks/snmp.py [--version 2c] [--devices 2000] [--targets 10000] [--processes 1]
    python benchmarks/snmp.py --version 3 --engines --rounds 3 --step 60 --processes

Each device is asked for its entitlements, its two counts of days and the calls of 60 seconds.
The agents are in a process of their own, so that two cores are one to ask and one to answer; what
the asking process spends is given as well. For version 3 (SHA-256, AES-128) net-snmp's snmpd
answers for all devices, so that they share an engine; with --engines our own agents answer, each an
engine of its own, as routers are. `--processes` without a number leaves all but the rounds of the
whole poller out. gufo-snmp is measured with version 2c, where
it is installed (`pip install gufo-snmp`).
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, Final, cast

from prometheus_client import CollectorRegistry

from monitor.collect.clock import SystemClock
from monitor.collect.snmp import (
    SnmpConfig,
    SnmpCredential,
    SnmpPoller,
    SnmpTarget,
    SnmpUser,
    VisitResult,
    plan,
)
from monitor.collect.snmp.config import Version
from monitor.collect.snmp.login import Authentication, Login, Privacy
from monitor.collect.snmp.session import Session
from monitor.domain.instants import HOUR
from monitor.instrument import Instruments
from monitor.secret import SecretRef
from monitor.wire import SnmpReport

DAYS: Final = ("1.3.6.1.4.1.9.9.831.0.12.1.0", "1.3.6.1.4.1.9.9.831.0.12.2.0")
AT_ONCE: Final = 128
ROWS: Final = 3
VARBINDS: Final = 61 + 2 + 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one process did."""

    devices: int
    seconds: float
    cpu: float
    memory: int
    files: int

    def line(self, name: str) -> str:
        a_minute = self.devices / self.seconds * 60
        return (
            f"{name:<40}{a_minute:>9,.0f} devices a minute, {1e3 * self.cpu / self.devices:5.2f} ms"
            f" of CPU each, {self.memory >> 20:>4} MiB, {self.files} files"
        )


def address(number: int) -> str:
    return f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"


@contextmanager
def agents(*secrets: str) -> Iterator[int]:
    """The port at which all devices answer: version 2c, or 3 by two pass phrases."""
    script = Path(__file__).with_name("_snmp_agents.py")
    environment = os.environ | {"PYTHONPATH": str(script.parents[1])}
    process = subprocess.Popen(
        [sys.executable, str(script), *secrets], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        with cast("IO[str]", process.stdout) as said:
            yield int(said.readline())
    finally:
        process.kill()
        process.wait()


USER: Final = "sealed"
SECRETS: Final = ("authsecret1", "privsecret1")


@contextmanager
def snmpd() -> Iterator[int]:
    """The port at which net-snmp answers for all devices by version 3."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "agent.conf"
        file.write_text("\n".join(_snmpd_lines(port)))
        environment = os.environ | {"MIBS": "", "SNMP_PERSISTENT_DIR": directory}
        environment["PATH"] += ":/usr/sbin"
        process = subprocess.Popen(
            ["snmpd", "-f", "-C", "-c", str(file), "-Lf", str(Path(directory) / "log"), "-r"],
            env=environment,
        )
        time.sleep(1)
        try:
            yield port
        finally:
            process.kill()
            process.wait()


def _snmpd_lines(port: int) -> Iterator[str]:
    auth, priv = SECRETS
    yield f"agentaddress udp:0.0.0.0:{port}"
    yield f"createUser {USER} SHA-256 {auth} AES {priv}"
    yield f"rouser {USER} priv"
    for row in range(1, plan.CALL_ROWS + 1):
        yield f"override {plan.CALL_SECONDS}.{row} uinteger {200 + row}"
    for oid in DAYS:
        yield f"override {oid} uinteger 27"
    count, tag, mode = plan.ENTITLEMENTS
    for row, name in enumerate(("CUBE_T_STD", "CUBE_T_ENH"), start=1):
        yield f"override {count}.{row} uinteger {100 * row}"
        yield f'override {tag}.{row} octet_str "{name}"'
        yield f"override {mode}.{row} integer 15"


def serving(version: str, *, engines: bool) -> AbstractContextManager[int]:
    """Whatever answers this version."""
    if version == "2c":
        return agents()
    return agents(*SECRETS) if engines else snmpd()


def login(version: str) -> Login:
    """What the agents let in."""
    if version == "2c":
        return Login(community="public")
    return Login(
        user=USER,
        auth=Authentication.SHA256,
        auth_secret=SECRETS[0],
        priv=Privacy.AES128,
        priv_secret=SECRETS[1],
    )


def credential(version: str) -> SnmpCredential:
    """The same, as the configuration has it."""
    os.environ |= {"BENCH_COMMUNITY": "public", "BENCH_AUTH": SECRETS[0], "BENCH_PRIV": SECRETS[1]}
    if version == "2c":
        return SnmpCredential(community=SecretRef(env="BENCH_COMMUNITY"))
    user = SnmpUser(
        user=USER,
        auth=Authentication.SHA256,
        auth_secret=SecretRef(env="BENCH_AUTH"),
        priv=Privacy.AES128,
        priv_secret=SecretRef(env="BENCH_PRIV"),
    )
    return SnmpCredential(version=Version.V3, v3=user)


def memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counted only


async def measured(
    ask: Callable[[int], Coroutine[Any, Any, int]], numbers: Sequence[int]
) -> Figure:
    """Ask all devices, so many at once; every answer must be whole."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with room:
            found = await ask(number)
            if found != VARBINDS:
                raise RuntimeError(f"device {number}: {found} values, not {VARBINDS}")

    started, spent = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(number) for number in numbers))
    return Figure(
        devices=len(numbers),
        seconds=time.perf_counter() - started,
        cpu=time.process_time() - spent,
        memory=memory(),
        files=files(),
    )


async def with_pysnmp(version: str, port: int, numbers: Sequence[int]) -> Figure:
    """The session of the monitor: three questions a device."""
    shown = login(version)
    with Session() as session:

        async def ask(number: int) -> int:
            peer = await session.peer(address(number), port, shown, patience=10, retries=2)
            calls = await session.bulk(peer, (plan.UPTIME,), (plan.CALL_SECONDS,), plan.CALL_ROWS)
            days = await session.get(peer, DAYS)
            tags = await session.bulk(peer, (), plan.ENTITLEMENTS, ROWS)
            rows = dict(plan.below(tags, plan.ENTITLEMENTS))
            return len(calls) + len(days) + len(rows)

        return await measured(ask, numbers)


async def with_gufo(port: int, numbers: Sequence[int]) -> Figure:
    """The same questions; a table is asked for column by column, as its interface has it."""
    from gufo.snmp import SnmpVersion  # noqa: PLC0415 - not a dependency
    from gufo.snmp.aio import SnmpSession  # noqa: PLC0415 - not a dependency

    async def ask(number: int) -> int:
        async with SnmpSession(
            address(number), port=port, community="public", version=SnmpVersion.v2c, timeout=30
        ) as session:
            found = await session.get_many(("1.3.6.1.2.1.1.3.0", *DAYS))
            total = len(found)
            for column, rows in (
                (plan.CALL_SECONDS, 61),
                *((one, ROWS) for one in plan.ENTITLEMENTS),
            ):
                async for _ in session.getbulk(column, max_repetitions=rows):
                    total += 1
            return total

    return await measured(ask, numbers)


class Ahead(SystemClock):
    """Makes everything due again."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


class Sink:
    """Takes reports and keeps nothing but their number."""

    def __init__(self) -> None:
        self.varbinds = 0

    async def snmp(self, reports: Sequence[SnmpReport]) -> None:
        self.varbinds += sum(len(report.varbinds) for report in reports)


async def with_poller(version: str, port: int, asked: argparse.Namespace) -> None:
    """The whole poller over many targets: memory and files must stay flat from round to round."""
    clock, targets = Ahead(), asked.targets
    poller = SnmpPoller(
        config=SnmpConfig(
            credentials={"default": credential(version)}, calls_interval=1, timeout=10, budget=600
        ),
        targets={
            f"cube-{number}": SnmpTarget(host=address(number), port=port)
            for number in range(targets)
        },
        instruments=Instruments(CollectorRegistry()),
        clock=clock,
    )
    sink: Any = Sink()
    with Session() as session:
        room = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> None:
            async with room:
                result = await poller.visit(f"cube-{number}", session, sink)
                if result is not VisitResult.OK:
                    raise RuntimeError(f"device {number}: {result}")

        print(f"before: {memory() >> 20} MiB, {files()} files")
        for turn in range(1, asked.rounds + 1):
            clock.ahead += asked.step
            started, spent = time.perf_counter(), time.process_time()
            await asyncio.gather(*(one(number) for number in range(targets)))
            figure = Figure(
                devices=targets,
                seconds=time.perf_counter() - started,
                cpu=time.process_time() - spent,
                memory=memory(),
                files=files(),
            )
            print(figure.line(f"poller, {targets:,} targets, round {turn}"), flush=True)


def _part(kind: Any, port: int, numbers: range) -> Figure:
    figure: Figure = asyncio.run(kind(port, numbers))
    return figure


def spread(kind: Any, port: int, devices: int, processes: int) -> Iterator[Figure]:
    """Figures of so many processes that share the devices."""
    parts = [range(first, devices, processes) for first in range(processes)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.map(partial(_part, kind, port), parts)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", choices=["2c", "3"], default="2c")
    parser.add_argument("--engines", action="store_true", help="version 3: an engine a device")
    parser.add_argument("--devices", type=int, default=2000)
    parser.add_argument("--targets", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--step", type=float, default=HOUR, help="seconds from round to round: 60 asks for calls"
    )
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2])
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    version = asked.version
    kinds: list[tuple[str, Any]] = [(f"pysnmp, version {version}", partial(with_pysnmp, version))]
    if version == "2c":
        kinds.append(("gufo-snmp, version 2c", with_gufo))
    with serving(version, engines=asked.engines) as port:
        for name, kind in kinds:
            with contextlib.suppress(ImportError):
                for processes in asked.processes:
                    figures = list(spread(kind, port, asked.devices, processes))
                    for figure in figures:
                        print(figure.line(f"{name}, {processes} process(es)"), flush=True)
        if asked.targets:
            asyncio.run(with_poller(version, port, asked))


if __name__ == "__main__":
    main()
