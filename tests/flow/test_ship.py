"""The whole service with a database outside: away, back, restarted, rewound, poisoned."""

import asyncio
import json
import threading
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.app import Service
from monitor.cli import main
from monitor.config import Config, load
from monitor.domain.instants import rfc3339
from monitor.errors import ConfigError
from monitor.store.embedded import EmbeddedStore
from tests.store.outside import influx_double
from tests.store.outside.front import Front
from tests.store.outside.influx_double import BUCKET, ORG, TOKEN, InfluxDouble

NOW = 1_700_000_000


class Database:
    """The double of InfluxDB behind a front that can go away."""

    def __init__(self, directory: Path) -> None:
        self.double = InfluxDouble()
        self._server = influx_double.serve(self.double)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.front = Front(f"http://127.0.0.1:{self._server.server_address[1]}", None)
        self.token = directory / "token"
        self.token.write_text(TOKEN)

    def close(self) -> None:
        self.front.close()
        self._server.shutdown()
        self._server.server_close()

    def counts(self, measurement: str = "cube_reading") -> dict[int, float]:
        """Readings by second."""
        with self.double.lock:
            return {
                second: fields["sessions"]
                for key, seconds in self.double.points.items()
                if key[0] == measurement
                for second, fields in seconds.items()
            }


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path)
    yield made
    made.close()
    assert made.double.surprises == []


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.pipeline.shipping._EVERY", 0.02)
    monkeypatch.setattr("monitor.pipeline.shipping._FIRST_PAUSE", 0.02)
    monkeypatch.setattr("monitor.pipeline.shipping._LONGEST_PAUSE", 0.1)


def configured(directory: Path, database: Database | None, **other: Any) -> Config:
    ship = {
        "kind": "influxdb", "url": database.front.url, "org": ORG, "bucket": BUCKET,
        "token": {"file": str(database.token)}, "timeout_seconds": 2,
    } | other if database is not None else None  # fmt: skip
    return Config.model_validate(
        {
            "collect": [],
            "store": {"directory": str(directory / "data")},
            "http": {"port": 0},
            "ship": [ship] if ship else [],
        }
    )


@asynccontextmanager
async def running(config: Config) -> AsyncIterator[Service]:
    service = Service(config, clock=lambda: float(NOW))
    stop = asyncio.Event()
    task = asyncio.create_task(service.run(stop))
    try:
        async with asyncio.timeout(60):
            await service.ready.wait()
            yield service
    finally:
        stop.set()
        await task


def url(service: Service) -> str:
    return f"http://127.0.0.1:{service.port}"


async def post(service: Service, counts: dict[int, int]) -> None:
    lines = "".join(
        json.dumps(
            {
                "device": "cube-a", "tag": "AGG", "source": "lab",
                "time": rfc3339(second), "count": count,
            }
        )
        + "\n"
        for second, count in counts.items()
    )  # fmt: skip
    request = urllib.request.Request(f"{url(service)}/api/v1/readings", lines.encode())  # noqa: S310 - our own server
    answer = await asyncio.to_thread(lambda: urllib.request.urlopen(request).read())  # noqa: S310 - our own server
    assert json.loads(answer)["accepted"] == len(counts)


async def get(service: Service, path: str) -> str:
    address = f"{url(service)}{path}"
    return await asyncio.to_thread(
        lambda: urllib.request.urlopen(address).read().decode()  # noqa: S310 - our own server
    )


async def target(service: Service) -> dict[str, Any]:
    (one,) = json.loads(await get(service, "/api/v1/ship"))["targets"]
    assert isinstance(one, dict)
    return one


