"""The RESTCONF poller against the lab's server."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from monitor.collect.restconf import RestconfConfig, RestconfPoller, RestconfTarget
from monitor.collect.restconf.schedule import (
    Pace,
    first_wait,
    wait_after_failure,
    wait_after_refusal,
    wait_after_success,
)
from monitor.domain.facts import Fact, FactName
from monitor.domain.yang import About
from monitor.errors import ConfigError
from monitor.instrument import Instruments
from monitor.lab.fleet import virtual_fleet
from monitor.lab.gnmi_certificates import Authority
from monitor.lab.gnmi_tree import YangCube
from monitor.lab.restconf import RestconfServer
from monitor.parse.gnmi import Reader
from monitor.wire import (
    CssmInventory,
    LoginOutcome,
    ReadingLines,
    Receipt,
    ShowCapture,
    SnmpReport,
    SyslogBatch,
    TelemetryNotification,
)

NOW = 1_700_000_000
PASSWORD = "lab-Password-1"  # noqa: S105 - of the lab alone


class Store:
    """An intake that reads what comes."""

    def __init__(self) -> None:
        self.notifications: list[TelemetryNotification] = []
        self.facts: dict[tuple[FactName, str], Fact] = {}
        self.calls: list[tuple[int, int]] = []
        self._reader = Reader("cube-1", "restconf")

    def syslog(self, batch: SyslogBatch) -> bool:
        raise AssertionError(batch)

    async def room(self) -> None:
        raise AssertionError

    async def show(self, captures: Sequence[ShowCapture]) -> None:
        raise AssertionError(captures)

    async def readings(self, lines: ReadingLines) -> Receipt:
        raise AssertionError(lines)

    async def snmp(self, reports: Sequence[SnmpReport]) -> None:
        raise AssertionError(reports)

    async def cssm(self, inventories: Sequence[CssmInventory]) -> Receipt:
        raise AssertionError(inventories)

    async def telemetry(self, notifications: Sequence[TelemetryNotification]) -> None:
        for one in notifications:
            self.notifications.append(one)
            read = self._reader.read(one)
            assert not read.unknown
            self.facts.update(((fact.name, fact.key), fact) for fact in read.facts)
            self.calls += read.calls

    def value(self, name: FactName, key: str = "") -> object:
        fact = self.facts.get((name, key))
        return "nothing said" if fact is None else fact.value


class Clock:
    """The lab's time. A sleep lasts no time here; the one that makes `most` ends its task."""

    def __init__(self, most: int = 2) -> None:
        self.at = float(NOW)
        self.sleeps: list[float] = []
        self._most = most

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.at += seconds
        if len(self.sleeps) >= self._most:
            raise asyncio.CancelledError
        await asyncio.sleep(0)


@dataclass
class Bench:
    directory: Path
    authority: Authority = field(default_factory=Authority)
    clock: Clock = field(default_factory=Clock)
    store: Store = field(default_factory=Store)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    about: About = field(default_factory=About)

    def __post_init__(self) -> None:
        self.instruments = Instruments(self.registry)
        self.cube = YangCube(cube=virtual_fleet(NOW).cubes[0], clock=self.clock.now)
        self.server = RestconfServer(cube=self.cube, password=PASSWORD)
        (self.directory / "ca.pem").write_bytes(self.authority.certificate)
        (self.directory / "password").write_text(PASSWORD)

    def poller(self, **changes: Any) -> RestconfPoller:
        tls = {"ca": str(self.directory / "ca.pem"), **changes.pop("tls", {})}
        target = {
            "host": self.server.host,
            "port": self.server.port,
            "credential": "lab",
            "tls": tls,
        }
        login = {"user": "monitor", "password": {"file": str(self.directory / "password")}}
        return RestconfPoller(
            config=RestconfConfig.model_validate({"credentials": {"lab": login}, **changes}),
            targets={"cube-1": RestconfTarget.model_validate(target)},
            instruments=self.instruments,
            about=lambda _: self.about,
            clock=self.clock,
            chance=lambda: 0.0,
        )

    def poll(self, times: int = 1, identity: str = "cube.lab", **changes: Any) -> list[str]:
        async def poll() -> list[str]:
            issued = self.authority.issue(identity, loopback="." in identity)
            async with self.server.serving(issued, self.directory):
                poller = self.poller(**changes)
                return [await poller.poll("cube-1", self.store) for _ in range(times)]

        return asyncio.run(poll())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_same_paths_give_the_same_facts(bench: Bench) -> None:
    assert bench.poll() == ["ok"]
    cycle = bench.cube.cube.cycle.state(NOW)
    assert bench.store.value(FactName.ACK_DEADLINE) == cycle.deadline
    assert bench.store.value(FactName.LAST_ACK) == cycle.last_ack
    assert bench.store.value(FactName.TRUST_CODE) == cycle.trusted_since
    assert bench.store.value(FactName.TRANSPORT) == "smart"
    assert bench.store.value(FactName.HA_STATE) == "active"
    assert bench.store.value(FactName.RELEASE) == bench.cube.cube.release
    assert bench.store.value(FactName.USAGE_COUNT, "CUBE_T_STD") > 0  # type: ignore[operator]  # it is a number, or this fails
    assert bench.store.calls[0][0] == NOW
    fact = bench.store.facts[FactName.ACK_DEADLINE, ""]
    assert (fact.source, fact.authenticated, fact.kind) == ("restconf", True, "exact")


