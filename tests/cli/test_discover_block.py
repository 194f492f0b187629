"""What `cubemon discover` writes: one block of devices, whatever was found."""

from typing import Any

import yaml

from monitor.app.discovery import Answer, Found, Ports
from monitor.cli.discover import block
from monitor.config.model import Config


def told(address: str, name: str | None = None, udi: str | None = None) -> Found:
    answer = Answer(works=True, detail="17.9.4a", credential="noc")
    return Found(address=address, name=name, udi=udi, release="17.9.4a", answers={"snmp": answer})


def devices(*found: Found) -> list[dict[str, Any]]:
    text = "\n".join(block(found, Config(collect=()), Ports()))
    listed: list[dict[str, Any]] = yaml.safe_load(text)["devices"]
    return listed


def test_two_addresses_of_one_router_are_one_device() -> None:
    (one,) = devices(told("192.0.2.1", "r1", "PID:A,SN:1"), told("192.0.2.2", "r1", "PID:A,SN:1"))
    assert one["addresses"] == ["192.0.2.1", "192.0.2.2"]
    assert one["snmp"] == {"host": "192.0.2.1", "credential": "noc"}


def test_routers_of_one_name_are_kept_apart() -> None:
    found = devices(told("192.0.2.1", "Router"), told("192.0.2.2", "router"), told("192.0.2.3"))
    assert [one["name"] for one in found] == ["Router", "router-192.0.2.2", "192.0.2.3"]


def test_what_devices_say_stays_text() -> None:
    (one,) = devices(told("192.0.2.1", 'x", y: {\n- z\x1b[2J: #'))
    assert one["name"] == 'x", y: { - z [2J: #'


def test_others_that_answer_are_counted() -> None:
    other = Found(
        address="192.0.2.9", answers={"ssh": Answer(works=True, detail="SSH-2.0-OpenSSH")}
    )
    cisco = Found(
        address="192.0.2.8", answers={"ssh": Answer(works=True, detail="SSH-2.0-Cisco-1.25")}
    )
    lines = list(block([other, cisco], Config(collect=()), Ports()))
    assert lines == [
        "# 1 more answer, and none of them like a router",
        "devices:",
        '  - name: "192.0.2.8"',
        "    # ssh: SSH-2.0-Cisco-1.25",
    ]
