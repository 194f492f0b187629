"""Two virtual CUBEs that take over from each other, and what they print and log about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

_RG_PROTOCOL = "%RG_PROTOCOL-5-ROLECHANGE"


@dataclass(slots=True, kw_only=True)
class BoxToBox:
    """One redundancy group. The first member is active until the first failover."""

    members: tuple[str, str]
    failovers: list[float] = field(default_factory=list)
    """Seconds since 1970 UTC, in order; add one to fail over then."""
    domain: str = "btob-one"
    name: str = "edge"
    """What its operator calls it."""

    def active(self, now: float) -> str:
        """The member that is active at an instant."""
        done = sum(at <= now for at in self.failovers)
        return self.members[done % 2]

    def is_active(self, name: str, now: float) -> bool:
        """Whether this member carries the calls."""
        return self.active(now) == name

    def peer(self, name: str) -> str:
        """The other one."""
        return self.members[1] if name == self.members[0] else self.members[0]

    def active_since(self, now: float) -> float | None:
        """When the active one took over; None where it was so from the beginning."""
        return max((at for at in self.failovers if at <= now), default=None)

    def stints(self, name: str, start: float, end: float) -> Iterator[tuple[float, float]]:
        """The times within `[start, end)` in which this member is active."""
        changes = [start, *(at for at in self.failovers if start < at < end), end]
        for begun, over in pairwise(changes):
            if self.is_active(name, begun):
                yield begun, over

    def messages(self, name: str, start: float, end: float) -> Iterator[tuple[float, str]]:
        """(time, body) of what this member logs of failovers in `[start, end)`."""
        for at in self.failovers:
            if start <= at < end:
                before, after = ("Standby", "Active") if self.is_active(name, at) else (
                    "Active", "Init"
                )  # fmt: skip
                yield at, f"{_RG_PROTOCOL}: RG id 1 role change from {before} to {after}"

    def states(self, name: str, now: float) -> str:
        """`show redundancy states`."""
        own, other = "13 -ACTIVE", "8  -STANDBY HOT"
        if not self.is_active(name, now):
            own, other = other, own
        return f"""       my state = {own}
     peer state = {other}
           Mode = Duplex
           Unit = {"Primary" if name == self.members[0] else "Secondary"}
        Unit ID = 0

Redundancy Mode (Operational) = sso
Redundancy Mode (Configured)  = sso
Redundancy State              = sso
     Maintenance Mode = Disabled
 Communications = Up

   client count = 14
"""

    def group(self, name: str, now: float) -> str:
        """`show redundancy application group`."""
        own, other = ("ACTIVE", "STANDBY") if self.is_active(name, now) else ("STANDBY", "ACTIVE")
        hot = {"ACTIVE": "ACTIVE", "STANDBY": "STANDBY HOT"}
        return f"""Group ID:1
Group Name:voice-b2bha

Administrative State: No Shutdown
Aggregate operational state : Up
My Role: {own}
Peer Role: {other}
Peer Presence: Yes
Peer Comm: Yes
Peer Progression Started: Yes

RF Domain: {self.domain}
         RF state: {hot[own]}
         Peer RF state: {hot[other]}
"""
