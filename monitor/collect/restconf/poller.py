"""The RESTCONF poller: each device on its own schedule, none delayed by another."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import Final

from monitor.collect.clock import Clock, SystemClock
from monitor.collect.https import AnswerError
from monitor.collect.restconf.config import RestconfConfig, RestconfTarget
from monitor.collect.restconf.door import Door, opened
from monitor.collect.restconf.schedule import (
    first_wait,
    wait_after_failure,
    wait_after_refusal,
    wait_after_success,
)
from monitor.collect.roster import Roster
from monitor.collect.secret import CredentialRests
from monitor.domain.yang import About, Origin, YangPath, expected, path_of
from monitor.errors import ConfigError
from monitor.instrument import Instruments
from monitor.wire import (
    Intake,
    LoginOutcome,
    LoginSink,
    TelemetryNotification,
    YangElements,
    nobody,
)

logger = logging.getLogger(__name__)

MANNER: Final = "restconf"
_OK: Final = "ok"
_REFUSED: Final = "login_refused"


def _nothing(device: str) -> About:
    del device
    return About()


class RestconfPoller:
    """Polls `targets` (device id -> how to reach it) until cancelled.

    Raises ConfigError where a target names a credential that is not there.
    """

    def __init__(
        self,
        *,
        config: RestconfConfig,
        targets: Mapping[str, RestconfTarget],
        instruments: Instruments,
        about: Callable[[str], About] = _nothing,
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        check_targets(config, targets)
        self._config = config
        self._targets = dict(targets)
        self._roster = Roster()
        self._instruments = instruments
        self._about = about
        self._clock = SystemClock() if clock is None else clock
        self._chance = chance
        self.logins: LoginSink = nobody
        """Is told how each device takes its credential."""
        self._pace = config.pace
        self._paths = [path_of(path) for path in config.paths]
        self._rests = CredentialRests()
        self._sessions = asyncio.Semaphore(config.sessions)

    async def run(self, intake: Intake) -> None:
        """Poll until cancelled."""
        await self._roster.run(self._targets, lambda device: self._watch(device, intake))

    async def leave(self, targets: Mapping[str, RestconfTarget]) -> None:
        """Stop polling devices that are not among `targets`, or are reached otherwise there."""
        gone = [name for name, one in self._targets.items() if targets.get(name) != one]
        await self._roster.leave(gone)
        for device in gone:
            del self._targets[device]

    def join(self, targets: Mapping[str, RestconfTarget]) -> None:
        """Poll those of `targets` that are not polled yet; the others go on undisturbed."""
        for device in targets.keys() - self._targets.keys():
            self._targets[device] = targets[device]
            self._roster.join(device)

    async def _watch(self, device: str, intake: Intake) -> None:
        failures = 0
        await self._clock.sleep(first_wait(self._pace, self._chance()))
        while True:
            result = await self.poll(device, intake)
            failures = 0 if result == _OK else failures + 1
            await self._clock.sleep(self._wait(result, failures))

    def _wait(self, result: str, failures: int) -> float:
        chance = self._chance()
        if result == _OK:
            return wait_after_success(self._pace, chance)
        if result == _REFUSED:
            return wait_after_refusal(self._pace, failures, chance)
        return wait_after_failure(self._pace, failures, chance)

    async def poll(self, device: str, intake: Intake) -> str:
        """Ask one device everything; what it answered is handed on, also where it broke off."""
        updates: list[tuple[YangElements, bytes]] = []
        async with self._sessions:
            try:
                await self._ask(device, updates)
                result = _OK
            except AnswerError as error:
                self._rest(device, error)
                logger.warning("poll of %s over RESTCONF failed: %s", device, error)
                result = error.result
        self._instruments.polls.labels(MANNER, result).inc()
        if updates:
            await intake.telemetry([self._told(device, updates, whole=result == _OK)])
        return result

    async def _ask(self, device: str, updates: list[tuple[YangElements, bytes]]) -> None:
        target, about = self._targets[device], self._about(device)
        login = self._config.credentials[target.credential]
        if self._rests.left(target.credential, device, self._clock.now()):
            raise AnswerError("credential_resting", "another device refused it")
        paths = expected(self._paths, about)
        async with opened(target, login, self._config) as door:
            broken: AnswerError | None = None
            for path in paths:
                broken = await self._ask_one(door, path, updates) or broken
        self._rests.accepted(target.credential, device)
        self._tell(device, refused=False)
        if broken is not None:
            raise broken

    def _rest(self, device: str, error: AnswerError) -> None:
        if error.result == _REFUSED:
            until = self._clock.now() + self._pace.refused_first
            self._rests.refused(self._targets[device].credential, device, until)
            self._tell(device, refused=True)

    def _tell(self, device: str, *, refused: bool) -> None:
        name, now = self._targets[device].credential, self._clock.now()
        self.logins(
            LoginOutcome(device=device, manner=MANNER, credential=name, refused=refused, at=now)
        )

    async def _ask_one(
        self, door: Door, path: YangPath, updates: list[tuple[YangElements, bytes]]
    ) -> AnswerError | None:
        try:
            body = await door.get(path)
        except AnswerError as error:
            # One path that a device chokes on must not cost the others.
            if error.result in {"bad_status", "too_long", "not_json"}:
                return error
            raise
        if body:
            # The body names what was asked for once more: it stands below the parent.
            parent = path.named(Origin.RFC7951)[:-1]
            updates.append((tuple((name, ()) for name in parent), body))
        return None

    def _told(
        self, device: str, updates: list[tuple[YangElements, bytes]], *, whole: bool
    ) -> TelemetryNotification:
        return TelemetryNotification(
            device=device,
            source=MANNER,
            received=self._clock.now(),
            authenticated=True,
            updates=updates,
            begins=True,
            synced=whole,
        )


def check_targets(config: RestconfConfig, targets: Mapping[str, RestconfTarget]) -> None:
    """Raise ConfigError where a device names a credential that is not configured."""
    for device, target in targets.items():
        if target.credential not in config.credentials:
            known = ", ".join(sorted(config.credentials)) or "none is configured"
            raise ConfigError(
                f"device {device}: no RESTCONF credential named {target.credential!r}"
                f" (known: {known})"
            )
