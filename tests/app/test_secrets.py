"""None of the secrets that a monitor holds is in anything it says."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client import generate_latest

from monitor.app import Service
from monitor.app.logs import CHATTY, Lines
from monitor.cli import main
from monitor.config import load

KINDS = (
    "token-read", "token-operate", "ssh-password", "community", "trap-community",
    "v3-auth", "v3-priv", "gnmi-password", "restconf-password", "cssm-client", "ship-influx",
    "ship-victoria", "webhook-key",
)  # fmt: skip
SECRETS = {kind: f"S3cret-{kind}-that-nobody-may-see" for kind in KINDS}
CLOSED = 9
"""A port of loopback where nobody listens."""


def kept(directory: Path) -> dict[str, str]:
    places = {}
    for kind, secret in SECRETS.items():
        file = directory / f"{kind}.file"
        file.write_text(secret + "\n")
        places[kind] = str(file)
    return places


def configuration(directory: Path) -> dict[str, Any]:
    at = kept(directory)
    user = {
        "user": "monitor", "auth": "sha256", "auth_secret": {"file": at["v3-auth"]},
        "priv": "aes128", "priv_secret": {"file": at["v3-priv"]},
    }  # fmt: skip
    gnmi = {"user": "monitor", "password": {"file": at["gnmi-password"]}}
    restconf = {"user": "monitor", "password": {"file": at["restconf-password"]}}
    address = {"host": "127.0.0.1", "port": CLOSED}
    return {
        "store": {"directory": str(directory / "data")},
        "http": {
            "port": 0,
            "tokens": [
                {"name": role, "role": role, "token": {"file": at[f"token-{role}"]}}
                for role in ("read", "operate")
            ],
        },
        "collect": [
            {
                "kind": "ssh", "spread": 0, "known_hosts": str(directory / "known_hosts"),
                "credentials": {
                    "default": {"user": "monitor", "password": {"file": at["ssh-password"]}}
                },
            },
            {
                "kind": "snmp", "spread": 0, "timeout": 0.2, "retries": 0,
                "credentials": {
                    "default": {"community": {"file": at["community"]}},
                    "three": {"version": "3", "v3": user},
                },
            },
            {
                "kind": "cssm", "spread": 0, "url": f"https://127.0.0.1:{CLOSED}/api",
                "token_url": f"https://127.0.0.1:{CLOSED}/token", "client_id": "ours",
                "client_secret": {"file": at["cssm-client"]}, "smart_account": "s.example",
                "virtual_accounts": ["eu"],
            },
            {"kind": "snmp_trap", "port": 0, "communities": [{"file": at["trap-community"]}]},
            {"kind": "gnmi", "spread": 0, "credentials": {"default": gnmi}},
            {"kind": "restconf", "spread": 0, "credentials": {"default": restconf}},
        ],
        "devices": [
            {
                "name": "berlin", "ssh": address, "snmp": address,
                "gnmi": {**address, "plaintext": True}, "restconf": address,
            },
            {"name": "oslo", "snmp": {**address, "credential": "three"}},
        ],
        "ship": [
            {
                "kind": "influxdb", "url": f"http://127.0.0.1:{CLOSED}", "org": "o",
                "bucket": "b", "token": {"file": at["ship-influx"]},
            },
            {
                "kind": "victoriametrics", "url": f"http://127.0.0.1:{CLOSED}",
                "token": {"file": at["ship-victoria"]},
            },
        ],
        "notify": {
            "channels": [
                {
                    "kind": "webhook", "name": "hook", "url": f"http://127.0.0.1:{CLOSED}/in",
                    "secret": {"file": at["webhook-key"]},
                }
            ],
        },
    }  # fmt: skip


def misplaced(data: Any) -> list[Any]:
    """The configuration, once for each place that names a secret, with the secret itself there."""
    text, flat = dumped(data), dumped(data, default_flow_style=True, width=100_000)
    found = []
    for kind, secret in SECRETS.items():
        line = next(line for line in text.splitlines() if f"{kind}.file" in line)
        key, file = line.split(":")[0].strip(" -"), line.split(": ")[1]
        indent = line[: len(line) - len(line.lstrip(" -"))]
        wrong = (f"{key}: [{secret}]", f"{secret}: {key}", f"{key}x: {secret}")
        found += [text.replace(line, indent + each) for each in wrong]
        # Where its reference belongs, at the level above.
        found.append(flat.replace(f"{{file: {file}}}", secret))
    return found


class Plain(yaml.SafeDumper):
    """Writes what is there twice twice: references are refused in our files."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def dumped(data: Any, **more: Any) -> str:
    return str(yaml.dump(data, Dumper=Plain, **more))