def test_a_device_is_asked_over_ipv6_too(bench: Bench, ipv6: str) -> None:
    bench.server.host = ipv6
    assert bench.poll() == ["ok"]
    assert bench.store.value(FactName.RELEASE) == bench.cube.cube.release


def test_a_list_that_is_not_there_any_more_means_0(bench: Bench) -> None:
    bench.poll()
    bench.clock.at += 60
    bench.cube.vanished |= set(bench.cube.cube.calls)
    assert bench.poll() == ["ok"]
    assert bench.store.value(FactName.USAGE_COUNT, "CUBE_T_STD") == 0


def test_a_list_that_could_not_be_asked_for_means_nothing(bench: Bench) -> None:
    bench.poll()
    before = bench.store.value(FactName.USAGE_COUNT, "CUBE_T_STD")
    bench.server.statuses["usage"] = 500
    assert bench.poll() == ["bad_status"]
    assert bench.store.value(FactName.USAGE_COUNT, "CUBE_T_STD") == before
    assert not bench.store.notifications[-1].synced


def test_an_empty_container_is_nothing(bench: Bench) -> None:
    bench.server.statuses["ha-infra"] = 204
    assert bench.poll() == ["ok"]
    assert bench.store.value(FactName.HA_STATE) == "nothing said"


def test_only_what_release_and_platform_can_answer_is_asked(bench: Bench) -> None:
    bench.about = About(release="17.3.2", platform="ASR1001-X")
    bench.poll()
    asked = {path.rpartition("/")[2] for path in bench.server.asked}
    assert not asked & {"rum-ack", "ack-required", "trust-code", "sip-call-legs", "ha-infra"}
    assert {"usage", "device-inventory"} <= asked


def test_a_wrong_password_rests(bench: Bench) -> None:
    bench.server.password = "another"  # noqa: S105 - of the lab alone

    async def run() -> None:
        async with bench.server.serving(bench.authority.issue("cube.lab"), bench.directory):
            poller = bench.poller()
            poller.logins = told.append
            await poller.run(bench.store)
            assert [(one.device, one.credential, one.refused) for one in told] == [
                ("cube-1", "lab", True)
            ]
            assert len(bench.server.asked) == 1
            assert bench.store.notifications == []
            bench.server.password = PASSWORD
            bench.clock.at += 901
            assert await poller.poll("cube-1", bench.store) == "ok"
            assert (told[-1].refused, told[-1].manner) == (False, "restconf")

    told: list[LoginOutcome] = []
    asyncio.run(run())
    assert bench.clock.sleeps == [0.0, 900.0]


def test_a_device_is_asked_again_and_again(bench: Bench) -> None:
    bench.clock._most = 4

    async def run() -> None:
        async with bench.server.serving(bench.authority.issue("cube.lab"), bench.directory):
            await bench.poller(interval=60).run(bench.store)

    asyncio.run(run())
    assert bench.clock.sleeps == [0.0, 60.0, 60.0, 60.0]
    assert [second for second, _ in bench.store.calls] == [NOW, NOW + 60, NOW + 120]


def test_a_certificate_of_somebody_else_is_refused(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    (bench.directory / "ca.pem").write_bytes(Authority("Another").certificate)
    with caplog.at_level(logging.WARNING):
        assert bench.poll() == ["certificate_refused"]
    assert bench.server.asked == []
    assert PASSWORD not in caplog.text


def test_a_certificate_of_another_name_needs_that_name_said(bench: Bench) -> None:
    assert bench.poll(identity="cube") == ["certificate_refused"]
    assert bench.poll(identity="cube", tls={"server_name": "cube"}) == ["ok"]


def test_an_answer_over_the_cap_costs_only_itself(bench: Bench) -> None:
    bench.server.padding = 5000
    assert bench.poll(body_cap=4096) == ["too_long"]


def test_nobody_there_and_secrets_that_cannot_be_read(bench: Bench) -> None:
    bench.server.port = 1
    assert asyncio.run(bench.poller().poll("cube-1", bench.store)) == "unreachable"
    (bench.directory / "password").unlink()
    assert bench.poll() == ["credential_unreadable"]
    (bench.directory / "password").write_text(PASSWORD)
    (bench.directory / "ca.pem").write_text("no certificate")
    assert bench.poll() == ["tls_files_unreadable"]


@pytest.mark.parametrize("host", ["", "a b", "a/b", "[::1]", "x" * 254, "host\n"])
def test_a_host_is_a_name_or_an_address(host: str) -> None:
    with pytest.raises(ValidationError, match="neither a host name"):
        RestconfTarget(host=host)
    assert RestconfTarget(host="2001:db8::1").url == "https://[2001:db8::1]:443"


def test_an_unknown_credential_is_named() -> None:
    with pytest.raises(ConfigError, match="no RESTCONF credential named 'default'"):
        RestconfPoller(
            config=RestconfConfig(),
            targets={"cube-1": RestconfTarget(host="h")},
            instruments=Instruments(CollectorRegistry()),
        )


@given(st.integers(1, 1_000_000), st.floats(0, 1, exclude_max=True))
def test_pauses_grow_to_a_cap_and_never_beyond(failures: int, chance: float) -> None:
    pace = Pace()
    assert 15 <= wait_after_failure(pace, failures, chance) <= 1800
    assert 900 <= wait_after_refusal(pace, failures, chance) <= 1.25 * 86_400
    assert 54 <= wait_after_success(pace, chance) <= 60
    assert 0 <= first_wait(pace, chance) < 30
