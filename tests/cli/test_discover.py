"""`cubemon discover` against agents and servers of the lab on loopback."""

import asyncio
import contextlib
import io
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import yaml

from monitor.app.discovery import Found, Refusals, discover
from monitor.cli import main
from monitor.cli.discover import MOST, addresses_of
from monitor.config.model import Config
from monitor.errors import ConfigError
from monitor.lab.cube import Cube
from monitor.lab.fleet import virtual_fleet
from monitor.lab.gnmi_certificates import Authority
from monitor.lab.gnmi_server import Behaviour, GnmiServer
from monitor.lab.gnmi_tree import YangCube
from monitor.lab.restconf import RestconfServer
from monitor.lab.snmp_agent import Access, Agent
from monitor.lab.snmp_objects import Manner, objects

PASSWORD = "lab-Password-1"  # noqa: S105 - of the lab alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """A virtual CUBE that answers every way."""

    cube: Cube
    directory: Path
    ports: dict[str, int]
    gnmi: GnmiServer

    def words(self, *more: str) -> list[str]:
        ports = [word for way, port in self.ports.items() for word in (f"--{way}-port", str(port))]
        return ["--ca", str(self.directory / "ca.pem"), "--timeout", "2", *ports, *more]

    def configuration(
        self, *devices: dict[str, Any], password: str = PASSWORD, first: str = "community"
    ) -> str:
        (self.directory / "password").write_text(password)
        (self.directory / "community").write_text("lab")
        login = {"user": "monitor", "password": {"file": str(self.directory / "password")}}
        told = {
            "collect": [
                {"kind": "ssh", "credentials": {"noc": login}},
                {"kind": "gnmi", "credentials": {"noc": login}},
                {"kind": "restconf", "credentials": {"noc": login}},
                {
                    "kind": "snmp",
                    "credentials": {
                        "first": {"community": {"file": str(self.directory / first)}},
                        "right": {"community": {"file": str(self.directory / "community")}},
                    },
                },
            ],
            "devices": list(devices),
        }
        path = self.directory / "cubemon.yml"
        path.write_text(json.dumps(told))  # JSON is YAML
        return str(path)

    def written(self) -> str:
        return (self.directory / "cubemon.yml").read_text()


@asynccontextmanager
async def router(
    directory: Path,
    *,
    host: str = "127.0.0.1",
    loopback: bool = True,
    wants_certificate: bool = False,
) -> AsyncIterator[Router]:
    now = time.time()
    cube = virtual_fleet(int(now)).cubes[1]
    authority = Authority()
    (directory / "ca.pem").write_bytes(authority.certificate)
    identity = authority.issue("cube.lab", loopback=loopback)
    authority.issue("monitor").write(directory, "ours")
    ours = authority.certificate if wants_certificate else None
    tree = YangCube(cube=cube, clock=time.time)
    gnmi = GnmiServer(tree, Behaviour(password=PASSWORD), host)
    restconf = RestconfServer(cube=tree, password=PASSWORD, host=host)
    agent = Agent(
        cube.name, partial(objects, cube, Manner(starts=(now - 500.3,))), Access(), time.time
    )
    await agent.listen(host=host)
    key = asyncssh.generate_private_key("ssh-ed25519")
    ssh = await asyncssh.listen(host, 0, server_host_keys=[key])
    try:
        async with (
            gnmi.serving(identity, client_authority=ours),
            restconf.serving(identity, directory),
        ):
            ports = {
                "ssh": ssh.get_port(),
                "snmp": agent.port,
                "gnmi": gnmi.port,
                "restconf": restconf.port,
            }
            yield Router(cube=cube, directory=directory, ports=ports, gnmi=gnmi)
    finally:
        agent.close()
        ssh.close()
        await ssh.wait_closed()


def against(directory: Path, act: Callable[[Router], Awaitable[None]], **how: Any) -> None:
    async def play() -> None:
        async with router(directory, **how) as there:
            await act(there)

    asyncio.run(play())


async def discovered(*words: str) -> int:
    return await asyncio.to_thread(main, ["discover", *words])


