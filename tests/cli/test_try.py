"""`cubemon try` against a virtual CUBE's command line over a real socket."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import yaml

from monitor.cli import main
from monitor.cli.telemetry_offers import offers
from monitor.collect.ssh import SshConfig, SshTarget
from monitor.collect.ssh.commands import Show
from monitor.config import Config
from monitor.lab.console import Console
from monitor.lab.fleet import virtual_fleet
from monitor.parse import show

PASSWORD = "correct horse"  # noqa: S105 - of the virtual router


class Place:
    """A console in a thread of its own: the command runs a loop itself."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._run()))
        self._thread.start()
        assert self._ready.wait(30)

    async def _run(self) -> None:
        async with await self.console.listen(self.key) as acceptor:
            self.port = acceptor.get_port()
            self._ready.set()
            await self._over.wait()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(30)
        self._loop.close()

    @property
    def known(self) -> str:
        line = self.key.export_public_key("openssh").decode().strip()
        return f"[127.0.0.1]:{self.port} {line}\n"


@pytest.fixture
def place() -> Iterator[Callable[..., Place]]:
    """Start a virtual CUBE of the demo; further words are its console's."""
    started: list[Place] = []

    def start(name: str = "cube-lon-1", **settings: Any) -> Place:
        now = int(time.time())
        cube = next(one for one in virtual_fleet(now, 1).cubes if one.name == name)
        console = Console(
            host_name=name,
            answer=lambda command: cube.answer(command, time.time()),
            user="monitor",
            password=PASSWORD,
            **settings,
        )
        started.append(Place(console))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def words(tmp_path: Path) -> Callable[..., list[str]]:
    """The command line for one place."""
    (tmp_path / "pw").write_text(f"{PASSWORD}\n")
    (tmp_path / "known").write_text("")

    def given(place: Place, *more: str, known: bool = True) -> list[str]:
        (tmp_path / "known").write_text(place.known if known else "")
        login = ["--password-file", str(tmp_path / "pw"), "--known-hosts", str(tmp_path / "known")]
        return ["try", f"monitor@127.0.0.1:{place.port}", *login, *more]

    return given


def test_a_healthy_router_is_judged_and_a_configuration_is_given(
    place: Any, words: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    there = place()
    assert main(words(there, "--json")) == 0
    told = capsys.readouterr()
    answer = json.loads(told.out)
    assert answer["stops"] == "no"
    assert answer["release"] == "17.9.4a"
    assert answer["commands"]["show license status"] == "read"
    assert {one["way"] for one in answer["telemetry"]} == {"syslog", "SNMP", "gNMI", "RESTCONF"}
    config = Config.model_validate(yaml.safe_load(answer["configuration"]))
    assert config.devices[0].name == "cube-lon-1"
    assert config.devices[0].ssh == SshTarget(host="127.0.0.1", port=there.port, credential="noc")
    assert isinstance(config.collect[0], SshConfig)
    assert "show version: read" in told.err
    assert len(there.console.logins) == 1
    assert PASSWORD not in told.out + told.err


def test_a_router_with_trouble_is_told_to_people(
    place: Any, words: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(place("cube-ber-1"))) == 2
    told = capsys.readouterr()
    assert "CALLS STOP on" in told.out
    assert "sent_not_acknowledged" in told.out
    assert "besides SSH this router could tell" in told.out
    assert "ssh: {host: " in told.out


def test_nothing_but_the_list_is_typed_and_a_release_of_the_field_notice_is_spared(
    place: Any, words: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    there = place("cube-ber-1")
    main(words(there))
    typed = there.console.typed
    assert set(typed) <= {*map(str, Show), "terminal length 0", "terminal width 511"}
    assert "show license tech support" not in typed
    assert "left out on release 17.3.3 (FN72578)" in capsys.readouterr().err


def test_an_unknown_host_key_is_shown_and_refused_unless_accepted_for_once(
    place: Any, words: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = place()
    assert main(words(there, known=False)) == 3
    assert there.key.get_fingerprint() in capsys.readouterr().err
    assert not there.console.logins
    assert main(words(there, "--accept-host-key", known=False)) == 0
    assert there.key.get_fingerprint() in capsys.readouterr().err
    assert (tmp_path / "known").read_text() == ""


def test_a_password_can_be_typed(
    place: Any, words: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = place()
    monkeypatch.setattr("getpass.getpass", lambda prompt: PASSWORD)
    known = words(there)[-2:]
    assert main(["try", f"monitor@127.0.0.1:{there.port}", "--ask", *known]) == 0


def test_no_login_is_no_verdict(
    place: Any, words: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = place()
    given = words(there)
    (tmp_path / "pw").write_text("wrong\n")
    assert main(given) == 3
    assert "login_refused" in capsys.readouterr().err
    assert there.console.logins == [("monitor", False)]


@pytest.mark.parametrize("router", ["cube-1", "a@b:0", "a@b:99999", "a@[::1", "@b"])
def test_a_router_is_written_in_one_way(router: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["try", router, "--ask"])
    assert ended.value.code == 3


@pytest.mark.parametrize(
    ("platform", "release", "ways", "tells", "not_told"),
    [
        ("ASR1006", "17.9.4a", "syslog SNMP gNMI RESTCONF", "deadline", "calls each"),
        ("C8000V", "17.15.1a", "syslog SNMP gNMI RESTCONF", "calls each", "-"),
        ("C8000V", "17.12.1a", "syslog SNMP gNMI RESTCONF", "deadline", "calls each"),
        ("ISR4451", "17.3.3", "syslog SNMP RESTCONF", "calls each", "deadline"),
        ("C8300-1N1S", "17.15.1a", "syslog SNMP RESTCONF", "role in", "-"),
        ("C8000V", "16.11.1", "syslog SNMP", "", "-"),
        ("Toaster", "17.15.1a", "syslog SNMP", "", "-"),
        ("C8000V", None, "syslog SNMP", "", "-"),
    ],
)
def test_what_platforms_offer(
    platform: str, release: str | None, ways: str, tells: str, not_told: str
) -> None:
    found = list(offers(platform, release, None))
    assert [one.way for one in found] == ways.split()
    assert all(one.configured is None for one in found)
    modelled = " ".join(one.tells for one in found[2:])
    assert tells in modelled
    assert not_told not in modelled


def test_what_is_configured_is_known_from_the_configuration() -> None:
    text = """cube#show running-config
Building configuration...

Current configuration : 1000 bytes
!
version 17.9
hostname cube
logging host 192.0.2.9
restconf
gnxi
gnxi secure-server
end
"""
    (config,) = [one.data for one in show.read(text)]
    found = {one.way: one.configured for one in offers("C8000V", "17.9.4a", config)}  # type: ignore[arg-type]  # it is one
    assert found == {"syslog": True, "SNMP": False, "gNMI": True, "RESTCONF": True}
