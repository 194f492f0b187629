"""Agents on loopback that answer at once from ready-made octets; run by `benchmarks/snmp.py`.

One process answers for all devices, which are the addresses of 127.0.0.0/8 on one port. Only the
number of the request is put into the answer, so that little is spent here. With two pass phrases as
arguments it answers version 3, each address as an engine of its own.
"""

import socket
import struct
import sys
from collections.abc import Callable
from typing import Final

from pyasn1.codec.ber import encoder
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.proto.api import v2c

from benchmarks._snmp_sealed import Sealed
from monitor.collect.snmp import ber

LICENCE = (1, 3, 6, 1, 4, 1, 9, 9, 831, 0)
SECONDS = (1, 3, 6, 1, 4, 1, 9, 9, 63, 1, 4, 3, 3, 1, 3, 1)
GETBULK, GETNEXT = 0xA5, 0xA1
IP_PKTINFO: Final = 8
"""Linux, not in Python's socket module."""
PKTINFO: Final = struct.Struct("=i4s4s")
"""Interface, local address, address in the header."""


def rows() -> dict[tuple[int, ...], object]:
    """What a CUBE serves of the questions measured."""
    found: dict[tuple[int, ...], object] = {
        (1, 3, 6, 1, 2, 1, 1, 3, 0): rfc1902.TimeTicks(123_456_789),
        (*LICENCE, 12, 1, 0): rfc1902.Gauge32(3),
        (*LICENCE, 12, 2, 0): rfc1902.Gauge32(27),
    }
    for row, tag in enumerate(("CUBE_T_STD", "CUBE_T_ENH"), start=1):
        found[*LICENCE, 5, 1, 1, 2, row] = rfc1902.Gauge32(100 * row)
        found[*LICENCE, 5, 1, 1, 3, row] = rfc1902.OctetString(tag)
        found[*LICENCE, 5, 1, 1, 5, row] = rfc1902.Integer32(15)
    for row in range(1, 61):
        found[*SECONDS, row] = rfc1902.Gauge32(200 + row)
    return dict(sorted(found.items()))


class Answers:
    """Answers by question, made once each."""

    def __init__(self) -> None:
        self._rows = rows()
        self._order = list(self._rows)
        self._made: dict[bytes, tuple[bytes, int, int]] = {}

    def to(self, question: bytes) -> bytes:
        """The response to a GET, GETNEXT or GETBULK of version 2c."""
        outer = ber.item(question, 0, len(question))
        _, _, pdu = ber.items(question, outer)
        number = ber.item(question, pdu.start, pdu.end)
        key = question[number.end :] + question[pdu.start - 2 : pdu.start - 1]
        if key not in self._made:
            self._made[key] = self._make(question, pdu)
        template, start, end = self._made[key]
        given = question[number.start : number.end].rjust(4, b"\0")
        return template[:start] + given + template[end:]

    def _make(self, question: bytes, pdu: ber.Item) -> tuple[bytes, int, int]:
        _, single, rows_, names = ber.items(question, pdu)
        asked = []
        for pair in ber.items(question, names):
            name, _ = ber.items(question, pair)
            asked.append(tuple(map(int, ber.arcs(question, name).split("."))))
        if pdu.tag == GETBULK:
            count = ber.number(question, single), ber.number(question, rows_)
            found = self._bulk(asked, *count)
        elif pdu.tag == GETNEXT:
            found = [self._after(one) for one in asked]
        else:
            found = [(one, self._rows.get(one, rfc1905.noSuchInstance)) for one in asked]
        response = v2c.GetResponsePDU()
        v2c.apiPDU.set_defaults(response)
        v2c.apiPDU.set_request_id(response, 0x7F_00_00_01)
        v2c.apiPDU.set_varbinds(response, found)
        message = v2c.Message()
        v2c.apiMessage.set_defaults(message)
        v2c.apiMessage.set_community(message, "public")
        v2c.apiMessage.set_pdu(message, response)
        data = bytes(encoder.encode(message))
        place = data.index(b"\x02\x04\x7f\x00\x00\x01") + 2
        return data, place, place + 4

    def _after(self, oid: tuple[int, ...]) -> tuple[tuple[int, ...], object]:
        found = next((one for one in self._order if one > oid), None)
        return (oid, rfc1905.endOfMibView) if found is None else (found, self._rows[found])

    def _bulk(
        self, asked: list[tuple[int, ...]], single: int, count: int
    ) -> list[tuple[tuple[int, ...], object]]:
        found = [self._after(one) for one in asked[:single]]
        at = asked[single:]
        for _ in range(count):
            nexts = [self._after(one) for one in at]
            found += nexts
            at = [oid for oid, _ in nexts]
        return found


def answering() -> Callable[[bytes, bytes], bytes]:
    """What turns a question to an address into its answer."""
    answers = Answers()
    if len(sys.argv) == 3:
        return Sealed(sys.argv[1], sys.argv[2], answers.to).to
    return lambda question, address: answers.to(question)


def main() -> None:
    answer = answering()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        door.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        door.bind(("0.0.0.0", 0))  # noqa: S104 - every address of 127.0.0.0/8 is a device
        print(door.getsockname()[1], flush=True)
        while True:
            question, about, _, asker = door.recvmsg(2048, 64)
            # Each answers from the address that was asked.
            address = about[0][2][4:8]
            asked = PKTINFO.pack(0, address, b"\0" * 4)
            said = answer(question, address)
            door.sendmsg([said], [(socket.IPPROTO_IP, IP_PKTINFO, asked)], 0, asker)


if __name__ == "__main__":
    main()
