"""The poller: each device on its own schedule, none delayed by another."""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from monitor.collect.clock import Clock, SystemClock
from monitor.collect.roster import Roster
from monitor.collect.snmp.config import SnmpConfig, SnmpTarget
from monitor.collect.snmp.failure import VisitError, VisitResult
from monitor.collect.snmp.login import Login
from monitor.collect.snmp.plan import Memory
from monitor.collect.snmp.session import Peer, Session
from monitor.collect.snmp.visit import Visit
from monitor.errors import ConfigError
from monitor.instrument import Instruments
from monitor.wire import Intake, LoginOutcome, LoginSink, SnmpReport, nobody

MANNER: Final = "snmp"
_JITTER: Final = 0.1
_MOST_DOUBLINGS: Final = 20
_LOGIN_SECONDS: Final = 60.0
"""How long a secret that was read is used before it is read again."""
logger = logging.getLogger(__name__)


class SnmpPoller:
    """Polls `targets` (device id -> how to reach it) until cancelled.

    Raises ConfigError where a target names a credential that is not there.
    """

    def __init__(
        self,
        *,
        config: SnmpConfig,
        targets: Mapping[str, SnmpTarget],
        instruments: Instruments,
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._config = config
        self._targets = dict(targets)
        self._roster = Roster()
        self._instruments = instruments
        self._clock = SystemClock() if clock is None else clock
        self._chance = chance
        self.logins: LoginSink = nobody
        """Is told how each device takes its credential."""
        self._visits = asyncio.Semaphore(config.visits)
        self._memory = {device: Memory() for device in targets}
        self._peers: dict[str, Peer] = {}
        self._logins: dict[str, tuple[float, Login]] = {}
        check_targets(config, targets)

    async def run(self, intake: Intake) -> None:
        """Poll until cancelled."""
        with Session() as session:
            await self._roster.run(
                self._targets, lambda device: self._watch(device, session, intake)
            )

    async def leave(self, targets: Mapping[str, SnmpTarget]) -> None:
        """Stop polling devices that are not among `targets`, or are reached otherwise there."""
        gone = [name for name, one in self._targets.items() if targets.get(name) != one]
        await self._roster.leave(gone)
        for device in gone:
            del self._targets[device], self._memory[device]
            self._peers.pop(device, None)

    def join(self, targets: Mapping[str, SnmpTarget]) -> None:
        """Poll those of `targets` that are not polled yet; the others go on undisturbed."""
        for device in targets.keys() - self._targets.keys():
            self._targets[device] = targets[device]
            self._memory[device] = Memory()
            self._roster.join(device)

    async def _watch(self, device: str, session: Session, intake: Intake) -> None:
        await self._clock.sleep(self._config.spread * self._chance())
        while True:
            await self.visit(device, session, intake)
            await self._clock.sleep(self._wait(self._memory[device]))

    def _wait(self, memory: Memory) -> float:
        if not memory.failures:
            due = min(memory.calls_due, memory.state_due)
            return max(0.0, due - self._clock.monotonic())
        doublings = min(memory.failures - 1, _MOST_DOUBLINGS)
        longest = min(self._config.retry_longest, self._config.retry_first * 2.0**doublings)
        return longest * (1 - 0.5 * self._chance())

    async def visit(self, device: str, session: Session, intake: Intake) -> VisitResult:
        """Ask what is due; what came back is committed even where the rest failed."""
        async with self._visits:
            with self._instruments.poll_seconds.labels(manner=MANNER).time():
                result, reports = await self._asked(device, session)
        memory = self._memory[device]
        memory.failures = 0 if result is VisitResult.OK else memory.failures + 1
        self._instruments.polls.labels(manner=MANNER, result=result.value).inc()
        self._tell(device, result)
        if reports:
            await intake.snmp(reports)
        return result

    def _tell(self, device: str, result: VisitResult) -> None:
        # An agent that knows no such community keeps silent: only version 3 says that it refuses.
        if result not in {VisitResult.OK, VisitResult.LOGIN_REFUSED}:
            return
        self.logins(
            LoginOutcome(
                device=device,
                manner=MANNER,
                credential=self._targets[device].credential,
                refused=result is VisitResult.LOGIN_REFUSED,
                at=self._clock.now(),
            )
        )

    async def _asked(self, device: str, session: Session) -> tuple[VisitResult, list[SnmpReport]]:
        reports: list[SnmpReport] = []
        try:
            async with asyncio.timeout(self._config.budget):
                await self._questions(device, session, reports)
        except TimeoutError:
            return VisitResult.TIMEOUT, reports
        except VisitError as error:
            logger.info("poll failed: %s", error, extra={"device": device, "manner": MANNER})
            # Its name may have another address by now.
            self._peers.pop(device, None)
            return error.result, reports
        return VisitResult.OK, reports

    async def _questions(self, device: str, session: Session, reports: list[SnmpReport]) -> None:
        memory, at = self._memory[device], self._clock.monotonic()
        visit = Visit(
            device=device,
            session=session,
            peer=await self._peer(device, session),
            memory=memory,
            now=self._clock.now,
            at=at,
        )
        config = self._config
        # Calls first: they are gone after a minute.
        if memory.calls_due <= at:
            await _into(reports, visit.calls())
            memory.calls_due = at + config.calls_interval * (1 - _JITTER * self._chance())
        if memory.state_due <= at:
            await _into(reports, visit.state())
            memory.state_due = at + config.interval * (1 - _JITTER * self._chance())
            if memory.identity_due <= at:
                memory.identity_due = at + config.identity_interval

    async def _peer(self, device: str, session: Session) -> Peer:
        target = self._targets[device]
        login = self._login(target.credential)
        known = self._peers.get(device)
        if known is None or known.login is not login:
            known = self._peers[device] = await session.peer(
                target.host,
                target.port,
                login,
                patience=self._config.timeout,
                retries=self._config.retries,
            )
        return known

    def _login(self, name: str) -> Login:
        now = self._clock.monotonic()
        read, known = self._logins.get(name, (-_LOGIN_SECONDS, None))
        if known is not None and now - read < _LOGIN_SECONDS:
            return known
        try:
            login = self._config.credentials[name].login()
        except ConfigError as error:
            raise VisitError(VisitResult.CREDENTIAL_UNREADABLE, str(error)) from error
        # The same secret stays the same login, so that devices keep their addresses.
        kept = login if known is None or login != known else known
        self._logins[name] = (now, kept)
        return kept


async def _into(reports: list[SnmpReport], answer: Coroutine[Any, Any, SnmpReport]) -> None:
    report = await answer
    if report.varbinds:
        reports.append(report)


def check_targets(config: SnmpConfig, targets: Mapping[str, SnmpTarget]) -> None:
    """Raise ConfigError where a target names a credential that is not there."""
    for device, target in targets.items():
        if target.credential not in config.credentials:
            known = ", ".join(sorted(config.credentials)) or "none"
            raise ConfigError(
                f"device {device!r}: snmp.credential {target.credential!r} is not among the"
                f" credentials of the snmp collector ({known})"
            )
