"""One syslog payload to one message; the only place that knows where `%FAC-SEV-MNEMONIC` stands."""

import re
from dataclasses import dataclass
from typing import Final

from monitor.errors import ParseError
from monitor.parse.syslog.header import Header, read_header
from monitor.parse.syslog.stamp import Stamp, find_first

DEBUG_MARK: Final = "//CUBE-SL/"
"""Begins the text of `debug license feature cube all`."""
DEBUG_FACILITY: Final = "CUBE-SL"

_DEBUG_SEVERITY: Final = 7
_FACILITY = r"(?P<facility>[A-Za-z][A-Za-z0-9_]{0,63}(?:-[A-Za-z0-9_]{1,63}){0,3}?)"
_NAME = r"(?P<name>[A-Za-z0-9_]{1,80})"
TOKEN: Final = re.compile(rf"%{_FACILITY}-(?P<severity>[0-7])-{_NAME}", re.ASCII)
LETTERED_TOKEN: Final = re.compile(rf"%{_FACILITY}-(?P<severity>[ACEWNID])-{_NAME}", re.ASCII)
"""Small-business switches write the severity as a letter."""
_LETTERS: Final = {"A": 1, "C": 2, "E": 3, "W": 4, "N": 5, "I": 6, "D": 7}
_REPEATED = re.compile(r"last message repeated (\d{1,9}) times?", re.ASCII)
_COLON = re.compile(r"\s{0,8}:?\s*")
_LONGEST_DEBUG_HEADER = 512
_LONGEST_ZONE = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. What its header does not say is None."""

    received: float
    """Seconds since 1970 UTC."""
    raw: bytes
    text: str
    pri: int | None
    facility: str | None
    """Cisco's facility, as `CUBE`; None for debug lines and repetitions."""
    severity: int | None
    """Of `%FAC-SEV-MNEMONIC`, else of PRI."""
    mnemonic: str | None
    """The whole word, as `CUBE-5-LICENSE_INFO`."""
    name: str = ""
    """The mnemonic alone, as `LICENSE_INFO`; severities differ between releases."""
    origin: str | None
    """What the device calls itself (`logging origin-id`), else the host a header names."""
    relay: str | None
    """The host named by an RFC 3164, RFC 5424 or relay's header."""
    counter: int | None
    sequence: int | None
    stamp: Stamp | None
    header_ok: bool
    """False where the header was read backwards and something in it was not understood."""
    repeated: int | None = None
    """N of `last message repeated N times`."""


def read(payload: bytes, received: float) -> Message:
    """Read one message; `received` in seconds since 1970 UTC.

    Raises ParseError, whose reasons are `empty` and `no_mnemonic`, and nothing else, whatever the
    bytes; in time linear in their number.
    """
    text = payload.decode("utf-8", "replace").rstrip("\r\n\0 \t")
    if not text.strip("\ufeff \t\r\n\0"):
        raise ParseError("empty")
    found = TOKEN.search(text) or LETTERED_TOKEN.search(text)
    if found is None:
        return _without_token(text, payload, received)
    header = read_header(text[: found.start()])
    severity = found["severity"]
    return Message(
        received=received,
        raw=payload,
        text=text[_after_colon(text, found.end()) :],
        pri=header.pri,
        facility=found["facility"],
        severity=_LETTERS.get(severity) or int(severity),
        mnemonic=found[0][1:],
        name=found["name"],
        origin=header.origin,
        relay=header.relay,
        counter=header.counter,
        sequence=header.sequence,
        stamp=header.stamp,
        header_ok=header.ok,
    )


def _after_colon(text: str, end: int) -> int:
    found = _COLON.match(text, end)
    return end if found is None else found.end()


def _without_token(text: str, payload: bytes, received: float) -> Message:
    debug = text.find(DEBUG_MARK)
    if debug >= 0:
        return _tokenless(read_header(text[:debug]), text[debug:], payload, received)
    repeated = _REPEATED.search(text)
    if repeated is not None:
        header = read_header(text[: repeated.start()])
        return _tokenless(header, text[repeated.start() :], payload, received, int(repeated[1]))
    return _other_debug(text, payload, received)


def _other_debug(text: str, payload: bytes, received: float) -> Message:
    """Output of other debug commands: severity 7 and a device's stamp, then free text."""
    stamp = find_first(text[:_LONGEST_DEBUG_HEADER])
    colon = -1 if stamp is None else text.find(": ", stamp.end, stamp.end + _LONGEST_ZONE)
    if colon >= 0:
        header = read_header(text[: colon + 1])
        debug = header.pri is not None and header.pri & 7 == _DEBUG_SEVERITY
        if debug and header.stamp is not None and header.relay is None:
            return _tokenless(header, text[colon + 1 :].lstrip(), payload, received)
    raise ParseError("no_mnemonic")


def _tokenless(
    header: Header, text: str, payload: bytes, received: float, repeated: int | None = None
) -> Message:
    return Message(
        received=received,
        raw=payload,
        text=text,
        pri=header.pri,
        facility=None,
        severity=None if header.pri is None else header.pri & 7,
        mnemonic=None,
        origin=header.origin,
        relay=header.relay,
        counter=header.counter,
        sequence=header.sequence,
        stamp=header.stamp,
        header_ok=header.ok,
        repeated=repeated,
    )
