"""Credentials that rest after a refusal, so that no account is locked across the fleet."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from monitor.collect.ssh.config import Credential
from monitor.collect.ssh.schedule import Pace, rest_after_refusal

HOLD: Final = 5.0
"""Seconds a login may keep others with the same credential waiting for its outcome."""


@dataclass(slots=True, kw_only=True)
class _Entry:
    credential: Credential
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    refusals: int = 0
    rests_until: float = 0.0


class Loan:
    """One use of a credential: asked for once, when the device wants to see it."""

    def __init__(self, desk: "CredentialDesk", entry: _Entry) -> None:
        self._desk = desk
        self._entry = entry
        self._held = False
        self.asked = False
        """The device wanted to see the credential."""
        self.used = False
        """It was shown."""

    @property
    def credential(self) -> Credential:
        """What was lent."""
        return self._entry.credential

    @property
    def withheld(self) -> bool:
        """It rests: no device may see it now."""
        return self._desk.now() < self._entry.rests_until

    async def show(self) -> bool:
        """Wait for the turn; False where it rests by then, or was asked for before.

        Logins with one credential go one after the other, so that a wrong password is tried on one
        device and not on all; a login that hangs keeps the others waiting for `HOLD` at most.
        """
        if self.asked:
            return False
        self.asked = True
        await self._entry.turn.acquire()
        self._held = True
        asyncio.get_running_loop().call_later(HOLD, self.done)
        self.used = not self.withheld
        return self.used

    def accepted(self) -> None:
        """The login went well."""
        self._entry.refusals = 0
        self._entry.rests_until = 0.0
        self.done()

    def refused(self) -> float:
        """The login was refused: the credential rests; seconds of rest come back."""
        self._entry.refusals += 1
        rest = rest_after_refusal(self._desk.pace, self._entry.refusals)
        self._entry.rests_until = self._desk.now() + rest
        self.done()
        return rest

    def done(self) -> None:
        """Let the next one try; may be called again."""
        if self._held:
            self._held = False
            self._entry.turn.release()


class CredentialDesk:
    """Every credential with its rest. `now` is a monotonic clock in seconds."""

    def __init__(
        self, credentials: Mapping[str, Credential], pace: Pace, now: Callable[[], float]
    ) -> None:
        self._entries = {
            name: _Entry(credential=credential) for name, credential in credentials.items()
        }
        self.pace = pace
        self.now = now

    def rest_left(self, name: str) -> float:
        """Seconds the credential still rests, 0 where it may be used."""
        return max(0.0, self._entries[name].rests_until - self.now())

    def lend(self, name: str) -> Loan:
        """A credential for one session."""
        return Loan(self, self._entries[name])

    @property
    def resting(self) -> dict[str, float]:
        """Names of resting credentials and the seconds left."""
        return {name: self.rest_left(name) for name in self._entries if self.rest_left(name)}
