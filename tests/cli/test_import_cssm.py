"""`cubemon import cssm`: into a running monitor and into a data directory."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry

from monitor.app.service import Service
from monitor.cli import main
from monitor.cli.remote import Remote
from monitor.config import Config
from monitor.domain.facts import FactName
from monitor.instrument import Instruments

CSV = "License,Purchased,In Use\nCUBE_T_STD,50,7\nCUBE_T_ENH,no,7\n"
AT = 1_779_286_811


def config(directory: Path, http: int = 0) -> Config:
    return Config.model_validate(
        {"collect": [], "store": {"directory": str(directory)}, "http": {"port": http}}
    )


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A whole monitor in a thread."""
    ready = threading.Event()
    ports: list[int] = []
    stops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        stop = asyncio.Event()
        service = Service(config(tmp_path / "data"))
        stops.append((asyncio.get_running_loop(), stop))
        task = asyncio.create_task(service.run(stop))
        await service.ready.wait()
        ports.append(service.port)
        ready.set()
        await task

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(30)
    yield f"http://127.0.0.1:{ports[0]}"
    loop, stop = stops[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)


def shown(url: str) -> list[Any]:
    """The accounts, once the next snapshot has what was taken."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        accounts: list[Any] = Remote(url, 10).get("accounts")["accounts"]
        if len(accounts) > 1:
            return accounts
        time.sleep(0.05)
    pytest.fail("the account never showed")


def test_files_go_through_a_running_monitor(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(CSV)
    bad.write_text("poem")
    words = ["import", "cssm", "--url", url, "--account", "EMEA", "--received", str(AT)]
    assert main([*words, "--smart-account", "example", str(good), str(bad)]) == 1
    told = capsys.readouterr()
    assert f"{good}: 2026-05-20T14:20:11Z: 1 rows taken" in told.out
    assert f"{good}:3: CUBE_T_ENH: Purchased: 'no' is no whole number" in told.err
    assert "nothing taken: no_header_of_licences" in told.err
    (account, _) = shown(url)
    assert (account["name"], account["smart_account"]) == ("EMEA", "example")
    (balance,) = account["balances"]
    assert (balance["purchased"], balance["in_use"], balance["balance"]) == (50, 7, 43)
    assert balance["sources"][0]["time"] == "2026-05-20T14:20:11Z"


def test_files_go_into_a_data_directory_that_nobody_uses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, file = tmp_path / "data", tmp_path / "licences.csv"
    data.mkdir()
    file.write_text(CSV.replace("no", "5"))
    os.utime(file, (AT, AT))
    words = ["import", "cssm", "--account", "EMEA", "--data", str(data), str(file)]
    assert main(words) == 0
    assert "2 rows taken" in capsys.readouterr().out
    store = config(data).store.build(Instruments(CollectorRegistry()))
    try:
        kept = {(one.key, one.value, one.effective) for one in store.facts()
                if one.name is FactName.ACCOUNT_PURCHASED}  # fmt: skip
    finally:
        store.close()
    assert kept == {("CUBE_T_STD", 50, AT), ("CUBE_T_ENH", 5, AT)}


def test_what_is_no_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "cssm", str(tmp_path / "nothing.csv")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_the_upload_refuses_what_is_bad(url: str) -> None:
    for query, body, status in (
        ("?time=soon", b"", 400),
        ("?time=9999999999", b"", 400),
        ("", b"x" * (33 << 20), 413),
    ):
        answer = httpx.post(f"{url}/api/v1/inventories{query}", content=body, trust_env=False)
        assert answer.status_code == status, answer.text