def test_a_router_that_answers_every_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def act(there: Router) -> None:
        config = there.configuration(first="password")
        assert await discovered("127.0.0.1/32", "--config", config, *there.words()) == 0
        printed = capsys.readouterr()
        (device,) = yaml.safe_load(printed.out)["devices"]
        cube = there.cube
        assert device["name"] == cube.name
        assert device["addresses"] == ["127.0.0.1"]
        assert device["aliases"] == [f"PID:{cube.platform},SN:{cube.serial}"]
        for way, credential in (
            ("ssh", "noc"), ("snmp", "right"), ("gnmi", "noc"), ("restconf", "noc"),
        ):  # fmt: skip
            target = {"host": "127.0.0.1", "port": there.ports[way], "credential": credential}
            if way in {"gnmi", "restconf"}:
                target["tls"] = {"ca": str(tmp_path / "ca.pem")}
            assert device[way] == target
        assert "host key SHA256:" in printed.out
        assert f"# {cube.platform}, {cube.release}" in printed.out
        assert "1 of 1 asked, 1 answer" in printed.err
        # What is printed can be used as it is.
        Config.model_validate(json.loads(there.written()) | {"devices": [device]})
        assert PASSWORD not in printed.out + printed.err

    against(tmp_path, act)


def test_a_router_that_answers_over_ipv6(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not has_ipv6():
        pytest.skip("this machine has no IPv6")

    async def act(there: Router) -> None:
        listed = there.directory / "routers.txt"
        listed.write_text("0:0::1/128\n")
        words = there.words("--config", there.configuration(), "--timeout", "20")
        assert await discovered(str(listed), *words) == 0
        printed = capsys.readouterr()
        (device,) = yaml.safe_load(printed.out)["devices"]
        assert device["addresses"] == ["::1"]
        for way in ("ssh", "snmp", "gnmi", "restconf"):
            assert device[way]["host"] == "::1", printed.out
        Config.model_validate(json.loads(there.written()) | {"devices": [device]})

    against(tmp_path, act, host="::1")


def has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


def test_what_is_configured_is_not_printed_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def act(there: Router) -> None:
        config = there.configuration({"name": "mine", "addresses": ["127.0.0.1"]})
        assert await discovered("127.0.0.1", "--config", config, *there.words()) == 0
        assert capsys.readouterr().out == "# 1 are configured already\ndevices: []\n"

    against(tmp_path, act)


def test_refused_logins_and_certificates_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def act(there: Router) -> None:
        config = there.configuration(password="not the password")  # noqa: S106 - of the lab alone
        words = there.words("--config", config, "--json")
        assert await discovered("127.0.0.1", *words) == 0
        (found,) = json.loads(capsys.readouterr().out)["found"]
        answers = found["answers"]
        assert answers["gnmi"]["detail"] == "the port is open; unauthenticated"
        assert answers["restconf"]["detail"] == "the port is open; login refused"
        assert answers["snmp"] == {
            "works": True, "detail": there.cube.release, "credential": "first"
        }  # fmt: skip

        asked = len(there.gnmi.calls)
        strangers = [word for word in words if word not in {"--ca", str(tmp_path / "ca.pem")}]
        assert await discovered("127.0.0.1", *strangers) == 0
        (found,) = json.loads(capsys.readouterr().out)["found"]
        assert found["answers"]["gnmi"]["detail"] == "the port is open; certificate refused"
        assert found["answers"]["restconf"]["detail"] == "the port is open; certificate refused"
        assert len(there.gnmi.calls) == asked

    against(tmp_path, act)


def test_a_certificate_of_another_name_needs_that_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def act(there: Router) -> None:
        words = there.words("--config", there.configuration())
        assert await discovered("127.0.0.1", *words, "--json") == 0
        (found,) = json.loads(capsys.readouterr().out)["found"]
        for way in ("gnmi", "restconf"):
            assert found["answers"][way]["detail"] == "the port is open; certificate refused"
        assert there.gnmi.calls == []
        assert await discovered("127.0.0.1", *words, "--server-name", "cube.lab") == 0
        (device,) = yaml.safe_load(capsys.readouterr().out)["devices"]
        for way in ("gnmi", "restconf"):
            tls = {"ca": str(tmp_path / "ca.pem"), "server_name": "cube.lab"}
            assert device[way]["tls"] == tls
        Config.model_validate(json.loads(there.written()) | {"devices": [device]})

    against(tmp_path, act, loopback=False)


def test_routers_may_want_our_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def act(there: Router) -> None:
        words = there.words("--config", there.configuration())
        assert await discovered("127.0.0.1", *words, "--json") == 0
        (found,) = json.loads(capsys.readouterr().out)["found"]
        assert not found["answers"]["gnmi"]["works"]
        cert, key = str(tmp_path / "ours.pem"), str(tmp_path / "ours.key")
        assert await discovered("127.0.0.1", *words, "--cert", cert, "--key", key) == 0
        (device,) = yaml.safe_load(capsys.readouterr().out)["devices"]
        tls = {"ca": str(tmp_path / "ca.pem"), "cert": cert, "key": {"file": key}}
        assert device["gnmi"]["tls"] == tls
        Config.model_validate(json.loads(there.written()) | {"devices": [device]})

    against(tmp_path, act, wants_certificate=True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--ca", "absent.pem"], "absent.pem: cannot be read"),
        (["--cert", __file__], "both --cert and --key"),
        (["--server-name", "a b"], "'a b' is no host name"),
    ],
)
def test_wrong_files_are_said_before_anything_is_asked(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(["discover", "127.0.0.1", *words])
    except SystemExit as ended:
        code = int(str(ended.code))
    assert code == 2
    assert why in capsys.readouterr().err


def test_without_credentials_only_what_needs_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def act(there: Router) -> None:
        assert await discovered("127.0.0.1", *there.words("--json")) == 0
        (found,) = json.loads(capsys.readouterr().out)["found"]
        assert set(found["answers"]) == {"ssh", "gnmi", "restconf"}
        assert found["answers"]["gnmi"]["detail"] == "the port is open; no credential to try"
        assert found["router"] is False
        assert there.gnmi.calls == []

    against(tmp_path, act)


def test_nothing_answers(capsys: pytest.CaptureFixture[str]) -> None:
    words = [word for way in ("ssh", "gnmi", "restconf") for word in (f"--{way}-port", "1")]
    assert main(["discover", "127.0.0.2", "--timeout", "1", *words]) == 1
    assert capsys.readouterr().out == "devices: []\n"


# Addresses


def test_addresses_of_networks_names_and_files(tmp_path: Path) -> None:
    listed = tmp_path / "routers.txt"
    listed.write_text("# ours\n192.0.2.8/30  # London\n\ncube-1.example.net\n2001:db8::1\n")
    assert list(addresses_of(["192.0.2.1", str(listed)])) == [
        "192.0.2.1", "192.0.2.9", "192.0.2.10", "cube-1.example.net", "2001:db8::1",
    ]  # fmt: skip


def test_addresses_of_ipv6_networks() -> None:
    assert list(addresses_of(["2001:DB8:0::1", "2001:db8::/126", "fd00::2/127"])) == [
        "2001:db8::1",
        "2001:db8::1", "2001:db8::2", "2001:db8::3",
        "fd00::2", "fd00::3",
    ]  # fmt: skip
    assert len(list(addresses_of(["2001:db8::/112"]))) == MOST - 1
    with pytest.raises(ConfigError, match=f"more than {MOST:,}"):
        list(addresses_of(["2001:db8::/112", "2001:db8:1::/127"]))


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("10.0.0.0/8", "65,536 at a time"),
        ("2001:db8::/64", "65,536 at a time"),
        ("224.0.0.0/30", "no addresses of routers"),
        ("0.0.0.0/32", "no addresses of routers"),
        ("::/128", "no addresses of routers"),
        ("ff02::/120", "no addresses of routers"),
        ("fe80::1", "link-local addresses are not supported"),
        ("fe80::/120", "link-local addresses are not supported"),
        ("fe80::1%eth0", "link-local addresses are not supported"),
        ("no such file.txt", "is no address"),
        ("-oProxyCommand=x", "is no address"),
        ("a" * 5000, "is no address"),
    ],
)
def test_what_cannot_be_asked_is_refused(word: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        list(addresses_of([word]))


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_text("192.0.2.1\nnot an address\n")
    with pytest.raises(ConfigError, match=r"bad\.txt:2: 'not an address'"):
        list(addresses_of([str(bad)]))
    bad.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is no text"):
        list(addresses_of([str(bad)]))
    with pytest.raises(ConfigError, match=f"more than {MOST:,}"):
        list(addresses_of(["10.0.0.0/16", "10.1.0.0/24", "10.2.0.0/24"]))


def test_many_addresses_need_a_yes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes"))
    assert main(["discover", "10.0.0.0/21"]) == 2
    assert "2,046 addresses; --yes asks them all" in capsys.readouterr().err


# Side by side


def test_no_more_are_asked_at_once_than_allowed() -> None:
    waiting: list[str] = []
    most = 0

    async def probe(address: str) -> Found:
        nonlocal most
        waiting.append(address)
        most = max(most, len(waiting))
        await asyncio.sleep(0)
        waiting.remove(address)
        return Found(address=address)

    done: list[str] = []
    asking = discover(
        probe, map(str, range(100)), at_once=7, asked=lambda one: done.append(one.address)
    )
    asyncio.run(asking)
    assert most == 7
    assert sorted(done, key=int) == [str(n) for n in range(100)]


def test_a_credential_refused_three_times_is_kept_back() -> None:
    refusals = Refusals()
    for _ in range(3):
        assert refusals.may_show("noc")
        refusals.note("noc", taken=False)
    assert not refusals.may_show("noc")
    assert refusals.may_show("other")
    refusals.note("noc", taken=True)
    assert refusals.may_show("noc")
