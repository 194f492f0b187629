"""Answers of version 3 (SHA-256, AES-128): every address of 127.0.0.0/8 is an engine of its own.

Only as much of RFC 3414 as one honest asker needs: engines are told to who asks for them, no clock
is checked, and every user is taken for the one whose pass phrases are known.
"""

import hashlib
import hmac
import secrets
import struct
import time
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from monitor.collect.snmp import ber

BOOTS: Final = 1
_SIGNED: Final = 24
"""Octets of HMAC-SHA-256 that version 3 keeps."""
_UNKNOWN_ENGINES: Final = bytes.fromhex("060a2b060106030f01010400410101")
"""usmStatsUnknownEngineIDs.0 = 1."""
_REPORT: Final = 0xA8
_PASS_PHRASE: Final = 1 << 20

Respond = Callable[[bytes], bytes]
"""The response to a message of version 2c."""


def tlv(tag: int, content: bytes) -> bytes:
    """One tag, length and value."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(octets))) + octets + content


def number(value: int) -> bytes:
    """An INTEGER that is not negative."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def master(phrase: str) -> bytes:
    """The key of a pass phrase (RFC 3414, A.2)."""
    octets = phrase.encode()
    return hashlib.sha256((octets * (_PASS_PHRASE // len(octets) + 1))[:_PASS_PHRASE]).digest()


class Sealed:
    """Opens questions, has them answered, and seals what is answered."""

    def __init__(self, auth: str, priv: str, respond: Respond) -> None:
        self._masters = master(auth), master(priv)
        self._respond = respond
        self._keys: dict[bytes, tuple[bytes, bytes]] = {}
        self._started = time.monotonic() - 1000

    def to(self, question: bytes, address: bytes) -> bytes:
        """The answer of the engine at an address (4 octets)."""
        outer = ber.item(question, 0, len(question))
        _, head, security, data = ber.items(question, outer)
        number_of = ber.item(question, head.start, head.end)
        numbered = question[head.start : number_of.end]
        parts = list(ber.items(question, ber.item(question, security.start, security.end)))
        user, salt = (question[parts[at].start : parts[at].end] for at in (3, 5))
        engine = b"\x80\x00\x00\x09\x01" + address
        if parts[0].start == parts[0].end:
            return self._introduced(engine, numbered)
        clock = [ber.number(question, parts[at]) for at in (1, 2)]
        plain = self._ciphered(
            engine, (clock[0], clock[1], salt), question[data.start : data.end], "decryptor"
        )
        return self._sealed(engine, user, numbered, self._answered(engine, plain))

    def _introduced(self, engine: bytes, numbered: bytes) -> bytes:
        pairs = tlv(0x30, tlv(0x30, _UNKNOWN_ENGINES))
        pdu = tlv(_REPORT, number(0) * 3 + pairs)
        scoped = tlv(0x30, tlv(0x04, engine) + tlv(0x04, b"") + pdu)
        return self._message(engine, numbered, (b"", b"", b""), scoped)

    def _answered(self, engine: bytes, scoped: bytes) -> bytes:
        _, context, pdu = ber.items(scoped, ber.item(scoped, 0, len(scoped)))
        asked = scoped[context.end : pdu.end]
        said = self._respond(tlv(0x30, number(1) + tlv(0x04, b"public") + asked))
        _, community, _ = ber.items(said, ber.item(said, 0, len(said)))
        return tlv(0x30, tlv(0x04, engine) + tlv(0x04, b"") + said[community.end :])

    def _sealed(self, engine: bytes, user: bytes, numbered: bytes, scoped: bytes) -> bytes:
        salt, now = secrets.token_bytes(8), self._now()
        data = tlv(0x04, self._ciphered(engine, (BOOTS, now, salt), scoped, "encryptor"))
        blank = self._message(engine, numbered, (user, b"\0" * _SIGNED, salt), data, now)
        signed = hmac.digest(self._localised(engine)[0], blank, "sha256")[:_SIGNED]
        place = blank.index(b"\0" * _SIGNED)
        return blank[:place] + signed + blank[place + _SIGNED :]

    def _message(
        self,
        engine: bytes,
        numbered: bytes,
        said: tuple[bytes, bytes, bytes],
        data: bytes,
        now: int | None = None,
    ) -> bytes:
        """`said`: user, signature, salt; without a user nothing is signed or hidden."""
        flags = b"\x03" if said[0] else b"\0"
        head = tlv(0x30, numbered + number(65_507) + tlv(0x04, flags) + number(3))
        clock = number(BOOTS) + number(self._now() if now is None else now)
        about = tlv(0x04, engine) + clock + b"".join(tlv(0x04, one) for one in said)
        return tlv(0x30, number(3) + head + tlv(0x04, tlv(0x30, about)) + data)

    def _ciphered(
        self, engine: bytes, start: tuple[int, int, bytes], data: bytes, way: str
    ) -> bytes:
        boots, now, salt = start
        mode = CFB(struct.pack(">II", boots, now) + salt)
        worker = getattr(Cipher(AES(self._localised(engine)[1][:16]), mode), way)()
        done: bytes = worker.update(data) + worker.finalize()
        return done

    def _localised(self, engine: bytes) -> tuple[bytes, bytes]:
        if engine not in self._keys:
            auth, priv = (hashlib.sha256(key + engine + key).digest() for key in self._masters)
            self._keys[engine] = auth, priv
        return self._keys[engine]

    def _now(self) -> int:
        return int(time.monotonic() - self._started)
