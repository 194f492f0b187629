"""Another configuration taken into use while the monitor runs."""

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from monitor.app import Service, run
from monitor.cli import main
from monitor.config import load
from monitor.errors import ConfigError
from tests.app.house import EVENTS, JUDGED, LINE, House, Running, running, until

NOWHERE = {"file": "/no"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_devices_come_go_and_change(house: House) -> None:
    async def scene() -> None:
        async with running(house) as monitor:
            await monitor.shows(["berlin"])
            house.write(
                devices=[{"name": "oslo"}, {"name": "berlin", "release": "17.9.1"}],
                pairs=[{"name": "north", "members": ["oslo", "berlin"]}],
                accounts=[{"name": "eu", "purchased": {"CUBE_T_STD": 5}}],
            )
            assert await monitor.changed() == ["devices", "accounts", "pairs"]
            await monitor.shows(["berlin", "oslo"])
            berlin = (await monitor.client.get("/api/v1/devices/berlin")).json()
            assert berlin["release"] == "17.9.1"
            pairs = (await monitor.client.get("/api/v1/pairs")).json()["pairs"]
            assert [one["name"] for one in pairs] == ["north"]
            assert "eu" in (await monitor.client.get("/api/v1/accounts")).text
            house.write(devices=[{"name": "oslo"}], pairs=[], accounts=[])
            await monitor.changed()
            await monitor.shows(["oslo"])
            assert (await monitor.client.get("/api/v1/devices/berlin")).status_code == 404
            assert await monitor.changed() == []

    asyncio.run(scene())


async def heard(monitor: Running) -> None:
    """Something is known of berlin."""
    text = "berlin#show version\nCisco IOS XE Software, Version 17.09.04a\n"
    shown = await monitor.client.post("/api/v1/show?device=berlin", content=text)
    assert shown.status_code == 200, shown.text


def test_a_device_renamed_in_the_file_is_told_with_what_to_type(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    hint = "`cubemon device rename berlin oslo`"

    async def reloaded() -> None:
        async with running(house) as monitor:
            # Of which nothing is known, nothing can be lost.
            house.write(devices=[{"name": "rome", "addresses": ["192.0.2.1"]}])
            assert (await monitor.reload()).json()["warnings"] == []
            house.write(devices=[{"name": "berlin", "addresses": ["192.0.2.1"]}])
            assert (await monitor.reload()).json()["warnings"] == []
            await heard(monitor)
            house.write(devices=[{"name": "oslo", "addresses": ["192.0.2.1"]}])
            assert main(["check", str(house.file)]) == 0
            assert hint in capsys.readouterr().err
            (told,) = (await monitor.reload()).json()["warnings"]
            assert hint in told
            assert (await monitor.reload()).json() == {"changed": [], "warnings": []}
            assert main(["check", str(house.file)]) == 0
            assert capsys.readouterr().err == ""

            async def kept() -> bool:
                return hint in (await monitor.client.get("/api/v1/events?device=oslo")).text

            await until(kept)
            # Whoever does as told is not warned of it.
            house.write(devices=[{"name": "berlin", "addresses": ["192.0.2.1"]}])
            assert main(["check", str(house.file)]) == 0
            assert capsys.readouterr().err == ""
            assert (await monitor.reload()).json()["warnings"] == []

    asyncio.run(reloaded())


def test_a_device_renamed_between_two_starts_is_told(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async def run_once() -> None:
        async with running(house):
            pass

    async def first() -> None:
        async with running(house) as monitor:
            await heard(monitor)

    asyncio.run(first())
    house.write(devices=[{"name": "oslo", "addresses": ["192.0.2.1"]}])
    asyncio.run(run_once())
    assert "oslo begins anew" in caplog.text
    caplog.clear()
    (house.directory / "data" / "declared.json").write_text("{")
    house.write(devices=[{"name": "rome", "addresses": ["192.0.2.1"]}])
    asyncio.run(run_once())
    assert "begins anew" not in caplog.text
    assert "declared.json: " in caplog.text


def test_what_stays_the_same_keeps_its_sockets(house: House) -> None:
    async def scene() -> None:
        async with running(house) as monitor:
            sources = {one.name: one for one in monitor.service._sources._running}
            reader, writer = await asyncio.open_connection("127.0.0.1", house.tcp)
            collect = [*reversed(house.data["collect"]), {"kind": "syslog_udp", "port": 0}]
            house.write(collect=collect, relays=["192.0.2.77"])
            assert await monitor.changed() == ["collect", "relays"]
            now = {one.name: one for one in monitor.service._sources._running}
            assert now.keys() == {"syslog_udp", "syslog_tcp", "syslog_udp_2"}
            assert all(now[name] is sources[name] for name in sources)
            assert not any(one.task.done() for one in now.values())
            assert await monitor.metric('cube_monitor_collector_up{collector="syslog_udp_2"}') == 1
            house.write(collect=house.data["collect"][:1])
            await monitor.changed()
            (left,) = monitor.service._sources._running
            assert left is sources["syslog_tcp"]
            writer.write(LINE.format(number=1).encode() + b"\n")
            await writer.drain()
            await monitor.reaches(EVENTS, 1)
            writer.close()
            assert reader is not None

    asyncio.run(scene())


def test_a_relay_that_is_trusted_no_more_is_forgotten(house: House) -> None:
    line = "<190>Jan  5 00:00:00 192.0.2.1 1: berlin: Nov 22 2026 10:00:00.000 UTC: "
    told = "%SMART_LIC-5-COMM_RESTORED: Communications with Cisco licensing cloud restored"
    relay = 'cube_device_relay{device="berlin",relay="127.0.0.1"}'

    async def scene() -> None:
        house.write(relays=["127.0.0.1"])
        async with running(house) as monitor:
            _, writer = await asyncio.open_connection("127.0.0.1", house.tcp)
            writer.write(f"{line}{told}\n".encode())
            await writer.drain()
            await monitor.reaches(relay, 1)
            house.write(relays=[])
            assert await monitor.changed() == ["relays"]

            async def forgotten() -> bool:
                return await monitor.metric(relay) == 0

            await until(forgotten)
            writer.close()

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"devicez": []}, "devicez: is not a key here"),
        ({"devices": [{"name": "a"}, {"name": "a"}]}, "two devices are called"),
        ({"inventory": [{"csv": "/nowhere.csv"}]}, "/nowhere.csv: cannot be read"),
        ({"store": {"directory": "/elsewhere"}}, "store.directory: cannot change"),
        ({"http": {"port": 1}}, "http.port: cannot change"),
        ({"usage": {"lateness_seconds": 5}}, "usage.lateness_seconds: cannot change"),
        (
            {
                "http": {
                    "port": 0,
                    "tokens": [{"name": "a", "role": "read", "token": {"file": "/no"}}],
                }
            },
            "/no cannot be read",
        ),
        (
            {"http": {"port": 0, "tls": {"cert": "/no.crt", "key": "/no.key"}}},
            "/no.crt cannot be read",
        ),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(
    house: House, changed: dict[str, Any], said: str
) -> None:
    async def scene() -> None:
        async with running(house) as monitor:
            before = list(monitor.service._sources._running)
            house.write(**(changed | {"learn_at_most": 99}))
            answered = await monitor.reload()
            assert answered.status_code == 422
            assert answered.headers["content-type"] == "application/problem+json"
            body = answered.json()
            assert said in body["detail"]
            assert any(said in line for line in body["errors"])
            assert await monitor.metric("cube_monitor_config_last_reload_successful") == 0
            assert monitor.service._sources._running == before
            assert monitor.service._parts.config.learn_at_most == 5
            assert await monitor.devices() == ["berlin"]

    asyncio.run(scene())


def test_a_restart_that_is_needed_is_seen_until_it_is_not(house: House) -> None:
    needed = "cube_monitor_config_restart_needed"

    async def scene() -> None:
        async with running(house) as monitor:
            assert await monitor.metric(needed) == 0
            # What else is wrong is said first: nobody restarts into a file that cannot be used.
            house.write(notify={}, http={"port": 0, "tls": {"cert": "/no.crt", "key": "/no.key"}})
            assert "/no.crt cannot be read" in (await monitor.reload()).json()["detail"]
            assert await monitor.metric(needed) == 0
            house.write(http={"port": 0})
            told = (await monitor.reload()).json()["errors"]
            words = "restart the monitor to take all of it into use, or set it back and reload"
            assert told == [
                f"notify: cannot change while the monitor runs; the file is good: {words}"
            ]
            assert await monitor.metric(needed) == 1

            async def shown() -> bool:
                page = (await monitor.client.get("/")).text
                return "the configuration file is not in use: notify: cannot change" in page

            await until(shown)
            assert (await monitor.client.get("/-/ready")).text == "ready, with faults: 1\n"
            house.file.write_text("nothing: 1\nmore: 2\n")
            assert (await monitor.reload()).status_code == 422
            assert monitor.service.pipeline.config_fault.endswith(
                " (and 1 more; `cubemon check` says all)"
            )
            assert await monitor.metric(needed) == 0
            house.write(notify=None)
            assert await monitor.changed() == []
            assert monitor.service.pipeline.config_fault == ""

    asyncio.run(scene())


def test_good_after_bad_is_told_as_good(house: House) -> None:
    async def scene() -> None:
        async with running(house) as monitor:
            since = await monitor.metric("cube_monitor_config_last_reload_success_timestamp")
            good = house.file.read_text()
            house.file.write_text("collect: [")
            assert (await monitor.reload()).status_code == 422
            assert (
                await monitor.metric("cube_monitor_config_last_reload_success_timestamp") == since
            )
            house.file.write_text(good)
            assert await monitor.changed() == []
            assert await monitor.metric("cube_monitor_config_last_reload_successful") == 1
            assert await monitor.metric("cube_monitor_config_last_reload_success_timestamp") > since

    asyncio.run(scene())


def test_limits_are_judged_by_at_once(house: House) -> None:
    async def scene() -> None:
        async with running(house) as monitor:
            await monitor.shows(["berlin"])
            judged = await monitor.metric(JUDGED)
            house.write(limits={"clock_skew_seconds": 301})
            assert await monitor.changed() == ["limits"]
            await monitor.reaches(JUDGED, judged + 1)

    asyncio.run(scene())


def test_tokens_are_exchanged(house: House, tmp_path: Path) -> None:
    async def scene() -> None:
        for name in ("old", "new"):
            (tmp_path / name).write_text(f"a-token-of-the-{name}-kind-0001")
        tokens = [
            {"name": name, "role": "operate", "token": {"file": str(tmp_path / name)}}
            for name in ("old", "new")
        ]
        house.write(http={"port": 0, "tokens": tokens[:1]})
        async with running(house, "a-token-of-the-old-kind-0001") as monitor:
            house.write(http={"port": 0, "tokens": tokens})
            assert await monitor.changed() == ["http.tokens"]
            newer = {"authorization": "Bearer a-token-of-the-new-kind-0001"}
            assert (await monitor.client.get("/metrics")).status_code == 200
            assert (await monitor.client.get("/metrics", headers=newer)).status_code == 200
            house.write(http={"port": 0, "tokens": tokens[1:]})
            await monitor.changed()
            assert (await monitor.client.get("/metrics")).status_code == 401
            assert (await monitor.client.get("/metrics", headers=newer)).status_code == 200
            # What a file holds is read again though the configuration is the same.
            (tmp_path / "new").write_text("a-token-that-came-after-it-0001")
            await monitor.client.post("/-/reload", headers=newer)
            assert (await monitor.client.get("/metrics", headers=newer)).status_code == 401

    asyncio.run(scene())


def test_without_a_file_there_is_nothing_to_reload(house: House) -> None:
    async def scene() -> None:
        service = Service(load(house.file))
        with pytest.raises(ConfigError, match="no configuration file"):
            await service.reload()
        service._parts.rooms.writer.close()
        service._parts.store.close()

    asyncio.run(scene())


def test_a_hang_up_reloads(
    house: House,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level("INFO")
    heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    heard.bind(str(tmp_path / "n"))
    heard.setblocking(False)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "n"))

    async def scene() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(
            run(load(house.file), stop=stop, source=lambda: load(house.file))
        )

        async def logged(words: str) -> None:
            async def told() -> bool:
                return words in caplog.text

            await until(told)

        async def manager_hears(*words: str) -> None:
            loop = asyncio.get_running_loop()
            for word in words:
                said = await asyncio.wait_for(loop.sock_recv(heard, 1_000), 20)
                assert said.decode().startswith(word)

        await manager_hears("READY=1")
        house.write(learn_at_most=7)
        os.kill(os.getpid(), signal.SIGHUP)
        await logged("configuration reloaded; changed: learn_at_most")
        house.file.write_text("nonsense: 1")
        os.kill(os.getpid(), signal.SIGHUP)
        await logged("nonsense: is not a key here")
        stop.set()
        await task
        reloading = ("RELOADING=1\nMONOTONIC_USEC=", "READY=1")
        await manager_hears(*reloading, *reloading, "STOPPING=1")
        heard.close()

    asyncio.run(scene())


