"""What a virtual CUBE shows of itself in YANG trees."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from monitor.domain.instants import DAY, HOUR
from monitor.domain.release import Stopping, rank, stopping
from monitor.lab.calls import seconds_of_hour
from monitor.lab.cube import Cube

Node = bool | int | str | list["Node"] | dict[str, "Node"]

MODULES: Final[Mapping[str, str]] = {
    "licensing": "cisco-smart-license",
    "voice-oper-data": "Cisco-IOS-XE-voice-oper",
    "ha-oper-data": "Cisco-IOS-XE-ha-oper",
    "rg-oper-data": "Cisco-IOS-XE-rg-oper",
    "device-hardware-data": "Cisco-IOS-XE-device-hardware-oper",
    "mdt-capabilities-oper-data": "Cisco-IOS-XE-mdt-capabilities-oper",
}
"""Root of a tree -> its module."""
YANG_PREFIXES: Final[Mapping[str, str]] = {
    "licensing": "cisco-smart-license",
    "voice-oper-data": "voice-ios-xe-oper",
    "ha-oper-data": "ha-ios-xe-oper",
    "rg-oper-data": "rg-ios-xe-oper",
    "device-hardware-data": "device-hardware-xe-oper",
    "mdt-capabilities-oper-data": "mdt-capabilities-oper",
}
"""Root of a tree -> the YANG prefix of its module."""
_REVISIONS: Final[Mapping[str, str]] = {
    "voice-oper-data": "2021-03-01",
    "ha-oper-data": "2022-07-01",
    "rg-oper-data": "2024-07-01",
    "device-hardware-data": "2022-11-01",
    "mdt-capabilities-oper-data": "2021-03-01",
}
_LIST_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "usage": ("entitlement-tag",),
    "trust-code": ("key_udi",),
    "red-app-group": ("rg-id",),
    "device-inventory": ("hw-type", "hw-dev-index"),
}
_FIRST_WITH_ACK: Final = (17, 5, 1, "")
_FIRST_WITH_TRUST: Final = (17, 4, 1, "")
_FIRST_WITH_GROUPS: Final = (17, 15, 1, "")


@dataclass(slots=True, kw_only=True)
class YangCube:
    """A virtual CUBE behind a YANG server. Its fields may be changed while it serves."""

    cube: Cube
    clock: Callable[[], float]
    voice: bool = True
    """Whether it models calls: not on every platform."""
    ha_state: str = "db-rf-active"
    peer_state: str = "db-rf-standby-hot"
    switched_over: float | None = None
    role: str = "rg-role-active"
    vanished: set[str] = field(default_factory=set)
    """Tags whose usage entries are not shown: their count is 0."""
    out_of_compliance_since: float | None = None
    on_change: frozenset[str] = frozenset()
    """Roots that it sends on change."""
    tells_on_change: bool = False
    """Whether it has the model that says which these are."""

    def fail_over(self) -> None:
        """Its processors change roles."""
        self.switched_over = self.clock()
        self.role = "rg-role-standby" if self.role == "rg-role-active" else "rg-role-active"
        self.ha_state, self.peer_state = self.peer_state, self.ha_state

    def models(self) -> dict[str, str]:
        """Module -> revision, as Capabilities lists them."""
        running = rank(self.cube.release) or (0, 0, 0, "")
        listed = {"licensing": _license_revision(running)}
        for root, revision in _REVISIONS.items():
            if root == "voice-oper-data" and not self.voice:
                continue
            if root == "rg-oper-data" and running < _FIRST_WITH_GROUPS:
                continue
            if root == "mdt-capabilities-oper-data" and not self.tells_on_change:
                continue
            listed[root] = revision
        return {MODULES[root]: revision for root, revision in listed.items()}

    def tree(self) -> dict[str, Node]:
        """Roots and all below, as it is now."""
        now = self.clock()
        roots: dict[str, Node] = {
            "licensing": {"state": {"state-info": self._license(now)}},
            "ha-oper-data": {"ha-infra": self._redundancy()},
            "rg-oper-data": {
                "red-app-group": [{"rg-id": 1, "role": self.role, "group-name": "CUBE"}]
            },
            "device-hardware-data": {"device-hardware": self._hardware()},
            "mdt-capabilities-oper-data": {"mdt-capability": self._capabilities()},
            "voice-oper-data": {"active-voip-call-summary": {"sip-call-legs": self._legs(now)}},
        }
        known = self.models()
        return {root: node for root, node in roots.items() if MODULES[root] in known}

    def _license(self, now: float) -> dict[str, Node]:
        cycle = self.cube.reporting(now)
        running = rank(self.cube.release) or (0, 0, 0, "")
        shown: dict[str, Node] = {
            "authorization": self._authorization(),
            "transport": {"transport-type": "transport-type-smart"},
            "udi": {"pid": self.cube.platform, "sn": self.cube.serial},
        }
        entries = [self._used(tag, count) for tag, count in self.cube.usage(now).items()]
        usage: list[Node] = [entry for entry in entries if entry]
        if usage:
            shown["usage"] = usage
        if running >= _FIRST_WITH_TRUST and cycle.trusted_since is not None:
            shown["trust-code"] = [
                {
                    "key_udi": f"PID:{self.cube.platform},SN:{self.cube.serial}",
                    "is-installed": True,
                    "time-installed": stamp(cycle.trusted_since),
                }
            ]
        if running >= _FIRST_WITH_ACK and stopping(self.cube.release) is not Stopping.BEFORE_POLICY:
            shown["policy"] = {"ack-required": True, "policy-name": "Lab Policy"}
            shown["rum-ack"] = {
                "last-received-time": stamp(cycle.last_ack or 0),
                "next-report-deadline": stamp(cycle.deadline or 0),
            }
        return shown

    def _authorization(self) -> dict[str, Node]:
        since = self.out_of_compliance_since
        if since is None:
            return {"authorization-state": "auth-state-none"}
        return {
            "authorization-state": "auth-state-out-of-compliance",
            "authorization-out-of-compliance": {"ooc-time": stamp(since)},
        }

    def _used(self, tag: str, count: int) -> Node:
        if tag in self.vanished or count < 1:
            return {}
        return {
            "entitlement-tag": f"regid.2020-05.com.cisco.{tag},1.0_{'0' * 8}-{tag.lower()}",
            "short-name": tag,
            "license-name": tag,
            "count": count,
            "enforcement-mode": "enforcement-in-compliance",
        }

    def _capabilities(self) -> list[Node]:
        return [
            {
                "xpath": f"/{YANG_PREFIXES[root]}:{root}",
                "periodic-supported": "true",
                "on-change-supported": str(root in self.on_change).lower(),
            }
            for root in sorted(YANG_PREFIXES)
        ]

    def _legs(self, now: float) -> int:
        hour, second = int(now) // HOUR * HOUR, int(now) % HOUR
        carried = self.cube.calls.values() if self.cube.carries(now) else ()
        calls = sum(int(seconds_of_hour(one, hour)[second]) for one in carried)
        return 2 * calls

    def _redundancy(self) -> dict[str, Node]:
        shown: dict[str, Node] = {
            "ha-state": self.ha_state,
            "peer-state": self.peer_state,
            "ha-enabled": True,
            "has-switchover-occured": self.switched_over is not None,
        }
        if self.switched_over is not None:
            shown["last-switchover-time"] = stamp(self.switched_over)
            shown["last-switchover-reason"] = "active unit failed"
        return shown

    def _hardware(self) -> dict[str, Node]:
        return {
            "device-inventory": [
                {
                    "hw-type": "hw-type-chassis",
                    "hw-dev-index": 0,
                    "part-number": self.cube.platform,
                    "serial-number": self.cube.serial,
                    "dev-name": "Chassis",
                }
            ],
            "device-system-data": {
                "software-version": "Cisco IOS Software [Lab], Virtual XE Software,"
                f" Version {self.cube.release}, RELEASE SOFTWARE\nnothing here is real",
                "boot-time": stamp(self.cube.born - DAY),
            },
        }


def stamp(at: float) -> str:
    """A YANG date-and-time as IOS XE writes it."""
    return datetime.fromtimestamp(int(at), UTC).isoformat()


def _license_revision(running: tuple[int, int, int, str]) -> str:
    if running >= _FIRST_WITH_ACK:
        return "2021-03-01"
    return "2020-11-01" if running >= _FIRST_WITH_TRUST else "2019-07-01"


def keys_of(name: str, entry: Mapping[str, Node]) -> dict[str, str]:
    """The list keys of an entry, as a path writes them."""
    return {key: str(entry[key]) for key in _LIST_KEYS.get(name, ()) if key in entry}


def found(tree: Mapping[str, Node], names: tuple[str, ...]) -> Node | None:
    """The node at bare names; None where there is none."""
    node: Node = dict(tree)
    for name in names:
        if not isinstance(node, dict) or name not in node:
            return None
        node = node[name]
    return node
