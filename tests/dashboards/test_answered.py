"""Every query is answered by a real Prometheus that reads the demo."""

import asyncio
import contextlib
import json
import re
import socket
import time
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest

from monitor.lab.arrangement import Place
from monitor.lab.performance import performance
from monitor.lab.verdict import await_verdict

DEVICE = "cube-chi-1"
CHOSEN = {
    "$device": DEVICE,
    "$account": "EMEA",
    "$pair": "cube-fra",
    "$__rate_interval": "1m",
}
BUSY = {"fleet", "account", "pair", "device", "collection", "alerts"}
"""Pages that show something of the demo."""
MAY_BE_EMPTY = re.compile(
    "cube_pair_role{device|cube_maintenance|cube_monitor_ship|cube_monitor_pages|ALERTS"
    "|balance_zero|annotation|changes[(]|cube_device_stale|dropped|_cut_|kernel_drops|inhibited"
    "|cube_monitor_telemetry|cube_clock_offset|rate[(]|credential_refused"
)
FILE = """
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: cubemon
    static_configs: [{targets: ["127.0.0.1:%d"]}]
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Prometheus:
    """The real one, reading one address each second."""

    def __init__(self, folder: Path, target: int) -> None:
        self._folder, self._port = folder, free_port()
        (folder / "prometheus.yml").write_text(FILE % target)

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncIterator["Prometheus"]:
        command = [
            "prometheus",
            f"--config.file={self._folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self._port}",
        ]
        with (self._folder / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
        try:
            yield self
        finally:
            process.terminate()
            await asyncio.wait_for(process.wait(), 20)

    async def ask(self, text: str) -> list[Any]:
        """The newest values; an error of Prometheus fails the test with its words."""
        query = urllib.parse.urlencode({"query": text})
        url = f"http://127.0.0.1:{self._port}/api/v1/query?{query}"
        try:
            answer = await asyncio.to_thread(urllib.request.urlopen, url, timeout=10)
        except urllib.error.HTTPError as error:
            if error.code == 503:  # It has not read its files yet.
                return []
            pytest.fail(f"{text}: {error.read().decode()}")
        found = json.load(answer)["data"]["result"]
        assert isinstance(found, list)
        return found

    async def has(self, text: str) -> None:
        """Wait until a query has a value."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if await self.ask(text):
                    return
            await asyncio.sleep(0.1)
        pytest.fail(f"no value of {text} after a minute")


def filled(text: str) -> str:
    for variable, value in CHOSEN.items():
        text = text.replace(variable, value)
    return text


async def unanswered(prometheus: Prometheus, asked: Iterable[Any]) -> list[str]:
    empty = []
    for place, text, is_flux in asked:
        if not is_flux and not await prometheus.ask(filled(text)):
            empty.append(f"{place}: {text}")
    return empty


@pytest.mark.engine("prometheus")
def test_every_query_is_answered_on_the_demo(asked: Any, tmp_path: Path) -> None:
    async def story() -> list[str]:
        place = Place(
            directory=tmp_path / "monitor", http_port=free_port(), syslog_port=free_port()
        )
        async with performance(place, seed=1) as shown:
            verdict = await await_verdict(shown, bound=90)
            assert verdict.differences == ()
            async with Prometheus(tmp_path, place.http_port).run() as prometheus:
                await prometheus.has('cube_finding{severity="critical"} == 1')
                await prometheus.has('cube_pair_takeover{verdict="fails"}')
                for metric in ("cube_sessions", "cube_license_peak"):
                    await prometheus.has(f'{metric}{{device="{DEVICE}"}}')
                return await unanswered(prometheus, asked)

    empty = asyncio.run(story())
    surprising = [one for one in empty if not MAY_BE_EMPTY.search(one)]
    assert surprising == []
    assert len(empty) < len(asked) / 2
