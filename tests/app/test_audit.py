"""Who changed what is kept, and shown by the API and the command."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.app import Service
from monitor.cli import main
from monitor.config import Config
from monitor.domain.audit import AuditRecord, Seldom
from monitor.domain.records import Batch
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig

TOKENS = {"read": "the-token-of-prometheus-0001", "operate": "the-token-of-the-noc-00000002"}


def configured(directory: Path, *, tokens: bool = True) -> Config:
    for role, token in TOKENS.items():
        (directory / role).write_text(token)
    shown = [
        {"name": f"the-{role}", "role": role, "token": {"file": str(directory / role)}}
        for role in TOKENS
    ]
    return Config.model_validate(
        {
            "collect": [],
            "devices": [{"name": "berlin"}],
            "store": {"directory": str(directory / "data")},
            "http": {"port": 0, "tokens": shown if tokens else []},
        }
    )


@asynccontextmanager
async def running(config: Config) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    service, stop = Service(config), asyncio.Event()
    task = asyncio.create_task(service.run(stop))
    await service.ready.wait()
    try:
        url = f"http://127.0.0.1:{service.port}"
        async with httpx.AsyncClient(base_url=url, timeout=20) as client:
            yield service, client
    finally:
        stop.set()
        await task


def bearer(role: str, **headers: str) -> dict[str, str]:
    return {"authorization": f"Bearer {TOKENS[role]}", **headers}


def test_writing_calls_are_kept_with_who_when_and_what_came_of_it(tmp_path: Path) -> None:
    order = {"operation": "retire", "device": "berlin", "by": "ann", "reason": "closed"}

    async def scene() -> tuple[list[Any], list[Any]]:
        async with running(configured(tmp_path)) as (service, client):

            async def post(path: str, role: str, **more: Any) -> int:
                headers = bearer(role, **{"from": "ann", "x-request-id": f"call-{role}"})
                return (await client.post(path, headers=headers, **more)).status_code

            assert await post("/api/v1/operations", "operate", json=order) == 200
            assert await post("/api/v1/operations", "operate", json=order) == 409
            assert await post("/api/v1/operations", "read", json=order) == 403
            assert (await client.post("/api/v1/operations", json=order)).status_code == 401
            for _ in range(3):
                assert await post("/api/v1/readings", "operate", content=b"") == 200
            assert (
                await post("/api/v1/readings?token=hidden-in-query", "operate", content=b"x") == 422
            )
            await service.reload_asked("signal")
            seen = await client.get("/api/v1/audit", headers=bearer("read"), params={"limit": 3})
            page = seen.json()
            rest = await client.get(
                "/api/v1/audit", headers=bearer("read"), params={"cursor": page["next"]}
            )
            assert rest.json()["next"] is None
            return page["records"], rest.json()["records"]

    newest, older = asyncio.run(scene())
    found = [
        (one["who"], one["claimed"], one["action"], one["what"], one["result"])
        for one in [*newest, *older]
    ]
    operations, readings = "POST /api/v1/operations", "POST /api/v1/readings"
    assert found[0][:4] == ("signal", "", "reload", "")
    assert found[0][4].startswith("refused: there is no configuration file")
    assert found[1:] == [
        ("the-operate", "ann", readings, "", "422"),
        ("the-operate", "ann", readings, "", "200"),  # once an hour, however often it happens
        ("the-read", "ann", operations, "", "403"),
        ("the-operate", "ann", operations, "retire berlin", "409"),
        ("the-operate", "ann", operations, "retire berlin", "200"),
    ]
    assert {one["origin"] for one in newest[1:]} == {"127.0.0.1"}
    assert newest[1]["request_id"] == "call-operate"
    assert "hidden-in-query" not in json.dumps([*newest, *older])


def test_it_is_there_after_a_restart_and_the_command_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        async with running(configured(tmp_path)) as (_, client):
            headers = bearer("operate")
            await client.post("/api/v1/operations", headers=headers, content=b"{}")
        async with running(configured(tmp_path)) as (service, _):
            url = f"http://127.0.0.1:{service.port}"
            command = ["audit", "--url", url]
            assert await asyncio.to_thread(main, command) == 3
            assert "give --token-file FILE, or set CUBEMON_TOKEN" in capsys.readouterr().err
            command += ["--token-file", str(tmp_path / "read")]
            assert await asyncio.to_thread(main, command) == 0
            shown = capsys.readouterr().out
            assert "the-operate from 127.0.0.1  POST /api/v1/operations  -> 400" in shown
            monkeypatch.setenv("CUBEMON_TOKEN", TOKENS["read"])
            command = ["audit", "--url", url, "--json", "--limit", "5"]
            assert await asyncio.to_thread(main, command) == 0
            assert json.loads(capsys.readouterr().out)["result"] == "400"
            assert await asyncio.to_thread(main, ["reload", "--url", url]) == 3
            assert "403" in capsys.readouterr().err
            monkeypatch.setenv("CUBEMON_TOKEN", TOKENS["operate"])
            assert await asyncio.to_thread(main, ["reload", "--url", url]) == 2
            assert "no configuration file" in capsys.readouterr().err

    asyncio.run(scene())


def test_without_tokens_it_is_whoever_is_on_the_machine(tmp_path: Path) -> None:
    async def scene() -> Any:
        async with running(configured(tmp_path, tokens=False)) as (_, client):
            await client.post("/api/v1/operations", content=b"{}")
            return (await client.get("/api/v1/audit")).json()["records"][0]

    assert asyncio.run(scene())["who"] == "local"


def test_a_record_that_is_committed_again_is_there_once(tmp_path: Path) -> None:
    record = AuditRecord(time=1.5, who="a\ud800", action="x", result="done", request_id="1")
    with EmbeddedStore(EmbeddedStoreConfig(directory=tmp_path / "data")) as store:
        for _ in range(2):
            store.commit(Batch(audit=[record]))
        ((number, kept),) = store.audit(None, 10)
        assert (kept.time, kept.action) == (1.5, "x")
        assert store.audit(number, 10) == []


def test_the_first_of_an_hour_is_told_from_those_after_it() -> None:
    seldom = Seldom()

    def record(time: float, who: str = "a") -> AuditRecord:
        return AuditRecord(time=time, who=who, action="x", result="200")

    assert [seldom.first(record(time)) for time in (0, 1, 3_599, 3_600)] == [
        True,
        False,
        False,
        True,
    ]
    assert seldom.first(record(3_601, "b"))


def test_a_token_is_written_once_and_for_its_owner(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "fresh.token"
    assert main(["token", "new", "--file", str(file)]) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    token = file.read_text().strip()
    assert token not in capsys.readouterr().out
    assert main(["token", "new", "--file", str(file)]) == 2
    assert file.read_text().strip() == token
    assert main(["token", "new"]) == 0
    assert capsys.readouterr().out.startswith("cubemon_")


def test_a_token_never_leaves_unencrypted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUBEMON_TOKEN", TOKENS["read"])
    assert main(["audit", "--url", "http://cube.example:8080"]) == 3
    said = capsys.readouterr().err
    assert "https://cube.example" in said
    assert TOKENS["read"] not in said
