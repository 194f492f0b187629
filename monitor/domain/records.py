"""What one commit to the store holds, and what the store says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitor.domain.audit import AuditRecord
from monitor.domain.device import Device
from monitor.domain.facts import Fact
from monitor.domain.findings import Standing
from monitor.domain.maintenance import Window
from monitor.domain.measurement import Chain, HourValue
from monitor.domain.page import Page
from monitor.domain.readings import ReadingColumns
from monitor.domain.rum import RumRecords
from monitor.domain.silences import Silence

Json = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One message of a device that is kept. Times in seconds since 1970 UTC."""

    device: str
    source: str
    """syslog, cli, trap, ..."""
    received: float
    device_time: float | None
    effective: float
    clock: str
    """synchronised, unsynchronised, lost or unknown."""
    counter: int | None
    facility: str
    severity: int | None
    mnemonic: str
    """`CUBE-5-LICENSE_INFO`; empty where the message has none."""
    text: str
    events: Sequence[Mapping[str, Json]] = ()
    """The typed events read from it, as their JSON objects."""
    raw: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """An input that could not be read, kept with the reason; the store bounds their number."""

    source: str
    origin: str
    """Address or file it came from."""
    received: float
    reason: str
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The start of the first period of a (device, tag): the whole hour of its first reading."""

    device: str
    tag: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is committed in one transaction, all or nothing."""

    readings: Sequence[ReadingColumns] = ()
    events: Sequence[EventRecord] = ()
    facts: Sequence[Fact] = ()
    dead_letters: Sequence[DeadLetter] = ()
    origins: Sequence[Origin] = ()
    hours: Sequence[HourValue] = ()
    chains: Sequence[Chain] = ()
    worked: Sequence[tuple[str, int]] = ()
    """(device, start) of UTC-hour marks that have been worked out; see `Committed`."""
    standings: Sequence[Standing] = ()
    devices: Sequence[Device] = ()
    """Learned devices to remember."""
    rum: Sequence[RumRecords] = ()
    """Usage reports: notes, listings, kept files."""
    audit: Sequence[AuditRecord] = ()
    """What somebody changed by hand; records are only ever added."""
    pages: Sequence[Page] = ()
    """Turns of pages; a turn that is written already changes nothing."""
    windows: Sequence[Window] = ()
    silences: Sequence[Silence] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a commit did. `number` rises with every commit and is the readers' cursor."""

    number: int
    readings: int = 0
    events: int = 0
    duplicates: frozenset[int] = field(default_factory=frozenset)
    """Positions in `Batch.events` that were dropped as duplicates."""
