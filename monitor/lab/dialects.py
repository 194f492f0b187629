"""Syslog headers in the forms that IOS XE and relays write, by what operators configured."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from monitor.lab.stamps import Zone, in_rfc5424, in_syslog

_LOCAL7: Final = 23


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a virtual CUBE, not yet written in a dialect. `at` is seconds since 1970."""

    at: float
    severity: int
    body: str
    """From `%FAC-SEV-MNEM:` on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who writes, and with which clock."""

    host_name: str
    address: str
    zone: Zone


Header = Callable[[Speaker, Message, int], str]


def _origin_name(speaker: Speaker, message: Message, counter: int) -> str:
    return f"{counter}: {speaker.host_name}: {_stamp(speaker, message)}: "


def _origin_address(speaker: Speaker, message: Message, counter: int) -> str:
    return f"{counter}: {speaker.address}: {_stamp(speaker, message)}: "


def _sequence(speaker: Speaker, message: Message, counter: int) -> str:
    return (
        f"{counter}: {speaker.host_name}: {counter % 1_000_000:06d}: {_stamp(speaker, message)}: "
    )


def _with_year(speaker: Speaker, message: Message, counter: int) -> str:
    day, _, clock = in_syslog(speaker.zone, message.at).rpartition(" ")
    year = speaker.zone.local(message.at).year
    return f"{counter}: {speaker.host_name}: {day} {year} {clock} {speaker.zone.word}: "


def _unsynchronised(speaker: Speaker, message: Message, counter: int) -> str:
    return f"{counter}: {speaker.host_name}: *{_stamp(speaker, message)}: "


def _relayed(speaker: Speaker, message: Message, counter: int) -> str:
    arrival = in_syslog(Zone(), message.at).partition(".")[0]
    return f"{arrival} {speaker.address} {_sequence(speaker, message, counter)}"


def _rfc5424(speaker: Speaker, message: Message, counter: int) -> str:
    del counter
    return f"1 {in_rfc5424(message.at)} {speaker.host_name} - - - - "


def _stamp(speaker: Speaker, message: Message) -> str:
    return f"{in_syslog(speaker.zone, message.at)} {speaker.zone.word}"


class Dialect(Enum):
    """How a router writes its headers."""

    ORIGIN_NAME = (_origin_name,)
    ORIGIN_ADDRESS = (_origin_address,)
    SEQUENCE = (_sequence,)
    WITH_YEAR = (_with_year,)
    UNSYNCHRONISED = (_unsynchronised,)
    RELAYED = (_relayed,)
    RFC5424 = (_rfc5424,)

    def __init__(self, header: Header) -> None:
        self._header = header

    def write(self, speaker: Speaker, message: Message, counter: int) -> bytes:
        """The message as it goes over the wire."""
        priority = _LOCAL7 * 8 + message.severity
        header = self._header(speaker, message, counter)
        return f"<{priority}>{header}{message.body}".encode()
