"""Notes what an acknowledged report held, in the commit that brings its acknowledgement."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from monitor.domain.facts import Fact, FactKey, FactKind, FactName
from monitor.domain.records import Batch
from monitor.evaluate.evidence import Sheet, instant, newest, of_this_instance, sheet_of
from monitor.evaluate.usage import in_use
from monitor.pipeline.presence import OWN

KnownFacts = Callable[[str], Mapping[FactKey, Fact]]


class Acknowledgements:
    """A report holds what was counted when it left; the counts known before then are it.

    An acknowledgement of a report that left before the first count was heard says nothing.
    """

    def __init__(self, sheet: KnownFacts) -> None:
        self._sheet = sheet

    def noted(self, batch: Batch) -> Batch:
        """The batch with the counts of each report that its facts say was acknowledged."""
        new = [one for fact in batch.facts if _acknowledges(fact) for one in self._new(fact, batch)]
        return replace(batch, facts=[*batch.facts, *new]) if new else batch

    def _new(self, ack: Fact, batch: Batch) -> Iterator[Fact]:
        known = of_this_instance(sheet_of(self._sheet(ack.subject).values()))
        at, before = instant(ack), newest(known.of(FactName.LAST_ACK))
        if at is None or at <= (instant(before) or 0.0):
            return
        left = _left(
            at, [*known.facts, *(one for one in batch.facts if one.subject == ack.subject)]
        )
        counts = in_use(Sheet(tuple(one for one in known.facts if one.effective <= left)))
        for tag, count in counts.items():
            yield Fact(
                subject=ack.subject,
                name=FactName.ACKNOWLEDGED_COUNT,
                source=OWN,
                value=count,
                kind=FactKind.DERIVED,
                received=ack.received,
                effective=at,
                key=tag,
            )


def _acknowledges(fact: Fact) -> bool:
    return fact.name is FactName.LAST_ACK and fact.authenticated


def _left(at: float, facts: Iterable[Fact]) -> float:
    """When the report that was acknowledged at `at` left the device."""
    pushes = (instant(fact) for fact in facts if fact.name is FactName.LAST_PUSH)
    return max((push for push in pushes if push is not None and push <= at), default=at)
