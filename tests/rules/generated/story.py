"""What happens in a generated scenario, in words of the paper: who said what of D, P, L and A.

All instants are whole seconds after the start of the story, on our clock where not said otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

MINUTE: Final = 60
HOUR: Final = 3_600
DAY: Final = 86_400

Value = int | str | bool | None
Facts = Mapping[str, Value]
"""`deadline` (D), `planned` (P), `pushed` (L; also `pulled`, `written`), `acked` (A): instants,
None for "there is none"; `required`, `trust`: bool; `transport`, `release`, `serial`, `account`,
`policy`, `sip`, `role`, `peer_role`, `peer_state`, `communication`, `peer`, `registration_expires`;
`days`: whole days to D; `clock`: seconds the router's clock is ahead of ours; `out`: bool;
`count`: licences; `request`: licences asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one source said of one router at one moment."""

    at: int
    device: str
    source: str
    """cli, gnmi, snmp, syslog or trap."""
    facts: Facts
    proven: bool = True
    """Nobody else can have said it."""

    @property
    def exact(self) -> bool:
        """Printed by the router itself, not worked out."""
        return self.source in ("cli", "gnmi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """From then on nothing is heard of a source of a router."""

    at: int
    device: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Announced maintenance."""

    at: int
    until: int
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Story:
    """One generated scenario."""

    name: str
    said: Sequence[Said]
    ends: int
    pair: tuple[str, ...] = ()
    silences: Sequence[Silence] = ()
    works: Sequence[Work] = ()
    restarts: Sequence[int] = ()
    purchased: Mapping[str, int] = field(default_factory=dict)
    looks: Sequence[int] = ()
    """Moments at which it must be said what stands, besides those of the judge."""
    configured: Mapping[str, str] = field(default_factory=dict)
    """Router -> its release as the configuration says it."""

    @property
    def devices(self) -> tuple[str, ...]:
        """Every router that is spoken of."""
        return tuple(sorted({one.device for one in self.said}))
