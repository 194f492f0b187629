"""Devices that look renamed: one went, one came with a name or an address of it."""

from typing import Any

import pytest

from monitor.config import Config
from monitor.config.renaming import names_of, renamed

ADDRESS: dict[str, Any] = {"addresses": ["192.0.2.1"]}
UDI: dict[str, Any] = {"aliases": ["PID:C8300-1N1S-4T2X,SN:FDO1"]}
SNMP: dict[str, Any] = {"snmp": {"host": "192.0.2.7", "credential": "noc"}}


def config(**devices: dict[str, Any]) -> Config:
    named = [{"name": name} | said for name, said in devices.items()]
    collect = [{"kind": "snmp", "credentials": {"noc": {"community": {"env": "NOC"}}}}]
    return Config.model_validate({"collect": collect, "devices": named})


@pytest.mark.parametrize(("before", "after", "shared"), [
    (ADDRESS, {"addresses": ["192.0.2.9", "192.0.2.1"]}, "192.0.2.1"),
    (UDI, {"aliases": ["pid:c8300-1n1s-4t2x,sn:fdo1"]}, "pid:c8300-1n1s-4t2x,sn:fdo1"),
    ({}, {"aliases": ["Berlin"]}, "berlin"),
    ({"aliases": ["oslo"]}, {}, "oslo"),
    (SNMP, SNMP, "192.0.2.7:161 (snmp)"),
])  # fmt: skip
def test_what_both_have_is_named(
    before: dict[str, Any], after: dict[str, Any], shared: str
) -> None:
    (found,) = renamed(
        names_of(config(berlin=before)), names_of(config(oslo=after)), {"berlin"}.__contains__
    )
    assert (found.before, found.after, found.shared) == ("berlin", "oslo", shared)
    assert "`cubemon device rename berlin oslo`" in str(found)


def test_what_only_came_only_went_or_stayed_is_no_other_name() -> None:
    both = names_of(config(berlin=ADDRESS, oslo=SNMP))
    one = names_of(config(berlin=ADDRESS))
    other = names_of(config(rome={"addresses": ["192.0.2.5"]}))
    stayed = names_of(config(berlin=SNMP, oslo=ADDRESS))
    for before, after in ((both, one), (one, both), (one, other), (both, stayed), ({}, both)):
        assert list(renamed(before, after, {"berlin", "oslo"}.__contains__)) == []


def test_who_leaves_no_history_or_has_one_loses_nothing() -> None:
    before, after = names_of(config(berlin=ADDRESS)), names_of(config(oslo=ADDRESS))
    for known in (set[str](), {"oslo"}, {"berlin", "oslo"}):
        assert list(renamed(before, after, known.__contains__)) == []
