"""Devices from CSV and NetBox files: what is read, and how errors are told."""

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.config import load
from monitor.errors import ConfigError

CSV = """\
Host Name;IP Address;Virtual Account;Software-Version;SSH credential;Rack
cube-1;192.0.2.1/24;EMEA North;17.9.4a;noc;R1

cube-2;192.0.2.2 | 2001:db8::2;;;;R2
"""
NETBOX: dict[str, Any] = {
    "count": 3,
    "next": None,
    "results": [
        {
            "name": "cube-1",
            "status": {"value": "active", "label": "Active"},
            "primary_ip4": {"address": "192.0.2.1/24"},
            "custom_fields": {"virtual_account": "EMEA", "ssh_port": 2222, "unused": None},
        },
        {"name": "cube-2", "primary_ip": None, "custom_fields": {"release": "17.3.2"}},
        {"name": "cube-3", "status": {"value": "decommissioning"}},
    ],
}


def config(tmp_path: Path, kind: str, text: str, *, more: str = "", **settings: str) -> Path:
    (tmp_path / "list").write_text(text)
    entry = json.dumps({kind: str(tmp_path / "list"), **settings})
    (tmp_path / "cubemon.yml").write_text(
        f"""\
collect:
  - kind: ssh
    credentials: {{noc: {{user: u, password: {{env: A}}}}}}
inventory: [{entry}]
{more}
"""
    )
    return tmp_path / "cubemon.yml"


def test_columns_of_a_csv_file_are_found_by_their_names(tmp_path: Path) -> None:
    first, second = load(config(tmp_path, "csv", CSV)).devices
    assert (first.name, first.addresses) == ("cube-1", ("192.0.2.1",))
    assert (first.virtual_account, first.release) == ("EMEA North", "17.9.4a")
    assert first.ssh is not None
    assert (first.ssh.host, first.ssh.port, first.ssh.credential) == ("192.0.2.1", 22, "noc")
    assert (second.addresses, second.ssh) == (("192.0.2.2", "2001:db8::2"), None)


def test_devices_of_netbox(tmp_path: Path) -> None:
    path = config(tmp_path, "netbox", json.dumps(NETBOX, indent=1), credential="noc")
    first, second = load(path).devices
    assert first.ssh is not None
    assert (first.ssh.host, first.ssh.port) == ("192.0.2.1", 2222)
    assert first.virtual_account == "EMEA"
    assert (second.name, second.release, second.ssh) == ("cube-2", "17.3.2", None)
    bare = config(tmp_path, "netbox", json.dumps(NETBOX["results"]))
    assert [one.name for one in load(bare).devices] == ["cube-1", "cube-2"]


def test_they_join_the_devices_of_the_file(tmp_path: Path) -> None:
    path = config(tmp_path, "csv", CSV, more="devices: [{name: cube-9}]")
    assert [one.name for one in load(path).devices] == ["cube-9", "cube-1", "cube-2"]


@pytest.mark.parametrize(
    ("kind", "text", "more", "said"),
    [
        ("csv", CSV, "devices: [{name: CUBE-1}]", "list:2: 'cube-1' is also in `devices` of"),
        ("csv", CSV + "cube-2;;;;;\n", "", "list:5: 'cube-2' is also in {tmp}/list:4"),
        ("csv", "rack,row\n1,2\n", "", "list:1: no column `name` (there are: rack, row)"),
        ("csv", "name,ip\n,192.0.2.1\n", "", "list:2: no name"),
        ("csv", "name,ip,credential,port\na,192.0.2.1,noc,x\n", "", "list:2: 'x' is no port"),
        ("csv", "name,ip,credential\na,192.0.2.1,other\n", "", "no SSH credential named 'other'"),
        ("csv", "name\n" + "a\n" * 20_001, "", "list:"),
        ("netbox", "{", "", "list:1: no JSON"),
        ("netbox", "[" * 100_000, "", "list:1: "),
        ("netbox", "{}", "", "list:1: neither a list of devices nor"),
        ("netbox", '{"next": "http://x", "results": []}', "", "holds one page only"),
        ("netbox", '[\n{"name": "a"},\n{"name": "A"}]', "", "list:3: 'A' is also in {tmp}/list:2"),
        ("netbox", "[\n1]", "", "list:2: a device is an object"),
    ],
)
def test_errors_name_file_and_line(
    tmp_path: Path, kind: str, text: str, more: str, said: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        load(config(tmp_path, kind, text, more=more))
    assert said.format(tmp=tmp_path) in str(refused.value)


@pytest.mark.parametrize("entry", ["{}", "{csv: a, netbox: b}", "{xml: a}", "{csv: /none/there}"])
def test_an_entry_names_one_file(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "cubemon.yml"
    path.write_text(f"inventory:\n  - {entry}\n")
    with pytest.raises(ConfigError, match=r"cubemon.yml:2|cannot be read"):
        load(path)


@pytest.mark.parametrize("payload", [b"\xff\xfe\x00", b"x" * (16 * 2**20 + 1)])
def test_what_is_no_text_or_too_large_is_refused(tmp_path: Path, payload: bytes) -> None:
    path = config(tmp_path, "csv", "")
    (tmp_path / "list").write_bytes(payload)
    with pytest.raises(ConfigError, match=f"{tmp_path}/list: "):
        load(path)
