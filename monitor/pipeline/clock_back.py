"""What is heard after our clock was set back is newer than what was stamped before that."""

from collections.abc import Callable
from dataclasses import replace
from math import inf, nextafter
from typing import Final

from monitor.domain.facts import Fact, FactKey
from monitor.domain.instants import MINUTE
from monitor.domain.records import Batch

OFF: Final = 5 * MINUTE
"""What is stamped so far ahead of our clock was stamped by a clock that has been set back."""

Filed = Callable[[FactKey], Fact | None]


class ClockBack:
    """Lifts a fact of now over the filed one of its key, where that one is of the future.

    Folding takes the newer of two facts, in any order. Without this, all that is heard after the
    clock was set back would count as old until the clock is there again. The reception stays as
    it was; what is replayed from a queue (its own time is not now) is not lifted.
    """

    def __init__(self, filed: Filed, clock: Callable[[], float]) -> None:
        self._filed = filed
        self._clock = clock

    def lifted(self, batch: Batch) -> Batch:
        """The batch with those facts after what they follow."""
        now = self._clock()
        lifted: dict[FactKey, Fact] = {}
        facts = []
        for fact in batch.facts:
            filed = lifted.get(fact.filed) or self._filed(fact.filed)
            if filed is not None and _is_newer(fact, filed, now):
                effective = nextafter(filed.effective, inf)
                fact = lifted[fact.filed] = replace(fact, effective=effective)  # noqa: PLW2901 - it is the same fact
            facts.append(fact)
        return replace(batch, facts=facts) if lifted else batch


def _is_newer(fact: Fact, filed: Fact, now: float) -> bool:
    is_now = abs(fact.received - now) <= OFF and abs(fact.effective - now) <= OFF
    return is_now and filed.effective > now + OFF