async def eventually(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await true():  # noqa: ASYNC110 - asked over HTTP, there is nothing to wait on
            await asyncio.sleep(0.01)


async def arrived(database: Database, counts: dict[int, int]) -> None:
    async def there() -> bool:
        return database.counts() == counts

    await eventually(there)


def test_an_outage_is_only_a_lag_and_a_restart_sends_nothing_again(
    tmp_path: Path, database: Database
) -> None:
    async def story() -> None:
        config = configured(tmp_path, database)
        sent = {NOW - 9_000 + at: at for at in range(50)}
        async with running(config) as service:
            await post(service, sent)
            await arrived(database, sent)
            database.front.close()
            missed = {NOW - 5_000 + at: at for at in range(50)}
            await post(service, missed)

            async def failing() -> bool:
                one = await target(service)
                return not one["up"] and one["behind_commits"] > 0

            await eventually(failing)
            metrics = await get(service, "/metrics")
            assert 'cube_monitor_ship_up{target="influxdb"} 0.0' in metrics
            assert 'cube_monitor_ship_lag_seconds{target="influxdb"} 4951.0' in metrics
            assert 'reason="unreachable",target="influxdb"' in metrics
            code = await asyncio.to_thread(main, ["ship", "status", "--url", url(service)])
            assert code == 1
            database.front.open()
            await arrived(database, sent | missed)
            await it_is_well_again(service)
        lines = sum(database.double.writes)
        async with running(config) as service:
            last = {NOW - 100: 7}
            await post(service, last)
            await arrived(database, sent | missed | last)
        hours = len(database.counts("cube_hour"))
        assert sum(database.double.writes) - lines <= 1 + 2 * hours, "nothing is sent again"

    asyncio.run(story())


async def it_is_well_again(service: Service) -> None:
    async def well() -> bool:
        one = await target(service)
        return bool(one["up"]) and not one["behind_commits"] and not one["waiting"]

    async def shown() -> bool:
        return 'cube_monitor_ship_lag_seconds{target="influxdb"} 0.0' in await get(
            service, "/metrics"
        )

    await eventually(well)
    await eventually(shown)


def test_rewinding_sends_again_through_the_command(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story() -> None:
        async with running(configured(tmp_path, database, name="berlin")) as service:
            sent = {NOW - 100 + at: at for at in range(50)}
            await post(service, sent)
            await arrived(database, sent)
            with database.double.lock:
                database.double.points.clear()
            command = ["ship", "rewind", "--url", url(service)]
            later = ["--target", "berlin", "--to", str(NOW - 60)]
            assert await asyncio.to_thread(main, [*command, *later]) == 0
            await arrived(database, {at: count for at, count in sent.items() if at >= NOW - 60})
            assert await asyncio.to_thread(main, [*command, "--to", "1970-01-01T00:00:00Z"]) == 0
            await arrived(database, sent)
            for wrong in (
                [*command],
                [*command, "--to", "yesterday"],
                [*command, "--target", "london", "--to", "0"],
            ):
                assert await asyncio.to_thread(main, wrong) == 2
            assert await asyncio.to_thread(main, [*command[:1], "status", *command[2:]]) == 0
            out = await asyncio.to_thread(main, [*command[:1], "status", "--json", *command[2:]])
            assert out == 0

    asyncio.run(story())
    told = capsys.readouterr()
    assert "berlin    influxdb  ok" in told.out
    assert "rewind needs --to TIME" in told.err
    assert "no database outside is named 'london': berlin" in told.err


def test_a_poison_point_goes_to_the_dead_letters_and_the_others_arrive(
    tmp_path: Path, database: Database
) -> None:
    def poisoned(path: str, body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        bad = path.startswith("/api/v2/write") and b"sessions=13i" in body
        return (400, {}, b'{"code": "invalid", "message": "unlucky"}') if bad else None

    async def story() -> None:
        database.front.fault = poisoned
        async with running(configured(tmp_path, database)) as service:
            sent = {NOW - 100 + at: at for at in range(50)}
            await post(service, sent)
            await arrived(database, {at: count for at, count in sent.items() if count != 13})

            async def told() -> bool:
                return bool((await target(service))["refused"] == 1)

            await eventually(told)

    asyncio.run(story())
    reader = EmbeddedStore.open_reader(tmp_path / "data")
    (letter,) = reader.dead_letters()
    reader.close()
    assert (letter.source, letter.origin) == ("ship", "influxdb")
    assert letter.reason.endswith("answered 400: unlucky")
    assert letter.payload.startswith(b"cube_reading,device=cube-a,source=lab,tag=AGG sessions=13i ")


def test_a_database_that_rejects_everything_is_waited_for(
    tmp_path: Path, database: Database
) -> None:
    def rejects(path: str, body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        del path, body
        return 400, {}, b"no such thing"

    async def story() -> None:
        database.front.fault = rejects
        async with running(configured(tmp_path, database)) as service:
            sent = {NOW - 1_000 + at: at for at in range(500)}
            await post(service, sent)

            async def failing() -> bool:
                return "more than 100 points" in (await target(service))["error"]

            await eventually(failing)
            database.front.fault = lambda path, body: None
            await arrived(database, sent)
            assert (await target(service))["refused"] == 0

    asyncio.run(story())


def test_a_target_that_is_taken_out_holds_nothing_up(tmp_path: Path, database: Database) -> None:
    async def story() -> None:
        async with running(configured(tmp_path, database)):
            pass
        async with running(configured(tmp_path, None)) as service:
            assert json.loads(await get(service, "/api/v1/ship")) == {"targets": []}
            assert await asyncio.to_thread(main, ["ship", "status", "--url", url(service)]) == 0

    asyncio.run(story())
    reader = EmbeddedStore.open_reader(tmp_path / "data")
    assert reader.cursors() == []
    reader.close()


def test_what_the_configuration_says_is_checked_and_secrets_are_not_repeated(
    tmp_path: Path,
) -> None:
    plain = {"kind": "influxdb", "url": "http://h:8086", "bucket": "b"}
    wrongs: list[dict[str, object]] = [
        {"url": "ftp://host"},
        {"url": "http://user:swordfish@host:8086"},
        {"token": {"env": "ALSO", "file": "t"}},
        {"bucket": ""},
        {"what": []},
        {"token": "swordfish"},
        {"kind": "victoriametrics"},
        {"kind": "victoriametrics", "bucket": None, "account": "1"},
    ]
    file = tmp_path / "config.yml"
    for wrong in wrongs:
        file.write_text(json.dumps({"ship": [plain | wrong]}))
        with pytest.raises(ConfigError, match="ship") as refused:
            load(file)
        assert "swordfish" not in str(refused.value)
    file.write_text(json.dumps({"ship": [plain, plain]}))
    with pytest.raises(ConfigError, match="two are called 'influxdb'"):
        load(file)
