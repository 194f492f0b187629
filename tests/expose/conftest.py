import asyncio
import http.client
import json
import threading
from array import array
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Gauge

from monitor.domain.audit import AuditRecord
from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.domain.findings import EvidenceLine, Finding, Severity, Standing
from monitor.domain.instants import DAY, HOUR
from monitor.domain.measurement import Measurement, Reason
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import EventRecord
from monitor.domain.release import Stopping
from monitor.domain.state import (
    Account,
    AccountState,
    AckCycle,
    Balance,
    DeviceState,
    FleetSnapshot,
    OpenFinding,
    Threshold,
)
from monitor.expose.access import Access
from monitor.expose.api import build_api
from monitor.expose.guard import Doorkeeper, Note
from monitor.expose.http import HttpConfig, HttpServer
from monitor.wire import ReadingLines, Receipt, Refusal

NOW = 1_700_035_200.0  # 2023-11-15T08:00:00Z


def fact(name: FactName, value: Value, *, key: str = "", source: str = "cli") -> Fact:
    return Fact(
        subject="berlin", name=name, source=source, value=value, key=key, kind=FactKind.EXACT,
        received=NOW - 40, effective=NOW - 40,
    )  # fmt: skip


def finding(
    rule: str, severity: Severity, subject: str = "berlin", *, inhibited_by: str = ""
) -> Finding:
    return Finding(
        rule=rule, step="3d", subject=subject, severity=severity, why="calls stop in 2 days",
        next="license smart sync all", deadline=NOW + 2 * DAY, inhibited_by=inhibited_by,
        evidence=(EvidenceLine(what="next ACK deadline", value="2023-11-17T08:00:00Z",
                               source="cli", kind="exact", received=NOW - 40),),
    )  # fmt: skip


def opened(found: Finding, at: float | None = NOW - HOUR) -> OpenFinding:
    return OpenFinding(
        finding=found, standing=Standing(key=found.key, since=NOW - 2 * HOUR, opened=at)
    )


def berlin() -> DeviceState:
    return DeviceState(
        device=Device(id="berlin", aliases=frozenset({"192.0.2.10", "SBC-Berlin"})),
        now=NOW,
        release="17.3.3",
        stopping=Stopping.STOPS,
        cycle=AckCycle(
            required=fact(FactName.ACK_REQUIRED, True),
            deadline=fact(FactName.ACK_DEADLINE, NOW + 2 * DAY),
            last_ack=fact(FactName.LAST_ACK, None),
            next_push=fact(FactName.NEXT_PUSH, NOW + 20 * DAY),
            last_push=fact(FactName.LAST_PUSH, NOW - 11 * DAY),
            interval_days=fact(FactName.REPORTING_INTERVAL_DAYS, 30),
            transport=fact(FactName.TRANSPORT, "smart"),
            trust=fact(FactName.TRUST_CODE, None),
        ),
        virtual_account='voice "eu"',
        sip_service="up",
        in_use={"CUBE_T_STD": 7, "CUBE_T_ENH": 0},
        out_of_compliance=False,
        communication_failed_since=NOW - 5 * DAY,
        communication_peer="CSSM",
        refusals={"ssh": "noc"},
        relay="192.0.2.9",
        thresholds={"7d": 7.0 * DAY, "3d": 3.0 * DAY},
        rungs=(
            Threshold("backstop_warning", "7d", 7.0 * DAY),
            Threshold("backstop_critical", "3d", 3.0 * DAY),
        ),
        patience={"cli": 10_800.0, "syslog": 8.0 * DAY},
        last_seen={"cli": NOW - 40, "syslog": NOW - 0.5},
        facts=(
            fact(FactName.PLATFORM, "C8300-1N1S-6T\n"),
            fact(FactName.CLOCK_OFFSET, -0.0),
            fact(FactName.USAGE_COUNT, 7, key="CUBE_T_STD"),
        ),
    )


def oslo() -> DeviceState:
    """Nothing is known of it but its name."""
    return DeviceState(
        device=Device(id="oslo", learned=True),
        now=NOW,
        release=None,
        stopping=Stopping.MAY_STOP,
        cycle=AckCycle(),
        virtual_account=None,
        stale=True,
    )


