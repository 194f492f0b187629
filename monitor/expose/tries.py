"""Wrong tokens counted by where they come from: past a bound nobody there tries another one."""

import ipaddress
from collections import OrderedDict
from typing import Final, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

_MOST: Final = 60.0
"""Wrong tokens at once from one place."""
_RATE: Final = 0.2
"""And so many a second after that."""
_PLACES: Final = 10_000
"""So many places are remembered, those that tried last."""
_KNOWN: Final = 10_000


class Tries:
    """`now`: seconds of a monotonic clock. Bounded in memory, whoever tries.

    A token that was good from a place stays good there: somebody who guesses through the same
    proxy shuts out nobody who works already.
    """

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Place -> tries left, as of when."""
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def wait(self, client: str, now: float) -> float:
        """Seconds until another token may be tried from there; 0 where one may be now."""
        return max(0.0, (1.0 - self._at(place(client), now)) / _RATE)

    def wrong(self, client: str, now: float) -> None:
        """A token that nobody has was shown."""
        where = place(client)
        self._left[where] = (self._at(where, now) - 1.0, now)
        _keep_last(self._left, where, _PLACES)

    def good(self, client: str, name: str) -> None:
        """The token of that name was shown."""
        one = (place(client), name)
        self._known[one] = None
        _keep_last(self._known, one, _KNOWN)

    def knows(self, client: str, name: str) -> bool:
        """Whether the token of that name was good from there before."""
        return (place(client), name) in self._known

    def _at(self, where: str, now: float) -> float:
        left, before = self._left.get(where, (_MOST, now))
        return min(_MOST, left + (now - before) * _RATE)


def place(client: str) -> str:
    """An IPv4 address, or the network of 64 bits that one customer has of IPv6."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address):
        return client
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((int(address), 64), strict=False))


def _keep_last(known: OrderedDict[Key, Value], key: Key, most: int) -> None:
    known.move_to_end(key)
    while len(known) > most:
        known.popitem(last=False)
