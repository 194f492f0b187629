"""How fast each sender may speak: a bucket per address, few addresses remembered."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

_BURST: Final = 10.0
"""Seconds of the rate that may come at once."""
_MOST_SENDERS: Final = 20_000


class Rates:
    """Token buckets by address. `per_second` messages each."""

    def __init__(self, per_second: float, monotonic: Callable[[], float]) -> None:
        self._per_second = per_second
        self._most = per_second * _BURST
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, address: str) -> bool:
        """Take one of the address's tokens; False where none is left."""
        now = self._monotonic()
        left, then = self._buckets.pop(address, (self._most, now))
        left = min(self._most, left + (now - then) * self._per_second)
        allowed = left >= 1
        self._buckets[address] = (left - allowed, now)
        if len(self._buckets) > _MOST_SENDERS:
            self._buckets.popitem(last=False)
        return allowed
