"""What arrives, before anyone has understood it, and the shape of what brings it."""

from collections.abc import Sequence
from dataclasses import dataclass
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


class Collector(Protocol):
    """Bring frames in until cancelled; raise CollectError when the source is gone.

    A collector whose source has an end (a file) returns when it is read.
    """

    async def run(self, intake: Intake) -> None:
        """Run until cancelled."""
        ...
