"""Messages of versions 1 and 2c, and the envelope of version 3.

Sources: RFC 1157 and RFC 1901 (versions 1 and 2c), RFC 3412 and RFC 3414 (version 3), RFC 3416
(PDUs), RFC 3584 (notifications of version 1 as those of version 2).
"""

from dataclasses import dataclass
from typing import Final

from monitor.collect.snmp import ber
from monitor.errors import ParseError
from monitor.wire import SnmpValue

Varbinds = list[tuple[str, SnmpValue]]

V1: Final = 0
V2C: Final = 1
V3: Final = 3
_TRAP_V1: Final = 0xA4
_INFORM: Final = 0xA6
_TRAP: Final = 0xA7
_RESPONSE: Final = 0xA2
_UPTIME: Final = "1.3.6.1.2.1.1.3.0"
TRAP_OID: Final = "1.3.6.1.6.3.1.1.4.1.0"
_TRAP_ADDRESS: Final = "1.3.6.1.6.3.18.1.3.0"
_GENERIC: Final = "1.3.6.1.6.3.1.1.5"
_SPECIFIC: Final = 6
_PLAIN_ITEMS, _V3_ITEMS, _PDU_ITEMS, _V1_ITEMS = 3, 4, 4, 6
_HEADER_ITEMS, _SECURITY_ITEMS = 4, 6
_LONGEST_ENGINE_ID: Final = 32
_SHORTEST_ENGINE_ID: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A notification of version 1 or 2c, not yet trusted."""

    community: bytes
    varbinds: Varbinds
    reply: bytes | None
    """The acknowledgement of an inform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Of version 3: what stands outside the protected part, unproven."""

    level: int
    """1 neither, 2 authenticated, 3 encrypted as well."""
    engine_id: bytes
    boots: int
    time: int
    user: bytes


def version(data: bytes) -> int:
    """The version of a message that `ber.check` has passed; raises ParseError."""
    outer = ber.item(data, 0, len(data))
    if outer.tag != ber.SEQUENCE:
        raise ParseError("not_snmp")
    return ber.number(data, ber.item(data, outer.start, outer.end))


def plain(data: bytes) -> Plain:
    """A notification of version 1 or 2c; raises ParseError, also for other PDUs."""
    _, community, pdu = _parts(data, ber.Item(0, *_inside(data)), _PLAIN_ITEMS)
    if pdu.tag == _TRAP_V1:
        return Plain(
            community=ber.octets(data, community), varbinds=_of_version_1(data, pdu), reply=None
        )
    if pdu.tag not in {_TRAP, _INFORM}:
        raise ParseError("no_notification")
    fields = _parts(data, pdu, _PDU_ITEMS)
    for one in fields[:3]:
        ber.number(data, one)
    return Plain(
        community=ber.octets(data, community),
        varbinds=_varbinds(data, fields[3]),
        reply=_response(data) if pdu.tag == _INFORM else None,
    )


def notification(varbinds: Varbinds) -> str:
    """The object identifier of a notification; raises ParseError where it names none."""
    named = dict(varbinds).get(TRAP_OID)
    if not isinstance(named, str):
        raise ParseError("no_trap_oid")
    return named


def envelope(data: bytes) -> Envelope:
    """Of a message of version 3; raises ParseError."""
    _, header, security, _ = _parts(data, ber.Item(0, *_inside(data)), _V3_ITEMS)
    flags = ber.octets(data, _parts(data, header, _HEADER_ITEMS)[2])
    inner = ber.item(data, security.start, security.end)
    ber.check(data[security.start : security.end])
    engine_id, boots, time, user, *_ = _parts(data, inner, _SECURITY_ITEMS)
    protection = flags[0] & 3 if flags else 0
    if protection == 2:  # noqa: PLR2004 - encrypted and not authenticated: RFC 3412 forbids it
        raise ParseError("level")
    return Envelope(
        level=1 + protection.bit_count(),
        engine_id=ber.octets(data, engine_id),
        boots=ber.number(data, boots),
        time=ber.number(data, time),
        user=ber.octets(data, user),
    )


def usable_engine_id(engine_id: bytes) -> bool:
    """RFC 3411: 5 to 32 octets."""
    return _SHORTEST_ENGINE_ID <= len(engine_id) <= _LONGEST_ENGINE_ID


def _inside(data: bytes) -> tuple[int, int]:
    outer = ber.item(data, 0, len(data))
    return outer.start, outer.end


def _parts(data: bytes, outer: ber.Item, count: int) -> list[ber.Item]:
    found = list(ber.items(data, outer))
    if len(found) != count:
        raise ParseError("parts")
    return found


def _varbinds(data: bytes, outer: ber.Item) -> Varbinds:
    pairs = [_parts(data, pair, 2) for pair in ber.items(data, outer)]
    if any(name.tag != ber.OID for name, _ in pairs):
        raise ParseError("type")
    return [(ber.arcs(data, name), ber.value(data, value)) for name, value in pairs]


def _response(data: bytes) -> bytes:
    """The same message as a response: RFC 3416 copies the bindings, and no error is zero."""
    answer = bytearray(data)
    answer[_tag_place(data)] = _RESPONSE
    return bytes(answer)


def _tag_place(data: bytes) -> int:
    start, end = _inside(data)
    for _ in range(2):
        start = ber.item(data, start, end).end
    return start


def _of_version_1(data: bytes, pdu: ber.Item) -> Varbinds:
    enterprise, sender, generic, specific, ticks, bindings = _parts(data, pdu, _V1_ITEMS)
    kind = ber.number(data, generic)
    if kind == _SPECIFIC:
        named = f"{ber.arcs(data, enterprise)}.0.{ber.number(data, specific)}"
    elif 0 <= kind < _SPECIFIC:
        named = f"{_GENERIC}.{kind + 1}"
    else:
        raise ParseError("generic")
    return [
        (_UPTIME, ber.number(data, ticks)),
        (TRAP_OID, named),
        *_varbinds(data, bindings),
        (_TRAP_ADDRESS, ber.value(data, sender)),
    ]
