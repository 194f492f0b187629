"""Reads the accounts of CSSM or SSM On-Prem over and over, page by page."""

import logging
import random
import secrets
from collections.abc import Callable
from typing import Final

from monitor.collect.clock import Clock, SystemClock
from monitor.collect.cssm.calls import Asked, call
from monitor.collect.cssm.config import CssmConfig, Question
from monitor.collect.cssm.door import FORBIDDEN, REFUSED, Door, Tokens, entries_of, opened
from monitor.collect.cssm.schedule import (
    first_wait,
    wait_after_failure,
    wait_after_refusal,
    wait_after_success,
)
from monitor.collect.https import AnswerError
from monitor.instrument import Instruments
from monitor.wire import CssmInventory, Intake

logger = logging.getLogger(__name__)

_OK: Final = "ok"
_ANSWERS: Final = 4
"""A question may come to so many times the cap of one answer."""


class CssmPoller:
    """Asks its questions until cancelled."""

    def __init__(
        self,
        config: CssmConfig,
        instruments: Instruments,
        *,
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._config = config
        self._count = instruments.cssm.calls
        self._clock = SystemClock() if clock is None else clock
        self._chance = chance
        self._tokens = Tokens(config, self._clock)
        self._answered = False
        """Something was told in the last round."""

    async def run(self, intake: Intake) -> None:
        """Ask until cancelled."""
        failures = 0
        await self._clock.sleep(first_wait(self._config.pace, self._chance()))
        while True:
            broken = await self.round(intake)
            failures = 0 if broken is None else failures + 1
            await self._clock.sleep(self._wait(broken, failures))

    def _wait(self, broken: AnswerError | None, failures: int) -> float:
        pace, chance = self._config.pace, self._chance()
        if broken is None or (broken.result == FORBIDDEN and self._answered):
            return wait_after_success(pace, chance)
        if broken.result in {REFUSED, FORBIDDEN}:
            return wait_after_refusal(pace, failures, chance)
        return wait_after_failure(pace, failures, chance, broken.wait)

    async def round(self, intake: Intake) -> AnswerError | None:
        """Ask every question once; why the last one that failed did. None is lost for another."""
        broken: AnswerError | None = None
        self._answered = False
        for question in self._config.questions:
            try:
                inventory = await self._asked(question)
            except AnswerError as error:
                logger.warning("CSSM did not tell %s: %s", question, error)
                self._count.labels(result=error.result).inc()
                broken = error
                if error.result == REFUSED:
                    break
                continue
            self._answered = True
            await intake.cssm([inventory])
        return broken

    async def _asked(self, question: Question) -> CssmInventory:
        at = self._clock.now()
        async with opened(self._config, self._tokens) as door:
            pages = await self._pages(door, question)
        return CssmInventory(
            origin=f"{self._config.url} {question.value}",
            received=self._clock.now(),
            effective=at,
            payload=b"[" + b",".join(pages) + b"]",
            account=self._only_account(),
            smart_account=self._config.smart_account,
            accounts=() if question is Question.SUMMARY else self._config.virtual_accounts,
        )

    def _only_account(self) -> str:
        accounts = self._config.virtual_accounts
        return accounts[0] if len(accounts) == 1 else ""

    async def _pages(self, door: Door, question: Question) -> list[bytes]:
        """All pages; half a list must not pass for a whole one, so any failure fails them all."""
        config = self._config
        asked = Asked(
            smart_account=config.smart_account,
            virtual_accounts=config.virtual_accounts,
            limit=config.page,
        )
        pages: list[bytes] = []
        offset, size = 0, 0
        while len(pages) < config.pages:
            nonce = secrets.token_hex(16)
            one = call(question, asked, offset=offset, now=self._clock.now(), nonce=nonce)
            page = await door.read(one)
            self._count.labels(result=_OK).inc()
            found, total = entries_of(page, one.entries)
            if found and pages and page == pages[-1]:
                return _all_at_once(pages, found, config.page)
            pages.append(page)
            offset, size = offset + found, size + len(page)
            if size > _ANSWERS * config.body_cap:
                raise AnswerError("too_long", f"over {_ANSWERS * config.body_cap} bytes in all")
            # A server may give fewer than asked for: only an empty page, or its total, is the end.
            if not one.paged or not found or (total is not None and offset >= total):
                return pages
        raise AnswerError("too_many_pages", f"over {config.pages} pages")


def _all_at_once(pages: list[bytes], found: int, limit: int) -> list[bytes]:
    """Some servers take no notice of the offset: that is the end where all fitted into one page."""
    if len(pages) > 1 or found >= limit:
        raise AnswerError("paging_stuck", "two pages are the same")
    return pages
