"""Which payloads are worth reading: bytes in, yes or no, at some hundred nanoseconds each.

A device may send a hundred thousand lines a second of which one in a hundred is about licences, so
nothing here decodes, allocates much or runs a regular expression on an ordinary line.
"""

import re
from functools import lru_cache
from typing import Final

from monitor.parse.syslog.facilities import FACILITIES, ONLY
from monitor.parse.syslog.message import DEBUG_FACILITY, DEBUG_MARK, LETTERED_TOKEN, TOKEN

_STARTS: Final = tuple(
    f"%{prefix}{word}".encode()
    for key in FACILITIES
    if key not in ONLY and key != DEBUG_FACILITY
    for prefix in ("", "LICENSE-")
    for word in ([f"{key}-", f"{key}_"] if key == "RG" else [f"{key}-"])
)
_SOME: Final = tuple(f"%{prefix}{key}-".encode() for key in ONLY for prefix in ("", "LICENSE-"))
_SOME_NAMES: Final = tuple(f"-{name}".encode() for names in ONLY.values() for name in names)
_DEBUG: Final = DEBUG_MARK.encode()
_TOKENS: Final = tuple(
    re.compile(pattern.pattern.encode(), re.ASCII) for pattern in (TOKEN, LETTERED_TOKEN)
)
_LONGEST_WORD: Final = 60
_LONGEST_TOKEN: Final = 400
"""More than `message.TOKEN` can match."""
_LONGEST_COUNTER: Final = 20
"""Up to and with its colon: 18 digits, which 64 bits hold."""
_MOST_WORDS: Final = 4096
_PLAIN: Final = re.compile(rb"%[A-Za-z][A-Za-z0-9_]*-[0-7]-[A-Za-z0-9_]", re.ASCII)


def wanted(payload: bytes) -> bool:
    """Whether `read` may find a message about licences; the first `%FAC-SEV-MNEMONIC` decides.

    Never False for such a message; rarely True for another, which costs its reading and no more.
    """
    start = payload.find(b"%")
    if start < 0:
        return _DEBUG in payload
    hyphen = payload.find(b"-", start, start + _LONGEST_WORD)
    verdict = _verdict(payload[start : hyphen + 4])
    return _with_care(payload) if verdict is None else verdict


@lru_cache(maxsize=_MOST_WORDS)
def _verdict(token: bytes) -> bool | None:
    """Of `%SEC-6-I` once and for all; None where more of the message must be looked at."""
    if token.startswith(_STARTS):
        return True
    if token.startswith(_SOME):
        return None
    # Nearly every line ends here: a plain token of a facility that is of no concern.
    return False if _PLAIN.fullmatch(token) else None


def _some(payload: bytes, start: int) -> bool:
    token = payload[start : start + _LONGEST_TOKEN]
    return any(name in token for name in _SOME_NAMES)


def _with_care(payload: bytes) -> bool:
    """The first `%` begins no plain token: `fe80::1%Gi0`, `%PIM-SW1-6-X`, `%IPADTBL-N-X`."""
    found = next(filter(None, (token.search(payload) for token in _TOKENS)), None)
    if found is None:
        return _DEBUG in payload
    start = found.start()
    if payload.startswith(_STARTS, start):
        return True
    return payload.startswith(_SOME, start) and _some(payload, start)


def leading_counter(payload: bytes) -> int | None:
    """The message counter right after PRI, `<189>4182: `; None where the line has none there."""
    end = payload.find(b">", 2, 5)
    colon = payload.find(b":", end + 1, end + _LONGEST_COUNTER)
    if end < 0 or colon < 0 or payload[:1] != b"<":
        return None
    digits = payload[end + 1 : colon]
    return int(digits) if digits.isdigit() else None
