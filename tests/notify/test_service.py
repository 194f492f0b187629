"""The whole service with a receiver, operated by the command line."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.app import Service
from monitor.cli import main
from monitor.config import Config
from monitor.wire import ShowCapture

DEADLINE = 1_768_435_200.0
NOW = DEADLINE - 3 * 86_400 + 60
API = Path(__file__).parents[2] / "docs" / "api.md"
Cubemon = Callable[..., Any]


@asynccontextmanager
async def running(directory: Path, notify: Any, clock: Callable[[], float]) -> AsyncIterator[Any]:
    config = Config.model_validate(
        {
            "collect": [{"kind": "snmp", "credentials": {"noc": {"community": {"env": "NOC"}}}}],
            "relays": ["192.0.2.9"],
            "accounts": [{"name": "Voice Edge"}],
            "store": {"directory": str(directory)},
            "http": {"port": 0},
            "devices": [{"name": "cube-1"}, {"name": "cube-2"}],
            "pairs": [{"name": "berlin", "members": ["cube-1", "cube-2"]}],
            "notify": notify,
        }
    )
    service = Service(config, clock=clock)
    stop = asyncio.Event()
    task = asyncio.create_task(service.run(stop))
    try:
        async with asyncio.timeout(120):
            await service.ready.wait()
            yield service
    finally:
        stop.set()
        await task


@pytest.fixture
def cubemon(capsys: pytest.CaptureFixture[str]) -> Cubemon:
    """Run a command against a service; exit code and what it printed."""

    async def run(service: Service, *words: str) -> Any:
        url = f"http://127.0.0.1:{service.port}"
        code = await asyncio.to_thread(main, [*words, "--url", url])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


async def as_json(cubemon: Cubemon, service: Service, *words: str) -> Any:
    code, told = await cubemon(service, *words, "--json")
    return code, json.loads(told)


def test_a_page_from_finding_to_mark(  # noqa: PLR0915 - one story
    tmp_path: Path, receiver: Any, secret: str, capture: Any, cubemon: Cubemon
) -> None:
    hook = {"kind": "webhook", "name": "oncall", "url": receiver.url, "secret": {"env": secret}}

    async def story() -> None:  # noqa: PLR0915 - as above
        async with running(tmp_path / "data", {"channels": [hook]}, lambda: NOW) as service:
            assert (await cubemon(service, "notify", "test"))[0] == 0
            shown = capture("cube-1")
            await service.pipeline.show(
                [ShowCapture(device="cube-1", received=NOW, text=shown.text)]
            )
            await asyncio.to_thread(receiver.wait, lambda it: it.keys().total() >= 2)
            code, told = await as_json(cubemon, service, "page", "list")
            (page,) = [one for one in told["pages"] if one["severity"] == "critical"]
            assert code == 0
            assert page["subject"] == "berlin"  # one page for the pair
            number = str(page["id"])

            assert "taken by anna" in (await cubemon(service, "ack", number, "--by", "anna"))[1]
            code, told = await cubemon(
                service, "page", "mark", number, "false", "--by", "anna", "--reason", "a drill"
            )
            assert "marked false" in told
            assert "Runbook" in (await cubemon(service, "page", "show", number))[1]
            assert "false per 100 devices" in (await cubemon(service, "page", "list", "--all"))[1]
            code, told = await as_json(cubemon, service, "notify", "status")
            assert (code, told["figures"]["marked_false"]) == (0, 1)
            assert told["figures"]["false_per_100_devices"] == 50.0
            code, told = await as_json(cubemon, service, "notify", "list", "--channel", "oncall")
            assert {one["state"] for one in told["notices"]} == {"sent"}
            assert (await cubemon(service, "notify", "pending"))[1] == "none\n"

            assert "oncall" in (await cubemon(service, "notify", "status"))[1]
            assert "CALLS STOP" in (await cubemon(service, "notify", "list"))[1]
            code, told = await as_json(cubemon, service, "ack", number)
            assert told["pages"][0]["acknowledged_by"] == "anna"  # the first one stays

            receiver.answers += [500]
            code, told = await cubemon(service, "notify", "test", "oncall")
            assert (code, "not taken: http://127.0.0.1" in told) == (1, True)
            code, told = await cubemon(service, "notify", "test", "nobody")
            assert (code, "no channel is called 'nobody': oncall" in told) == (2, True)
            code, told = await cubemon(service, "ack", "4711")
            assert (code, "no open page has the number 4711" in told) == (2, True)
            code, told = await cubemon(service, "page", "mark", number)
            assert (code, "say `false` or `real`" in told) == (2, True)
            code, told = await cubemon(service, "page", "show", "4711")
            assert (code, "no page has the number" in told) == (2, True)

    asyncio.run(story())


def test_maintenance_and_silences_by_command(
    tmp_path: Path, capture: Any, cubemon: Cubemon
) -> None:
    async def story() -> None:
        clock = [DEADLINE - 6 * 86_400]
        async with running(tmp_path / "data", None, lambda: clock[0]) as service:
            shown = capture("cube-2").text
            await service.pipeline.show(
                [ShowCapture(device="cube-2", received=clock[0], text=shown)]
            )
            code, told = await as_json(
                cubemon, service, "maintenance", "add", "berlin", "--until",
                "2026-01-11T00:00:00Z", "--reason", "upgrade", "--by", "anna",
            )  # fmt: skip
            assert (code, told["subjects"]) == (0, ["berlin", "cube-1", "cube-2"])
            window = told["id"]
            async with asyncio.timeout(20):
                while "cube-1" not in service.pipeline.snapshot.maintenance:  # noqa: ASYNC110 - it says so nowhere else
                    await asyncio.sleep(0.01)
            fleet = service.pipeline.snapshot
            hidden = {one.finding.hidden_by for one in fleet.findings if one.standing.opened}
            assert hidden == {window}
            assert "upgrade" in (await cubemon(service, "maintenance", "list"))[1]
            assert (await cubemon(service, "maintenance", "end", window))[0] == 0
            assert "no maintenance" in (await cubemon(service, "maintenance", "list"))[1]
            assert "over" in (await cubemon(service, "maintenance", "list", "--all"))[1]

            words = ["silence", "add", "--rule", "stale_data", "--severity", "warning"]
            until = ["--until", "2026-01-12T00:00:00Z"]
            code, told = await cubemon(service, *words, *until)
            assert (code, "say why" in told) == (2, True)
            code, told = await as_json(
                cubemon, service, *words, *until, "--reason", "known", "--subject", "cube-*"
            )
            assert (code, told["rule"], told["severity"]) == (0, "stale_data", "warning")
            assert "cube-*" in (await cubemon(service, "silence", "list"))[1]
            assert (await cubemon(service, "silence", "end", told["id"]))[0] == 0
            assert "nothing is silenced" in (await cubemon(service, "silence", "list"))[1]

            for wrong, why in {
                ("maintenance", "add", "oslo", *until): "account or shared cause is called 'oslo'",
                ("maintenance", "add", "relay 192.0.2.8", *until): "did you mean relay 192.0.2.9",
                ("maintenance", "add", "berlin"): "either --until TIME or --for SPAN",
                ("maintenance", "add", "--for", "2h"): "name what is worked on",
                ("maintenance", "add", "berlin", "--for", "soon"): "no span of time",
                ("maintenance", "add", "berlin", "--until", "soon"): "neither RFC 3339",
                ("maintenance", "end"): "end one by its id",
                ("silence", "end", "s-1"): "no silence 's-1'",
                (*words, "--until", "2026-03-12T00:00:00Z", "--reason", "x"): "7 days at most",
            }.items():
                code, told = await cubemon(service, *wrong)
                assert (code, why in told) == (2, True), (wrong, told)

    asyncio.run(story())


def test_maintenance_of_accounts_and_of_what_devices_share(
    tmp_path: Path, cubemon: Cubemon
) -> None:
    async def story() -> None:
        async with running(tmp_path / "data", None, lambda: NOW) as service:
            causes = ["relay 192.0.2.9", "SNMP credential noc", "voice edge", "CSSM"]
            code, told = await as_json(
                cubemon, service, "maintenance", "add", *causes, "--until", "2026-01-14T00:00:00Z"
            )
            meant = ["relay 192.0.2.9", "snmp credential noc", "Voice Edge", "CSSM"]
            assert (code, told["subjects"]) == (0, meant)

    asyncio.run(story())


def test_the_audit_log_says_what_is_quiet_and_until_when(tmp_path: Path, cubemon: Cubemon) -> None:
    until = ["--until", "2026-01-12T00:00:00Z", "--reason", "known"]

    async def story() -> None:
        async with running(tmp_path / "data", None, lambda: NOW) as service:
            await cubemon(service, "maintenance", "add", "berlin", *until)
            await cubemon(service, "silence", "add", "--rule", "stale_data", *until)
            told = (await cubemon(service, "audit"))[1]
            assert "maintenance: berlin, cube-1, cube-2 until 2026-01-12T00:00:00Z" in told
            assert "silences: stale_data until 2026-01-12T00:00:00Z" in told

    asyncio.run(story())


def test_the_reference_names_every_call(tmp_path: Path) -> None:
    async def paths() -> Any:
        async with running(tmp_path / "data", None, lambda: NOW) as service:
            return service.app.openapi()["paths"]

    reference = API.read_text()
    ours = {
        path: operations for path, operations in asyncio.run(paths()).items()
        if path.split("/")[3:4] in (["pages"], ["notices"], ["channels"], ["maintenance"],
                                    ["silences"])
    }  # fmt: skip
    assert len(ours) == 10
    for path, operations in ours.items():
        for method, operation in operations.items():
            assert f"`{method.upper()} {path}`" in reference
            assert operation["description"]
            for parameter in operation.get("parameters", []):
                assert (
                    parameter["name"] in {"number", "name"} or f"`{parameter['name']}`" in reference
                )


def test_bodies_are_checked(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path / "data", None, lambda: NOW) as service:
            base = f"http://127.0.0.1:{service.port}/api/v1"
            async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
                wrong: dict[str, list[bytes]] = {
                    "/pages/1/mark": [b"", b"{}", b"[]", b'{"by": "a", "mark": "maybe"}'],
                    "/silences": [b'{"by": "a", "end": "soon"}', b'{"by": "a", "more": 1}'],
                    "/maintenance": [b'{"by": "a", "end": "2026-03-12T00:00:00Z"}'],
                    "/channels/test": [b'{"channel": 1}', b"x" * 70_000],
                }
                for path, bodies in wrong.items():
                    for body in bodies:
                        answer = await client.post(path, content=body)
                        assert answer.status_code in {400, 413}, (path, body, answer.text)
                        assert answer.headers["content-type"] == "application/problem+json"
                gone = await client.post("/pages/7/acknowledge", content=b'{"by": "a"}')
                assert gone.status_code == 404
                assert (await client.get("/notices", params={"state": "lost"})).status_code == 400
                assert (await client.post("/channels/test", content=b"{}")).json() == {"tests": []}

    asyncio.run(story())
