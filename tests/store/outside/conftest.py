"""Databases outside, each behind a front: the double of InfluxDB 2, a real VictoriaMetrics, and a
real InfluxDB where CUBEMON_INFLUX_URL, _TOKEN and _ORG name one (`make test-influx`)."""

import os
import secrets
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from influxdb_client.client.influxdb_client import InfluxDBClient

from monitor.store.embedded import EmbeddedStore, Follower
from monitor.store.influxdb import InfluxDb, InfluxDbConfig
from monitor.store.line.writing import Outcome
from monitor.store.victoriametrics import VictoriaMetrics, VictoriaMetricsConfig
from tests.store.outside import influx_double
from tests.store.outside.front import Front

_DEADLINE = 20.0


@dataclass
class Outside:
    """A database outside and how it is reached."""

    name: str
    front: Front
    token_file: Path
    settings: dict[str, Any]
    flush: str = ""
    """Asked before reading back, so that what was written is found at once."""
    double: influx_double.InfluxDouble | None = None

    def target(self, **changed: Any) -> InfluxDb | VictoriaMetrics:
        """A new client of it."""
        given = {
            "kind": self.name, "url": self.front.url, "token": {"file": self.token_file},
            "timeout_seconds": 60,
        } | self.settings | changed  # fmt: skip
        if self.name == "victoriametrics":
            return VictoriaMetricsConfig.model_validate(given).build()
        return InfluxDbConfig.model_validate(given).build()

    def settle(self) -> None:
        if self.flush:
            urllib.request.urlopen(self.flush).read()  # noqa: S310 - our own server


def ship(store: EmbeddedStore, follower: Follower, target: Any) -> list[Outcome]:
    """Send everything there is, as the service does."""
    outcomes = []
    while (piece := follower.next()) is not None:
        outcomes.append(target.write(piece))
        store.advance(follower.name, piece)
    return outcomes


@pytest.fixture(name="ship", scope="session")
def _ship() -> Any:
    return ship


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_victoria(directory: Path, port: int) -> Iterator[str]:
    """A VictoriaMetrics that keeps everything, on loopback."""
    url = f"http://127.0.0.1:{port}"
    command = [
        "victoria-metrics", f"-storageDataPath={directory}", f"-httpListenAddr=127.0.0.1:{port}",
        "-retentionPeriod=100y", "-memory.allowedBytes=256MB",
    ]  # fmt: skip
    with (directory.parent / f"{directory.name}.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(f"{url}/health", process)
        yield url
    finally:
        process.terminate()
        process.wait(_DEADLINE)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _DEADLINE
    while time.monotonic() < deadline:
        assert process.poll() is None, "it ended"
        try:
            urllib.request.urlopen(url).read()  # noqa: S310 - our own server
        except (URLError, ConnectionError):
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"{url} does not answer")


@pytest.fixture(scope="session")
def victoria_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("victoria") / "data"
    with running_victoria(directory, free_port()) as url:
        yield url


@pytest.fixture
def influx(tmp_path: Path) -> Iterator[Outside]:
    double = influx_double.InfluxDouble()
    server = influx_double.serve(double)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    token = tmp_path / "token"
    token.write_text(f"{influx_double.TOKEN}\n")
    front = Front(f"http://127.0.0.1:{server.server_address[1]}", None)
    settings = {"org": influx_double.ORG, "bucket": influx_double.BUCKET}
    yield Outside("influxdb", front, token, settings, double=double)
    front.close()
    server.shutdown()
    server.server_close()
    assert double.surprises == []


@pytest.fixture
def victoria(victoria_url: str, tmp_path: Path) -> Iterator[Outside]:
    token = tmp_path / "token"
    token.write_text("right-token\n")
    front = Front(victoria_url, "right-token")
    flush = f"{victoria_url}/internal/force_flush"
    yield Outside("victoriametrics", front, token, {}, flush=flush)
    front.close()
    # Its series go, so that the next test finds none.
    wanted = "match[]=%7B__name__=~%22cube_.*%22%7D"
    urllib.request.urlopen(f"{victoria_url}/api/v1/admin/tsdb/delete_series?{wanted}", b"").read()  # noqa: S310 - our own server


@pytest.fixture
def real_influx(tmp_path: Path) -> Iterator[Outside]:
    url, org = os.environ["CUBEMON_INFLUX_URL"], os.environ["CUBEMON_INFLUX_ORG"]
    token = tmp_path / "token"
    token.write_text(os.environ["CUBEMON_INFLUX_TOKEN"])
    bucket = f"cubemon-test-{secrets.token_hex(4)}"
    with InfluxDBClient(url=url, token=token.read_text(), org=org) as client:
        made = client.buckets_api().create_bucket(bucket_name=bucket, org=org)
        front = Front(url, None)
        yield Outside("influxdb", front, token, {"org": org, "bucket": bucket})
        front.close()
        client.buckets_api().delete_bucket(made)


_REAL = [pytest.param("real_influx", id="real-influxdb")]


@pytest.fixture(
    params=_REAL
    if "CUBEMON_INFLUX_URL" in os.environ
    else [
        pytest.param("influx", id="influxdb-double"),
        pytest.param(
            "victoria", id="victoriametrics", marks=pytest.mark.engine("victoria-metrics")
        ),
    ]
)
def outside(request: pytest.FixtureRequest) -> Any:
    """Each database in turn."""
    return request.getfixturevalue(request.param)
