"""Commands that ask a monitor off loopback: over TLS, with a token and a certificate."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.app import Service
from monitor.cli import main
from monitor.config import load
from monitor.lab.gnmi_certificates import Authority

TOKEN = "the-token-of-the-noc-00000002"  # noqa: S105 - of this test alone
ANYWHERE = "0.0.0.0"  # noqa: S104 - that it may be listened on with TLS and tokens is the point


class House:
    """A monitor's configuration, its certificates, and what a command is given."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.file = directory / "cubemon.yml"
        self.authority = Authority("Ours")
        self.ca = directory / "ca.pem"
        self.ca.write_bytes(self.authority.certificate)
        self.token = directory / "noc.token"
        self.token.write_text(TOKEN)
        self.renew("first")
        self.client = self.authority.issue("noc").write(directory, "noc")
        self.data: dict[str, Any] = {
            "collect": [],
            "devices": [{"name": "berlin"}],
            "store": {"directory": str(directory / "data")},
            "http": {
                "host": ANYWHERE,
                "port": 0,
                "tokens": [{"name": "noc", "role": "operate", "token": {"file": str(self.token)}}],
                "tls": {
                    "cert": str(directory / "monitor.pem"),
                    "key": str(directory / "monitor.key"),
                    "client_ca": str(self.ca),
                },
            },
        }
        self.write()

    def renew(self, name: str) -> None:
        self.authority.issue(name).write(self.directory, "monitor")

    def write(self) -> None:
        self.file.write_text(yaml.safe_dump(self.data))

    def shown(self, port: int, *, certificate: bool = True) -> list[str]:
        words = ["--url", f"https://127.0.0.1:{port}", "--ca", str(self.ca)]
        words += ["--token-file", str(self.token)]
        if certificate:
            words += ["--cert", str(self.client[0]), "--key", str(self.client[1])]
        return words


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def during(house: House, scene: Callable[[int], None]) -> None:
    """Run a scene with the monitor's port while it runs."""

    async def run() -> None:
        service = Service(load(house.file), source=lambda: load(house.file))
        stop = asyncio.Event()
        task = asyncio.create_task(service.run(stop))
        await service.ready.wait()
        try:
            await asyncio.to_thread(scene, service.port)
        finally:
            stop.set()
            await task

    asyncio.run(run())


def test_commands_speak_to_a_monitor_off_loopback(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    def scene(port: int) -> None:
        def said(words: list[str], code: int) -> str:
            assert main(words) == code
            told = capsys.readouterr()
            assert TOKEN not in told.out + told.err
            return told.out + told.err

        shown = house.shown(port)
        assert "berlin" in said(["explain", "berlin", *shown], 0)
        said(["device", "rename", "berlin", "mitte", *shown], 0)
        assert "rename berlin mitte" in said(["audit", *shown], 0)
        house.renew("second")
        assert "changed: nothing" in said(["reload", *shown], 0)
        house.data["devices"] += [{"name": "oslo"}]
        house.write()
        assert "changed: devices" in said(["reload", *shown], 0)
        house.data["devises"] = []
        house.write()
        refused = said(["reload", *shown], 2)
        assert "did you mean 'devices'" in refused
        assert "the configuration in use stays" in refused
        assert "no answer" in said(["reload", *house.shown(port, certificate=False)], 3)
        house.token.write_text("a-token-that-nobody-knows-01")
        assert "not known" in said(["reload", *shown], 3)

    during(house, scene)


def test_a_stranger_in_the_place_of_the_monitor_gets_no_token(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    def scene(port: int) -> None:
        house.ca.write_bytes(Authority("Another").certificate)
        assert main(["reload", *house.shown(port)]) == 3
        assert "certificate verify failed" in capsys.readouterr().err

    during(house, scene)


@pytest.mark.parametrize("missing", [("tls",), ("tokens",), ("tls", "tokens")])
def test_off_loopback_nothing_starts_without_tls_and_tokens(
    house: House, missing: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for key in missing:
        del house.data["http"][key]
    house.write()
    assert main(["check", str(house.file)]) == 2
    said = capsys.readouterr().err
    assert "is not a loopback address" in said
    assert all(f"`{key}`" in said for key in missing)


@pytest.mark.parametrize("name", ["--token-file", "--ca"])
def test_files_that_are_not_there_are_named(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = str(tmp_path / "gone")
    for command in ("reload", "status"):
        assert main([command, "--url", "https://127.0.0.1:1", name, gone]) == 3
        told = capsys.readouterr()
        assert name in told.out + told.err
