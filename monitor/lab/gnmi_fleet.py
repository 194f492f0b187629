"""The virtual fleet behind gNMI, and behind RESTCONF where a platform offers no gNMI."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitor.domain.release import rank
from monitor.lab.cube import Cube
from monitor.lab.fleet import Fleet
from monitor.lab.gnmi_certificates import Authority, Identity
from monitor.lab.gnmi_server import Behaviour, GnmiServer
from monitor.lab.gnmi_tree import YangCube
from monitor.lab.restconf import RestconfServer

_USER: Final = "monitor"
_CREDENTIAL: Final = "yang"
_WITHOUT_GNMI: Final = ("ISR", "C8300")
_FIRST_VIRTUAL_WITH_CALLS: Final = (17, 15, 1, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class YangLab:
    """The running servers, and how a monitor reaches them."""

    directory: Path
    gnmi: Mapping[str, GnmiServer]
    """Name of the CUBE -> its server."""
    restconf: Mapping[str, RestconfServer]

    def collectors(self) -> list[dict[str, object]]:
        """Entries of `collect` in the configuration of a monitor."""
        password = {"file": str(self.directory / "yang-password")}
        credentials = {_CREDENTIAL: {"user": _USER, "password": password}}
        return [
            {"kind": kind, "spread": 2.0, "credentials": credentials}
            for kind in ("gnmi", "restconf")
        ]

    def device(self, cube: Cube) -> dict[str, object]:
        """What the entry of a device says about reaching it; nothing for a silent one."""
        for kind, servers in (("gnmi", self.gnmi), ("restconf", self.restconf)):
            server = servers.get(cube.name)
            if server is not None:
                return {kind: self._target(server.port)}
        return {}

    def _target(self, port: int) -> dict[str, object]:
        return {
            "host": "127.0.0.1",
            "port": port,
            "credential": _CREDENTIAL,
            "tls": {"ca": str(self.directory / "yang-ca.pem")},
        }


@asynccontextmanager
async def yang_lab(
    fleet: Fleet, directory: Path, password: str, clock: Callable[[], float] = time.time
) -> AsyncIterator[YangLab]:
    """Every CUBE that speaks, served on loopback until the context is left.

    Writes certificates, keys and the password to `directory`.
    """
    authority = Authority()
    (directory / "yang-ca.pem").write_bytes(authority.certificate)
    secret = directory / "yang-password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    identity = authority.issue("cube.lab")
    async with AsyncExitStack() as stack:
        gnmi: dict[str, GnmiServer] = {}
        restconf: dict[str, RestconfServer] = {}
        for cube in fleet.cubes:
            if not cube.speaks(fleet.now):
                continue
            shown = _shown(cube, clock)
            if cube.platform.startswith(_WITHOUT_GNMI):
                restconf[cube.name] = await _restconf(stack, shown, password, (identity, directory))
            else:
                server = GnmiServer(shown, Behaviour(user=_USER, password=password))
                gnmi[cube.name] = await stack.enter_async_context(server.serving(identity))
        yield YangLab(directory=directory, gnmi=gnmi, restconf=restconf)


async def _restconf(
    stack: AsyncExitStack, shown: YangCube, password: str, certificate: tuple[Identity, Path]
) -> RestconfServer:
    server = RestconfServer(cube=shown, user=_USER, password=password)
    return await stack.enter_async_context(server.serving(*certificate))


def _shown(cube: Cube, clock: Callable[[], float]) -> YangCube:
    """A CUBE without a second processor; whether it models calls hangs on its platform."""
    hardware = cube.platform.startswith(_WITHOUT_GNMI)
    running = rank(cube.release) or (0, 0, 0, "")
    return YangCube(
        cube=cube,
        clock=clock,
        voice=hardware or running >= _FIRST_VIRTUAL_WITH_CALLS,
        peer_state="db-rf-disabled",
    )
