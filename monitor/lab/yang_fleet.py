"""gNMI and RESTCONF servers of some of the virtual fleet, and how a monitor hears them."""

import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitor.lab.cube import Cube
from monitor.lab.fleet import Fleet
from monitor.lab.gnmi_certificates import Authority
from monitor.lab.gnmi_server import Behaviour, GnmiServer
from monitor.lab.gnmi_tree import YangCube
from monitor.lab.restconf import RestconfServer

_GNMI: Final = frozenset({"cube-lon-1", "cube-par-1"})
_RESTCONF: Final = frozenset({"cube-ber-1", "cube-del-1"})
"""Of platforms on which RESTCONF is the surer way."""
_USER: Final = "monitor"
_INTERVAL: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class YangLab:
    """Where the servers listen, and what a monitor needs to trust them and to log in."""

    gnmi: Mapping[str, int]
    """Device -> port."""
    restconf: Mapping[str, int]
    authority: Path
    password_file: Path

    def collectors(self) -> list[dict[str, object]]:
        """The two collectors of an operator of this fleet."""
        login = {"user": _USER, "password": {"file": str(self.password_file)}}
        common = {"credentials": {"lab": login}, "spread": 2.0, "interval": _INTERVAL}
        return [{"kind": "gnmi", **common}, {"kind": "restconf", **common}]

    def device(self, cube: Cube) -> dict[str, object]:
        """What is said of a device; nothing of most."""
        ways = (("gnmi", self.gnmi), ("restconf", self.restconf))
        return {
            way: {
                "host": "127.0.0.1",
                "port": ports[cube.name],
                "credential": "lab",
                "tls": {"ca": str(self.authority)},
            }
            for way, ports in ways
            if cube.name in ports
        }


@contextlib.asynccontextmanager
async def yang_lab(
    fleet: Fleet, directory: Path, password: str, password_file: Path
) -> AsyncIterator[YangLab]:
    """Servers over TLS; certificates go into the directory.

    `password_file` is where the monitor will find the password.
    """
    authority = Authority()
    file = directory / "yang-authority.pem"
    file.write_bytes(authority.certificate)
    identity = authority.issue("cube.lab")
    # Calls of now would begin the periods before the history is in; SNMP brings them after it.
    trees = {
        cube.name: YangCube(
            cube=cube,
            clock=time.time,
            voice=False,
            peer_state="db-rf-disabled",
            role="rg-role-none",
        )
        for cube in fleet.cubes
    }
    gnmi = {name: GnmiServer(trees[name], Behaviour(password=password)) for name in sorted(_GNMI)}
    restconf = {
        name: RestconfServer(cube=trees[name], password=password) for name in sorted(_RESTCONF)
    }
    async with AsyncExitStack() as stack:
        for streaming in gnmi.values():
            await stack.enter_async_context(streaming.serving(identity))
        for polled in restconf.values():
            await stack.enter_async_context(polled.serving(identity, directory))
        yield YangLab(
            gnmi={name: server.port for name, server in gnmi.items()},
            restconf={name: server.port for name, server in restconf.items()},
            authority=file,
            password_file=password_file,
        )
