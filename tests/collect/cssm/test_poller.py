"""The poller against a virtual CSSM over TLS: paging, tokens, refusals, caps."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from monitor.collect.cssm import CssmConfig, CssmPoller, Question
from monitor.collect.cssm.calls import Asked, call
from monitor.collect.cssm.schedule import (
    Pace,
    first_wait,
    wait_after_failure,
    wait_after_refusal,
    wait_after_success,
)
from monitor.lab.cssm import CssmServer
from monitor.lab.gnmi_certificates import Authority
from monitor.parse.cssm import read

AUTHORITY = Authority()
SECRET = "-".join(("much", "secret"))
IDENTITY = AUTHORITY.issue("cssm.example")
Licence = Callable[..., dict[str, object]]


@asynccontextmanager
async def serving(server: CssmServer, directory: Path) -> AsyncIterator[CssmServer]:
    server.client_secret = SECRET
    (directory / "ca.pem").write_bytes(AUTHORITY.certificate)
    (directory / "secret").write_text(f"{SECRET}\n")
    async with server.serving(IDENTITY, directory):
        yield server


def configured(server: CssmServer, directory: Path, **more: Any) -> CssmConfig:
    return CssmConfig.model_validate(
        {
            "url": server.url,
            "token_url": server.token_url,
            "client_id": "lab",
            "client_secret": {"file": str(directory / "secret")},
            "smart_account": server.smart_account,
            "virtual_accounts": ["EMEA", "APAC"],
            "tls": {"ca": str(directory / "ca.pem")},
            "questions": ["licenses"],
            **more,
        }
    )


def poller(scene: Any, config: CssmConfig) -> CssmPoller:
    return CssmPoller(config, scene.instruments, clock=scene.clock, chance=lambda: 0.0)


@pytest.mark.parametrize("most", [1000, 7])
def test_all_pages_make_one_inventory(
    most: int, scene: Any, licence: Licence, tmp_path: Path
) -> None:
    licenses = [licence(f"L{number}") for number in range(25)] + [licence("x", "OTHER")]

    async def play() -> CssmServer:
        async with serving(CssmServer(licenses=licenses, most=most), tmp_path) as server:
            assert (
                await poller(scene, configured(server, tmp_path, page=10)).round(scene.desk) is None
            )
            return server

    server = asyncio.run(play())
    (inventory,) = scene.desk.inventories
    assert (inventory.smart_account, inventory.accounts) == ("example.com", ("EMEA", "APAC"))
    found = read(inventory.payload, now=0)
    assert [line.name for line in found.lines] == [f"L{number}" for number in range(25)]
    assert server.asked["token"] == 1
    assert inventory.effective == scene.clock.at


def test_every_question_is_asked_with_one_token(
    scene: Any, licence: Licence, tmp_path: Path
) -> None:
    device = {"hostName": "cube-1", "virtualAccount": "EMEA", "licenseUsage": []}
    summary = {"tag": "CUBE_T_STD", "prepaid_entitled": 5, "prepaid_inuse": 2}

    async def play() -> CssmServer:
        server = CssmServer(licenses=[licence("A")], devices=[device], summary=[summary])
        async with serving(server, tmp_path):
            config = configured(
                server,
                tmp_path,
                questions=["licenses", "devices", "summary"],
                virtual_accounts=["EMEA"],
            )
            one = poller(scene, config)
            assert await one.round(scene.desk) is None
            assert await one.round(scene.desk) is None
        return server

    server = asyncio.run(play())
    assert server.asked["token"] == 1
    shapes = [read(one.payload, account=one.account, now=0) for one in scene.desk.inventories[:3]]
    assert [(len(one.lines), len(one.devices)) for one in shapes] == [(1, 0), (0, 1), (1, 0)]
    assert shapes[2].lines[0].account == "EMEA"


def test_a_token_is_asked_for_again_when_it_ends_or_is_withdrawn(
    scene: Any, licence: Licence, tmp_path: Path
) -> None:
    async def play() -> list[int]:
        asked = []
        async with serving(CssmServer(licenses=[licence("A")]), tmp_path) as server:
            one = poller(scene, configured(server, tmp_path))
            for withdrawn in (False, True, False):
                if withdrawn:
                    server.tokens.clear()
                assert await one.round(scene.desk) is None
                asked.append(server.asked["token"])
            scene.clock.at += 3600
            assert await one.round(scene.desk) is None
            asked.append(server.asked["token"])
            server.expires_in = "soon"
            server.tokens.clear()
            assert await one.round(scene.desk) is None
        return asked

    assert asyncio.run(play()) == [1, 2, 2, 3]


@pytest.mark.parametrize(
    ("refusals", "result", "words"),
    [
        ([(401, {})], "refused", "half an hour"),
        ([(403, {})], "forbidden", "grant the client this API"),
        ([(404, {})], "not_found", "smart_account"),
        ([(429, {"retry-after": "120"})], "too_many_requests", "asked too often"),
        ([(500, {})], "server_error", "500"),
        ([(302, {"location": "https://127.0.0.1:1/"})], "bad_status", "302"),
        ([(200, {})], "not_json", "no list of licenses"),
        ([(200, {"content-encoding": "gzip"})], "not_json", "packed"),
    ],
)
def test_refusals_are_said_clearly_and_nothing_is_taken(
    refusals: list[tuple[int, Mapping[str, str]]],
    result: str,
    words: str,
    scene: Any,
    tmp_path: Path,
) -> None:
    async def play() -> None:
        async with serving(CssmServer(refusals=refusals), tmp_path) as server:
            broken = await poller(scene, configured(server, tmp_path)).round(scene.desk)
            assert broken is not None
            assert broken.result == result
            assert words in str(broken)
            assert broken.wait == (120 if result == "too_many_requests" else 0)

    asyncio.run(play())
    assert scene.desk.inventories == []
    assert scene.calls(result) == 1


def test_half_a_list_is_no_list(scene: Any, licence: Licence, tmp_path: Path) -> None:
    licenses = [licence(f"L{number}") for number in range(25)]

    async def play() -> list[str]:
        results = []
        async with serving(CssmServer(licenses=licenses), tmp_path) as server:
            for change, config in (
                ({}, {"page": 10, "pages": 2}),
                ({"ignores_offset": True}, {"page": 10}),
                ({"ignores_offset": False, "padding": 5000}, {"page": 10, "body_cap": 4096}),
                ({"padding": 1000}, {"page": 1, "body_cap": 1500}),
            ):
                for name, value in change.items():
                    setattr(server, name, value)
                broken = await poller(scene, configured(server, tmp_path, **config)).round(
                    scene.desk
                )
                results.append("" if broken is None else broken.result)
        return results

    assert asyncio.run(play()) == ["too_many_pages", "paging_stuck", "too_long", "too_long"]
    assert scene.desk.inventories == []


def test_a_server_that_knows_no_offset_is_read_at_once(
    scene: Any, licence: Licence, tmp_path: Path
) -> None:
    async def play() -> None:
        server = CssmServer(licenses=[licence("A"), licence("B")], ignores_offset=True)
        async with serving(server, tmp_path):
            assert await poller(scene, configured(server, tmp_path)).round(scene.desk) is None

    asyncio.run(play())
    found = read(scene.desk.inventories[0].payload, now=0)
    assert [line.name for line in found.lines] == ["A", "B"]


def test_credentials_and_certificates_that_do_not_hold(scene: Any, tmp_path: Path) -> None:
    async def play() -> list[str]:
        results = []
        async with serving(CssmServer(), tmp_path) as server:
            (tmp_path / "wrong").write_text("wrong")
            (tmp_path / "other.pem").write_bytes(Authority("Other").certificate)
            for more in (
                {"client_secret": {"file": str(tmp_path / "wrong")}},
                {"client_secret": {"file": str(tmp_path / "nothing")}},
                {"tls": {"ca": str(tmp_path / "other.pem")}},
                {"tls": {"ca": str(tmp_path / "nothing.pem")}},
                {"url": "https://127.0.0.1:1", "token_url": "https://127.0.0.1:1/t"},
                {"proxy": "http://127.0.0.1:1"},
            ):
                config = configured(server, tmp_path, **more)
                broken = await poller(scene, config).round(scene.desk)
                assert broken is not None
                assert SECRET not in str(broken)
                results.append(broken.result)
        return results

    assert asyncio.run(play()) == [
        "refused",
        "credential_unreadable",
        "certificate_refused",
        "tls_files_unreadable",
        "unreachable",
        "unreachable",
    ]


@pytest.mark.parametrize(
    "answer", [b"no json", b"[]", b'{"access_token": 5}', b'{"access_token": "a\\nb"}']
)
def test_a_token_that_is_none_is_refused(answer: bytes, scene: Any, tmp_path: Path) -> None:
    class Broken(CssmServer):
        def token(self, form: object) -> Any:
            from fastapi import Response  # noqa: PLC0415 - only this server needs it

            del form
            return Response(answer)

    async def play() -> str:
        async with serving(Broken(), tmp_path) as server:
            broken = await poller(scene, configured(server, tmp_path)).round(scene.desk)
            return "" if broken is None else broken.result

    assert asyncio.run(play()) in {"no_token", "not_json"}


def test_failures_make_the_pauses_grow(
    scene: Any, enough: type[Exception], licence: Licence, tmp_path: Path
) -> None:
    async def play() -> None:
        server = CssmServer(
            licenses=[licence("A")],
            refusals=[(500, {}), (429, {"retry-after": "900"}), (401, {}), (401, {})],
        )
        async with serving(server, tmp_path):
            scene.clock.most = 5
            with pytest.raises(enough):
                await poller(scene, configured(server, tmp_path)).run(scene.desk)

    asyncio.run(play())
    assert scene.clock.slept == [0.0, 30.0, 900.0, 7200.0, 21600.0]
    assert len(scene.desk.inventories) == 1


def test_one_question_that_is_not_granted_does_not_cost_the_others(
    scene: Any, enough: type[Exception], licence: Licence, tmp_path: Path
) -> None:
    async def play() -> CssmServer:
        refusals: list[tuple[int, Mapping[str, str]]] = [(403, {})] * 3
        server = CssmServer(licenses=[licence("A")], refusals=refusals)
        async with serving(server, tmp_path):
            scene.clock.most = 3
            config = configured(server, tmp_path, questions=["devices", "licenses"])
            with pytest.raises(enough):
                await poller(scene, config).run(scene.desk)
            (tmp_path / "secret").write_text("wrong")
            server.tokens.clear()
            before = server.asked["token"]
            await CssmPoller(config, scene.instruments, clock=scene.clock).round(scene.desk)
            assert server.asked["token"] == before + 1
        return server

    asyncio.run(play())
    # Nothing was granted in the first round; in the second licences were, devices not.
    assert scene.clock.slept == [0.0, 1800.0, 21600.0]
    assert len(scene.desk.inventories) == 1


def test_the_schedule_is_bounded() -> None:
    pace = Pace()
    assert first_wait(pace, 0.5) == 30
    assert wait_after_success(pace, 1.0) == 19_440
    assert [wait_after_failure(pace, n, 1.0) for n in (1, 2, 9, 999)] == [60, 120, 3600, 3600]
    assert wait_after_failure(pace, 1, 0.0, 1e9) == 6 * 3600
    assert [wait_after_refusal(pace, n, 0.0) for n in (1, 2, 99)] == [1800, 3600, 86_400]


def test_only_reading_calls_exist() -> None:
    asked = Asked(smart_account="a/../b", virtual_accounts=["EMEA"], limit=10)
    calls = [call(one, asked, offset=5, now=7.5, nonce="n") for one in Question]
    assert [one.path for one in calls] == [
        "/v1/accounts/a%2F..%2Fb/licenses",
        "/v1/accounts/a%2F..%2Fb/devices",
        "/v3/licenses/summary",
    ]
    assert json.loads(calls[0].body) == {"virtualAccounts": ["EMEA"], "limit": 10, "offset": 5}
    assert json.loads(calls[2].body) == {"data": {"timestamp": 7500, "nonce": "n", "tags": []}}


@pytest.mark.parametrize(
    "more",
    [
        {"url": "http://127.0.0.1"},
        {"questions": []},
        {"virtual_accounts": []},
        {"client_secret": "plain"},
        {"smart_account": "a/b"},
    ],
)
def test_configurations_that_cannot_be(more: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ValidationError) as caught:
        configured(CssmServer(), tmp_path, **more)
    assert "plain" not in str(caught.value)