def test_pollers_learn_of_devices_that_come_and_go(house: House, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("community-of-this-test")
    snmp = {
        "kind": "snmp", "spread": 0, "timeout": 0.1, "retries": 0, "retry_first": 0.1,
        "retry_longest": 0.1,
        "credentials": {"default": {"community": {"file": str(tmp_path / "secret")}}},
    }  # fmt: skip
    way = {"host": "127.0.0.1", "port": 9}
    polled = 'cube_monitor_polls_total{manner="snmp"'

    async def scene() -> None:
        async with running(house) as monitor:
            house.write(collect=[*house.data["collect"], snmp])
            await monitor.changed()
            assert await monitor.metric(polled) == 0
            house.write(devices=[{"name": "berlin", "snmp": way}])
            assert await monitor.changed() == ["devices"]
            await monitor.reaches(polled, 2)
            house.write(devices=[{"name": "berlin"}])
            await monitor.changed()
            (poller,) = (
                one.collector for one in monitor.service._sources._running if one.name == "snmp"
            )
            assert getattr(poller, "_targets") == {}  # noqa: B009 - of a type not told here
            assert getattr(poller, "_roster")._tasks == {}  # noqa: B009 - of a type not told here
            house.write(devices=[{"name": "oslo", "snmp": {**way, "credential": "nowhere"}}])
            answered = await monitor.reload()
            assert answered.status_code == 422
            assert "nowhere" in answered.json()["detail"]

    asyncio.run(scene())
