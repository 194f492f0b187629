"""Where devices may be said to be: one rule for every way of asking."""

import pytest
from pydantic import BaseModel, ValidationError

from monitor.collect.gnmi import GnmiTarget
from monitor.collect.host import is_link_local
from monitor.collect.restconf import RestconfTarget
from monitor.collect.snmp import SnmpTarget
from monitor.collect.ssh import SshTarget

TARGETS = [GnmiTarget, RestconfTarget, SnmpTarget, SshTarget]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "::1", "cube_1.example.net"])
def test_names_and_addresses_are_taken(target: type[BaseModel], host: str) -> None:
    assert target.model_validate({"host": host}).model_dump()["host"] == host


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("host", ["fe80::1", "FE80::1", "fe80::1%eth0", "febf::2%1"])
def test_link_local_addresses_are_refused_with_the_reason(
    target: type[BaseModel], host: str
) -> None:
    with pytest.raises(ValidationError, match="link-local addresses are not supported"):
        target.model_validate({"host": host})


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("host", ["", "[::1]", "a b", "a/b", "x" * 254, "2001:db8::1%eth0", "a\n"])
def test_other_words_are_refused(target: type[BaseModel], host: str) -> None:
    with pytest.raises(ValidationError, match="neither a host name nor an address"):
        target.model_validate({"host": host})


def test_the_other_addresses_are_not_link_local() -> None:
    assert not any(map(is_link_local, ["169.254.1.1", "fd00::1", "cube-1"]))
