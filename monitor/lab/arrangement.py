"""The configuration of a monitor that watches the virtual fleet, all on loopback."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Protocol

from monitor.collect.ssh.commands import POLLED, Show
from monitor.config import Config
from monitor.domain.instants import HOUR, MINUTE
from monitor.lab.cube import Cube
from monitor.lab.fleet import PURCHASED, Fleet


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the monitor of the demo listens and keeps its data."""

    directory: Path
    http_port: int
    syslog_port: int

    @property
    def url(self) -> str:
        """The API without a path."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def password_file(self) -> Path:
        """The password of the virtual CUBEs' command lines."""
        return self.directory / "ssh-password"

    @property
    def known_hosts(self) -> Path:
        """The host keys of the virtual CUBEs."""
        return self.directory / "known_hosts"


USER = "monitor"


class Lab(Protocol):
    """Another way in which some of the fleet is heard."""

    def collectors(self) -> list[dict[str, object]]:
        """What is said of it under `collect`."""
        ...

    def device(self, cube: Cube) -> dict[str, object]:
        """What is said of it under a device; nothing where it is not heard so."""
        ...


def configuration(fleet: Fleet, place: Place, ssh_ports: Mapping[str, int], *labs: Lab) -> Config:
    """What an operator of this fleet would write.

    One number differs from the defaults: licences below 0 are reported at once, not after an hour.
    The routers' own statistics are not polled: their minutes of now would begin the periods before
    the history of thirty days is in.
    """
    password = {"file": str(place.password_file)}
    return Config.model_validate(
        {
            "collect": [
                {"kind": "syslog_udp", "port": place.syslog_port},
                {"kind": "syslog_tcp", "port": place.syslog_port},
                {
                    "kind": "ssh",
                    "credentials": {"lab": {"user": USER, "password": password}},
                    "known_hosts": str(place.known_hosts),
                    "commands": [one for one in POLLED if one is not Show.VOICE_LICENSE_STATS],
                    "spread": 2.0,
                    "interval": 300.0,
                    "near_interval": 60.0,
                },
                *(one for lab in labs for one in lab.collectors()),
            ],
            "store": {"directory": str(place.directory / "data")},
            "http": {"port": place.http_port},
            "limits": {"balance_raise_seconds": 0},
            "relays": ["127.0.0.1"],
            "learn_at_most": 0,
            "devices": [
                reduce(or_, (lab.device(cube) for lab in labs), _device(cube, ssh_ports))
                for cube in fleet.cubes
            ],
            "pairs": [{"name": pair.name, "members": list(pair.members)} for pair in fleet.pairs],
            "accounts": [
                {"name": name, "purchased": dict(tags)} for name, tags in PURCHASED.items()
            ],
        }
    )


def _device(cube: Cube, ssh_ports: Mapping[str, int]) -> dict[str, object]:
    return {
        "name": cube.name,
        "addresses": [cube.address],
        "virtual_account": cube.account.virtual,
        "timezones": {} if cube.zone.word == "UTC" else {cube.zone.word: _offset(cube)},
        "ssh": {"host": "127.0.0.1", "port": ssh_ports[cube.name], "credential": "lab"},
    }


def _offset(cube: Cube) -> str:
    hours, rest = divmod(abs(cube.zone.offset), HOUR)
    return f"{'-' if cube.zone.offset < 0 else '+'}{hours:02d}:{rest // MINUTE:02d}"