class Said:
    """Everything that was said, by where."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []

    def add(self, where: str, text: str) -> None:
        self.texts.append((where, text))

    def check(self) -> None:
        for where, text in self.texts:
            for kind, secret in SECRETS.items():
                assert secret not in text, f"{kind} in {where}"


async def drive(service: Service, said: Said) -> None:
    paths = [
        path.replace("{name}", "berlin").replace("{number}", "1").replace("{digest}", "00")
        for path, methods in service.app.openapi()["paths"].items()
        if "get" in methods
    ]
    operate = {"authorization": f"Bearer {SECRETS['token-operate']}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.port}", timeout=30) as client:
        for token in (SECRETS["token-operate"], SECRETS["ssh-password"], ""):
            headers = {"authorization": f"Bearer {token}"} if token else {}
            for path in (*paths, "/", f"/nothing/{token}"):
                if token and path.endswith(token):
                    continue
                answered = await client.get(path, headers=headers)
                said.add(f"GET {path}", answered.text + str(answered.headers))
        for path in ("/-/reload", "/api/v1/operations", "/api/v1/readings", "/api/v1/show"):
            query = {"token": SECRETS["token-operate"]}
            answered = await client.post(path, headers=operate, params=query, content=b"{")
            said.add(f"POST {path}", answered.text)
        answered = await client.get("/api/v1/audit", headers=operate)
        assert len(answered.json()["records"]) >= 4
        said.add("audit", answered.text)


async def tried(service: Service) -> None:
    """Wait until every way in and out has been tried."""
    wanted = {'manner="ssh"', 'manner="snmp"', 'manner="restconf"', "ship_failures", "stream_ends"}
    async with asyncio.timeout(60):
        while True:
            lines = generate_latest(service._parts.registry).decode().splitlines()
            some = "\n".join(one for one in lines if "polls_total" in one or "fail" in one
                             or "ends_total" in one)  # fmt: skip
            if all(word in some for word in wanted):
                return
            await asyncio.sleep(0.1)


def test_no_secret_is_in_anything_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    file, said = tmp_path / "cubemon.yml", Said()
    data = configuration(tmp_path)
    file.write_text(dumped(data))
    caplog.set_level(logging.DEBUG)
    for chatty in CHATTY:
        caplog.set_level(logging.WARNING, logger=chatty)

    async def scene() -> None:
        service, stop = Service(load(file), source=lambda: load(file)), asyncio.Event()
        task = asyncio.create_task(service.run(stop))
        await service.ready.wait()
        await tried(service)
        await drive(service, said)
        said.add("objects", repr(service._parts.config) + str(service._parts.config))
        stop.set()
        await task

    asyncio.run(scene())
    said.add("logs", "\n".join(map(Lines().format, caplog.records)))
    said.add("output", "".join(capfd.readouterr()))
    said.check()
    assert len(said.texts) > 60


def test_no_secret_that_stands_in_the_wrong_place_is_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said, refused = Said(), 0
    wrong = misplaced(configuration(tmp_path))
    for number, text in enumerate(wrong):
        file = tmp_path / f"{number}.yml"
        file.write_text(text)
        refused += main(["check", str(file)]) == 2
        said.add(text, "".join(capsys.readouterr()))
    for where, text in said.texts:
        for kind, secret in SECRETS.items():
            line = next((one for one in where.splitlines() if secret in one), "")[:300]
            assert secret not in text, f"{kind} is repeated, given as {line}: {text[:1000]}"
    assert refused > len(SECRETS)
