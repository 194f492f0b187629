"""Notifications of version 3: who may speak is decided here, pysnmp proves and decrypts.

A sender that is its own authority (traps) is known by its engine id. A user is admitted under a new
one when a message of it turns out to be authentic, so that nobody has to write engine ids down.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from monitor.collect.snmp.login import Login
from monitor.collect.snmp.message import Envelope, usable_engine_id
from monitor.collect.snmp.session import Heard, Prover
from monitor.errors import ParseError

MOST_ENGINES: Final = 10_000
_WINDOW: Final = 150
"""Seconds, of RFC 3414."""


@dataclass(slots=True)
class _Seen:
    boots: int
    time: int
    at: float


@dataclass(slots=True)
class Version3:
    """Hears messages of version 3; raises ParseError with the reason where one is refused."""

    users: Mapping[bytes, Login]
    prover: Prover
    monotonic: Callable[[], float] = time.monotonic
    _seen: dict[tuple[bytes, bytes], _Seen] = field(default_factory=dict)

    def hear(self, data: bytes, envelope: Envelope, sender: tuple[str, int]) -> Sequence[Heard]:
        """Notifications in the message: one, or none where it was a question about our engine."""
        if not usable_engine_id(envelope.engine_id):
            # RFC 3414, section 4: a sender of informs asks for our engine id first.
            if envelope.level > 1 or envelope.engine_id:
                raise ParseError("engine_id")
            return self.prover.hear(data, sender)
        login = self.users.get(envelope.user)
        if login is None:
            raise ParseError("user")
        if envelope.level != login.level:
            raise ParseError("level")
        if envelope.engine_id == self.prover.engine_id:
            return self.prover.hear(data, sender)
        return self._of_its_own_authority(data, envelope, login, sender)

    def _of_its_own_authority(
        self, data: bytes, envelope: Envelope, login: Login, sender: tuple[str, int]
    ) -> Sequence[Heard]:
        known = (envelope.engine_id, envelope.user)
        new = known not in self._seen
        if new:
            if len(self._seen) >= MOST_ENGINES:
                raise ParseError("too_many_engines")
            self.prover.admit(login, envelope.engine_id)
        elif self._is_old(envelope, self._seen[known]):
            raise ParseError("replayed")
        heard = self.prover.hear(data, sender)
        if not heard:
            if new:
                self.prover.dismiss(login, envelope.engine_id)
            raise ParseError("not_authentic")
        self._seen[known] = _Seen(envelope.boots, envelope.time, self.monotonic())
        return heard

    def _is_old(self, envelope: Envelope, seen: _Seen) -> bool:
        if envelope.boots != seen.boots:
            return envelope.boots < seen.boots
        return envelope.time < seen.time + (self.monotonic() - seen.at) - _WINDOW
