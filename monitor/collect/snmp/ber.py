"""BER as SNMP uses it (RFC 3417, section 8), read with bounds before any library sees the bytes.

Versions 1 and 2c are read whole here. Of version 3 only the envelope is looked at: who says to
speak, by which engine, how protected. Lengths must be definite, as RFC 3417 has it.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from monitor.errors import ParseError
from monitor.wire import Absent, SnmpValue

DEEPEST: Final = 8
MOST_ITEMS: Final = 4096
LONGEST_OID: Final = 128
"""Octets, and so at most as many arcs (RFC 2578 allows 128)."""
_LARGEST_ARC: Final = (1 << 32) - 1
_LONGEST_NUMBER: Final = 9
_LONG_FORM: Final = 0x80
_MOST_LENGTH_OCTETS: Final = 4

INTEGER: Final = 0x02
OCTETS: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
SEQUENCE: Final = 0x30
_CONSTRUCTED: Final = 0x20
_ADDRESS: Final = 0x40
_UNSIGNED: Final = frozenset({0x41, 0x42, 0x43, 0x46, 0x47})
"""Counter32, Gauge32, TimeTicks, Counter64 and the old UInteger32."""
_OPAQUE: Final = 0x44
_EXCEPTIONS: Final = {
    0x80: Absent.NO_SUCH_OBJECT,
    0x81: Absent.NO_SUCH_INSTANCE,
    0x82: Absent.END_OF_MIB_VIEW,
}
_ARC_BITS: Final = 7


class Item(NamedTuple):
    """One tag, length and value: the value is `data[start:end]`."""

    tag: int
    start: int
    end: int


def check(data: bytes) -> None:
    """Raise ParseError unless the bytes are one whole message within all bounds.

    Reasons: `cut`, `trailing`, `indefinite`, `length`, `deep`, `items`, `oid`, `tag`. The time is
    linear in the bytes; nothing recurses.
    """
    left = MOST_ITEMS
    top = item(data, 0, len(data))
    if top.end != len(data):
        raise ParseError("trailing")
    open_items = [(top, 1)]
    while open_items:
        found, depth = open_items.pop()
        if found.tag == OID:
            arcs(data, found)
        if not found.tag & _CONSTRUCTED:
            continue
        if depth >= DEEPEST:
            raise ParseError("deep")
        inner = list(items(data, found))
        left -= len(inner)
        if left < 0:
            raise ParseError("items")
        open_items += [(one, depth + 1) for one in inner]


def item(data: bytes, at: int, end: int) -> Item:
    """The item that begins at `at` and ends before `end`; raises ParseError."""
    if at + 2 > end:
        raise ParseError("cut")
    tag, length, start = data[at], data[at + 1], at + 2
    if tag & 0x1F == 0x1F:  # noqa: PLR2004 - more octets of tag follow, which SNMP never has
        raise ParseError("tag")
    if length == _LONG_FORM:
        raise ParseError("indefinite")
    if length > _LONG_FORM:
        octets = length - _LONG_FORM
        if octets > _MOST_LENGTH_OCTETS or start + octets > end:
            raise ParseError("length")
        length = int.from_bytes(data[start : start + octets])
        start += octets
    if start + length > end:
        raise ParseError("cut")
    return Item(tag, start, start + length)


def items(data: bytes, outer: Item) -> Iterator[Item]:
    """The items inside of one."""
    at = outer.start
    while at < outer.end:
        found = item(data, at, outer.end)
        yield found
        at = found.end


def arcs(data: bytes, found: Item) -> str:
    """An object identifier in dots; raises ParseError."""
    octets = data[found.start : found.end]
    if not octets or len(octets) > LONGEST_OID or octets[-1] & _LONG_FORM:
        raise ParseError("oid")
    numbers, number = [], 0
    for octet in octets:
        number = number << _ARC_BITS | octet & ~_LONG_FORM
        if number > _LARGEST_ARC:
            raise ParseError("oid")
        if not octet & _LONG_FORM:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def number(data: bytes, found: Item) -> int:
    """A whole number of any type that SNMP has; raises ParseError."""
    if found.tag != INTEGER and found.tag not in _UNSIGNED:
        raise ParseError("type")
    if not 0 < found.end - found.start <= _LONGEST_NUMBER:
        raise ParseError("number")
    return int.from_bytes(data[found.start : found.end], signed=found.tag == INTEGER)


def octets(data: bytes, found: Item) -> bytes:
    """An octet string; raises ParseError."""
    if found.tag != OCTETS:
        raise ParseError("type")
    return data[found.start : found.end]


def value(data: bytes, found: Item) -> SnmpValue:
    """Any value of a binding; raises ParseError."""
    tag = found.tag
    if tag == OID:
        return arcs(data, found)
    if tag in {OCTETS, _OPAQUE}:
        return data[found.start : found.end]
    if tag == _ADDRESS:
        return ".".join(map(str, data[found.start : found.end][:16]))
    if tag == NULL:
        return None
    return _EXCEPTIONS[tag] if tag in _EXCEPTIONS else number(data, found)