def small_fleet() -> FleetSnapshot:
    balance = Balance(
        account='voice "eu"', tag="CUBE_T_STD", purchased=5, in_use=7, devices=("berlin",)
    )
    return FleetSnapshot(
        now=NOW,
        devices=[oslo(), berlin()],
        accounts=[
            AccountState(
                account=Account(name='voice "eu"', purchased={"CUBE_T_STD": 5}), balances=(balance,)
            )
        ],
        findings=[
            opened(finding("out_of_compliance", Severity.INFO)),
            opened(finding("ack_backstop", Severity.CRITICAL, inhibited_by="sip_down")),
            opened(finding("sip_down", Severity.CRITICAL)),
            opened(finding("stale", Severity.WARNING, "oslo"), None),
        ],
        latest={Series("berlin", "CUBE_T_STD", "lab"): (int(NOW), 3)},
        measurements=[
            Measurement(
                device="berlin", tag="CUBE_T_STD", start=int(NOW) - 8 * HOUR, end=int(NOW),
                units=250, count=7, coverage=0.25, minute_coverage=0.375,
                reason=Reason.PERIODIC, changed=False,
            )
        ],
    )  # fmt: skip


@dataclass
class Shelf:
    """An archive in memory that notes what it was asked."""

    measured: list[Measurement] = field(default_factory=list)
    columns: list[ReadingColumns] = field(default_factory=list)
    kept: list[EventRecord] = field(default_factory=list)
    asked: list[dict[str, object]] = field(default_factory=list)

    def measurements(self, **asked: object) -> Iterable[Measurement]:
        self.asked.append(asked)
        return self.measured

    def readings(self, **asked: object) -> Iterator[ReadingColumns]:
        self.asked.append(asked)
        return iter(self.columns)

    def events(self, **asked: object) -> Iterable[EventRecord]:
        self.asked.append(asked)
        return self.kept


@dataclass
class Face:
    """The application with everything behind it that a test may change."""

    fleet: FleetSnapshot = field(default_factory=small_fleet)
    shelf: Shelf = field(default_factory=Shelf)
    batches: list[ReadingLines] = field(default_factory=list)
    not_ready: str | None = None
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    door: Doorkeeper = field(
        default_factory=lambda: Doorkeeper(access=Access(hosts=["cube.example.net"]))
    )
    ingest: Callable[[ReadingLines], Receipt] | None = None
    take: Callable[[ReadingLines], Awaitable[Receipt]] | None = None

    def __post_init__(self) -> None:
        Gauge("cube_monitor_own", "Something of our own.", registry=self.registry).set(2)
        self.app: FastAPI = build_api(
            snapshot=lambda: self.fleet,
            archive=self.shelf,
            ingest=self._take,
            ready=lambda: self.not_ready,
            registry=self.registry,
            door=self.door,
        )

    async def _take(self, lines: ReadingLines) -> Receipt:
        self.batches.append(lines)
        if self.take is not None:
            return await self.take(lines)
        if self.ingest is not None:
            return self.ingest(lines)
        good = [line.startswith(b"{") for line in lines.payload.splitlines()]
        refusals = [
            Refusal(line=lines.first_line + at, reason="no JSON")
            for at, ok in enumerate(good)
            if not ok
        ]
        return Receipt(accepted=sum(good), refused=len(refusals), refusals=refusals)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1:8080"
            ) as client:
                return await client.request(method, path, **more)

        return asyncio.run(call())

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.ask("GET", path, params=query or None)

    def json(self, path: str, **query: Any) -> Any:
        answered = self.get(path, **query)
        assert answered.status_code == 200, answered.text
        return answered.json()


@pytest.fixture
def face() -> Face:
    return Face()


@pytest.fixture
def face_with() -> Callable[..., Face]:
    async def nowhere(_: AuditRecord) -> None:
        return

    def made(access: Access, note: Note = nowhere) -> Face:
        return Face(door=Doorkeeper(access=access, note=note))

    return made


@dataclass
class Live:
    """The application behind a real socket."""

    port: int

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def get(self, path: str) -> tuple[int, bytes]:
        connection = self.connect()
        try:
            connection.request("GET", path)
            answered = connection.getresponse()
            return answered.status, answered.read()
        finally:
            connection.close()

    def json(self, path: str) -> Any:
        return json.loads(self.get(path)[1])


@contextmanager
def served(app: FastAPI) -> Iterator[Live]:
    server = HttpServer(app, HttpConfig(port=0))
    loop = asyncio.new_event_loop()
    task = loop.create_task(server.run())
    port = server.bind()

    def work() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield Live(port)
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


@pytest.fixture
def live(face: Face) -> Iterator[Live]:
    with served(face.app) as running:
        yield running


def columns(*rows: tuple[Series, int, int]) -> ReadingColumns:
    series = list(dict.fromkeys(row[0] for row in rows))
    return ReadingColumns(
        series=series,
        which=array("I", [series.index(row[0]) for row in rows]),
        seconds=array("q", [row[1] for row in rows]),
        counts=array("q", [row[2] for row in rows]),
    )


@pytest.fixture
def make_columns() -> Callable[..., ReadingColumns]:
    return columns
