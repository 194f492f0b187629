"""Routers whose second processor was seen once: that it is gone later is news, not nature."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from monitor.domain.facts import Fact, FactKey, FactKind, FactName
from monitor.domain.instants import DAY
from monitor.domain.records import Batch
from monitor.evaluate.redundancy import names_processor
from monitor.pipeline.presence import OWN

_AGAIN: Final = DAY
"""It is noted again after so long, so that it is known of a router that was replaced, too."""


class Partners:
    """Notes, in the commit that brings it, that a router has a second processor."""

    def __init__(self, sheet: Callable[[str], Mapping[FactKey, Fact]]) -> None:
        self._sheet = sheet

    def noted(self, batch: Batch) -> Batch:
        """The batch with a note for each router whose second processor was not noted lately."""
        seen = {
            fact.subject: fact
            for fact in batch.facts
            if names_processor(fact) and not self._is_noted(fact)
        }
        if not seen:
            return batch
        return replace(batch, facts=[*batch.facts, *(_note(fact) for fact in seen.values())])

    def _is_noted(self, fact: Fact) -> bool:
        key = FactKey(fact.subject, FactName.HA_PAIRED, "", OWN)
        known = self._sheet(fact.subject).get(key)
        return known is not None and abs(known.effective - fact.effective) < _AGAIN


def _note(fact: Fact) -> Fact:
    return replace(fact, name=FactName.HA_PAIRED, value=True, source=OWN, kind=FactKind.DERIVED)
