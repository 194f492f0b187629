"""What arrives, before anyone has understood it, and the shape of what brings it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SyslogBatch:
    """Syslog messages in order of arrival, framing taken off."""

    transport: str
    """udp or tcp."""
    received: float
    """Seconds since 1970 UTC; one stamp for what one read brought."""
    frames: Sequence[tuple[str, bytes]]
    """(source address, message)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCapture:
    """Output of one or more `show` commands of one device."""

    device: str
    received: float
    text: str
    command: str = ""
    """Empty where nobody said which command it was: the parser recognises it."""
    source: str = "cli"
    live: bool = True
    """Read from the device at `received`; False for a capture whose moment is only said."""
    zones: Mapping[str, int] = field(default_factory=dict)
    """Zone words and their offsets in seconds east of UTC, besides those known of the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLines:
    """JSON lines of readings: `{"device", "tag", "source", "time", "count"}`."""

    origin: str
    """File name, `stdin` or the address of the sender, for messages."""
    received: float
    payload: bytes
    first_line: int = 1


class Absent(Enum):
    """What an SNMP agent answers where it has no value (RFC 3416, section 3)."""

    NO_SUCH_OBJECT = 0
    NO_SUCH_INSTANCE = 1
    END_OF_MIB_VIEW = 2


SnmpValue = int | bytes | str | Absent | None
"""A number, octets, an object identifier in dots, no value, or NULL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpReport:
    """What one device said over SNMP at one time: the answer to a poll, or a notification."""

    device: str
    """Its id where we asked it; empty for notifications, which `address` names."""
    address: str
    asked: float
    """When the question left, seconds since 1970 UTC; for notifications when they arrived."""
    received: float
    authenticated: bool
    """True for version 3 with authentication: v1 and v2c name a community that anybody can read."""
    varbinds: Sequence[tuple[str, SnmpValue]]
    """(object identifier in dots, value), in the order sent."""
    notification: str = ""
    """Object identifier of the notification (RFC 3416, snmpTrapOID); empty for answers."""
    raw: bytes = b""
    """The datagram of a notification."""
    walked: tuple[str, ...] = ()
    """Columns of tables that were read to their end: a row that is not here is not there."""


YangElements = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""A path in a YANG tree: (name as sent, its list keys) from the root down."""

TelemetryValue = bool | int | float | str | bytes | None | tuple[bool | int | float | str, ...]
"""Octets are JSON text as sent (RFC 7951 or plain), all else came typed; None: unreadable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryNotification:
    """What one device said of its YANG trees at one time, over gNMI or RESTCONF.

    A stream begins, sends all there is, is synced, and goes on with changes and samples. One
    complete answer (Get, poll, RESTCONF) is a stream that ends with its sync.
    """

    device: str
    source: str
    """gnmi or restconf."""
    received: float
    authenticated: bool
    """True where TLS with a verified certificate brought it."""
    timestamp: int = 0
    """Nanoseconds since 1970 UTC by the device's clock; 0 where it says none."""
    updates: Sequence[tuple[YangElements, TelemetryValue]] = ()
    """(whole path, prefix included; value), in the order sent."""
    deletes: Sequence[YangElements] = ()
    begins: bool = False
    """The first of a new stream: what was there before may be gone."""
    synced: bool = False
    """All that was there when the stream began has been sent."""
    sample_seconds: float = 0.0
    """At most so far apart a value that is still there is sent again; 0 where only changes are."""
    lost: int = 0
    """Notifications of this stream that were dropped right before this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginOutcome:
    """How a device took a credential that it was shown."""

    device: str
    manner: str
    """ssh, snmp, gnmi or restconf."""
    credential: str
    """Its name in the configuration, never a secret."""
    refused: bool
    at: float
    """Seconds since 1970 UTC."""


LoginSink = Callable[[LoginOutcome], None]
"""Whoever wants to know how devices take credentials; returns at once."""


def nobody(login: LoginOutcome) -> None:
    """Nobody wants to know."""
    del login


@dataclass(frozen=True, slots=True, kw_only=True)
class CssmInventory:
    """Licences or product instances as CSSM or SSM On-Prem lists them: an export, or answers."""

    origin: str
    """File name or address it came from, for messages."""
    received: float
    effective: float
    """When it was so, seconds since 1970 UTC."""
    payload: bytes
    """CSV, one JSON answer, or a JSON list of the pages of an answer."""
    account: str = ""
    """The virtual account of rows that name none."""
    smart_account: str = ""
    accounts: tuple[str, ...] = ()
    """The virtual accounts of which it lists everything, besides those it names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One line that was not taken, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Answer to `ReadingLines` after its commit. `refused` counts all, `refusals` shows some."""

    accepted: int
    refused: int = 0
    refusals: Sequence[Refusal] = ()


class Intake(Protocol):
    """Where collectors hand on what they brought."""

    def syslog(self, batch: SyslogBatch) -> bool:
        """Take a batch at once; False where the queue is full and the batch was dropped."""
        ...

    async def room(self) -> None:
        """Wait until the queue has room: TCP stops reading until then."""
        ...

    async def show(self, captures: Sequence[ShowCapture]) -> None:
        """Take captures; returns after their commit."""
        ...

    async def readings(self, lines: ReadingLines) -> Receipt:
        """Take readings; returns after their commit."""
        ...

    async def snmp(self, reports: Sequence[SnmpReport]) -> None:
        """Take answers and notifications; returns after their commit."""
        ...

    async def telemetry(self, notifications: Sequence[TelemetryNotification]) -> None:
        """Take what devices said of their YANG trees, in order; returns after the commit."""
        ...

    async def cssm(self, inventories: Sequence[CssmInventory]) -> Receipt:
        """Take inventories of accounts; returns after their commit with what was refused."""
        ...


class Collector(Protocol):
    """Bring frames in until cancelled; raise CollectError when the source is gone.

    A collector whose source has an end (a file) returns when it is read.
    """

    async def run(self, intake: Intake) -> None:
        """Run until cancelled."""
        ...
