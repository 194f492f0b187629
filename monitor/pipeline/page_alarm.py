"""Critical pages while the store takes nothing: told from memory, and once more by the queue later.

Turns of pages are committed with the finding they come from, so a store that is away would hold
back every page. What it has refused for a few seconds is told directly, under the same key.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.domain.findings import FindingKey, Severity
from monitor.domain.page import Action, Notice, Page
from monitor.domain.records import Batch
from monitor.domain.silences import Silence
from monitor.errors import DeliveryError
from monitor.pipeline.page_plan import Ear, plan
from monitor.pipeline.sending import Sender

_EVERY: Final = 5.0
"""Seconds between looks; a commit that is refused for less is no outage."""
_MOST: Final = 100
"""Pages at once by a channel that knows no storms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A page as it stood at its last turn that is not on disk."""

    page: Page
    since: float


class Alarm:
    """Holds turns that the store has refused until it takes them; used on the loop."""

    def __init__(
        self,
        senders: Sequence[Sender],
        clock: Callable[[], float],
        silences: Callable[[], Sequence[Silence]],
    ) -> None:
        self._senders = [one for one in senders if not one.route.shadow]
        self._clock = clock
        self._silences = silences
        self._held: dict[FindingKey, _Held] = {}
        self._told: dict[tuple[str, FindingKey], Notice] = {}

    def refused(self, batch: Batch) -> None:
        """Hear of what the store has not taken."""
        for page in batch.pages:
            before = self._held.get(page.key)
            since = self._clock() if before is None else before.since
            self._held[page.key] = _Held(page=page, since=since)

    def committed(self, batch: Batch) -> None:
        """Hear of what it took: the queue tells these."""
        for page in batch.pages:
            held = self._held.get(page.key)
            if held is not None and held.page == page:
                del self._held[page.key]
                for sender in self._senders:
                    self._told.pop((sender.route.name, page.key), None)

    async def run(self) -> None:
        """Tell what is held, until cancelled."""
        while True:
            await asyncio.sleep(_EVERY)
            await self.round()

    async def round(self) -> None:
        """Tell every channel once what it does not know."""
        await asyncio.gather(*(self._tell(one) for one in self._senders))

    async def _tell(self, sender: Sender) -> None:
        """Stops at the first that is not taken; the next round tries again."""
        for notice in self._due(sender):
            key = (sender.route.name, notice.finding)
            try:
                await sender.tell_now(notice)
            except DeliveryError as error:
                if not error.final:
                    return
            if notice.action is Action.TRIGGER:
                self._told[key] = notice
            else:
                self._told.pop(key, None)

    def _due(self, sender: Sender) -> Sequence[Notice]:
        now = self._clock()
        ear = Ear(
            channel=sender.route.name,
            severities=sender.route.severities & {Severity.CRITICAL},
            now=now,
            silences=self._silences(),
        )
        waited = [one.page for one in self._held.values() if one.since <= now - _EVERY]
        notices = [found for page in waited for found in self._next(ear, page)]
        storm = sender.route.storm
        return notices[: _MOST if storm is None else storm.most]

    def _next(self, ear: Ear, page: Page) -> Sequence[Notice]:
        last = self._told.get((ear.channel, page.key))
        return plan(ear, (), [page], {} if last is None else {page.id: last})
