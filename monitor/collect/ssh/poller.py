"""The poller: each device on its own schedule, none delayed by another."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import asyncssh

from monitor.collect.ssh.config import SshConfig, SshTarget
from monitor.collect.ssh.credentials import CredentialDesk
from monitor.collect.ssh.failure import PollError, PollResult
from monitor.collect.ssh.hostkeys import HostKeys
from monitor.collect.ssh.schedule import (
    first_wait,
    wait_after_failure,
    wait_after_refusal,
    wait_after_success,
)
from monitor.collect.ssh.session import Door, open_shell, taken
from monitor.errors import ConfigError
from monitor.instrument import Instruments
from monitor.wire import Intake, ShowCapture

MANNER: Final = "ssh"
_GOODBYE: Final = 2.0
logger = logging.getLogger(__name__)


class Clock(Protocol):
    """Time as the poller needs it."""

    def now(self) -> float:
        """Seconds since 1970 UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SshPoller:
    """Polls `targets` (device id -> how to reach it) until cancelled.

    `deadline_of` tells the acknowledgement deadline of a device in seconds since 1970 UTC, None
    where none is known. Raises ConfigError where a target names a credential that is not there.
    """

    def __init__(
        self,
        *,
        config: SshConfig,
        targets: Mapping[str, SshTarget],
        instruments: Instruments,
        deadline_of: Callable[[str], float | None],
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._config = config
        self._targets = targets
        self._instruments = instruments
        self._deadline_of = deadline_of
        self._clock = SystemClock() if clock is None else clock
        self._chance = chance
        self._pace = config.pace
        self._sessions = asyncio.Semaphore(config.sessions)
        self._host_keys = HostKeys(config.known_hosts)
        self._desk = CredentialDesk(config.credentials, self._pace, self._clock.monotonic)
        check_targets(config, targets)

    @property
    def resting(self) -> dict[str, float]:
        """Names of credentials that rest after a refused login, and the seconds left."""
        return self._desk.resting

    async def run(self, intake: Intake) -> None:
        """Poll until cancelled."""
        async with asyncio.TaskGroup() as group:
            for device in self._targets:
                group.create_task(self._watch(device, intake))

    async def _watch(self, device: str, intake: Intake) -> None:
        failures = 0
        await self._clock.sleep(first_wait(self._pace, self._chance()))
        while True:
            result = await self.poll(device, intake)
            failures = 0 if result.good else failures + 1
            await self._clock.sleep(self._wait(device, result, failures))

    def _wait(self, device: str, result: PollResult, failures: int) -> float:
        chance = self._chance()
        if result.good:
            now = self._clock.now()
            return wait_after_success(self._pace, now, self._deadline_of(device), chance)
        if result is PollResult.LOGIN_REFUSED:
            return wait_after_refusal(self._pace, failures, chance)
        rest = self._desk.rest_left(self._targets[device].credential)
        if result is PollResult.CREDENTIAL_RESTING:
            return rest + self._pace.retry_first * chance
        return max(rest, wait_after_failure(self._pace, failures, chance))

    async def poll(self, device: str, intake: Intake) -> PollResult:
        """One session with one device; what it said is handed on, also where it broke off."""
        captures: list[ShowCapture] = []
        if self._desk.rest_left(self._targets[device].credential):
            return self._counted(device, PollError(PollResult.CREDENTIAL_RESTING))
        async with self._sessions:
            started = self._clock.monotonic()
            try:
                async with asyncio.timeout(self._config.session_timeout):
                    whole = await self._read(device, captures)
                outcome = PollResult.OK if whole else PollResult.PARTIAL
            except PollError as failure:
                outcome = self._counted(device, failure)
            except TimeoutError:
                outcome = self._counted(device, PollError(PollResult.TIMEOUT, "session"))
            took = self._clock.monotonic() - started
        self._instruments.poll_seconds.labels(MANNER).observe(took)
        if captures:
            await intake.show(captures)
        if outcome.good:
            self._instruments.polls.labels(MANNER, outcome.value).inc()
        return outcome

    async def _read(self, device: str, captures: list[ShowCapture]) -> bool:
        target = self._targets[device]
        door = Door(
            config=self._config,
            target=target,
            host_keys=self._host_keys,
            loan=self._desk.lend(target.credential),
        )
        connection = await door.open()
        try:
            shell = await open_shell(connection, self._config)
            for command in self._config.commands:
                text = await shell.ask(command)
                if taken(text):
                    captures.append(self._capture(device, command.value, text))
        finally:
            await _leave(connection)
        return len(captures) == len(self._config.commands)

    def _capture(self, device: str, command: str, text: str) -> ShowCapture:
        return ShowCapture(device=device, received=self._clock.now(), text=text, command=command)

    def _counted(self, device: str, failure: PollError) -> PollResult:
        self._instruments.polls.labels(MANNER, failure.result.value).inc()
        logger.warning("poll of %s over ssh failed: %s", device, failure)
        return failure.result


async def _leave(connection: asyncssh.SSHClientConnection) -> None:
    # A proper goodbye frees the device's VTY line at once; one that hangs is cut off.
    connection.close()
    try:
        async with asyncio.timeout(_GOODBYE):
            await connection.wait_closed()
    except TimeoutError:
        connection.abort()


def check_targets(config: SshConfig, targets: Mapping[str, SshTarget]) -> None:
    """Raise ConfigError where a device names a credential that is not configured."""
    for device, target in targets.items():
        if target.credential not in config.credentials:
            known = ", ".join(sorted(config.credentials)) or "none is configured"
            raise ConfigError(
                f"device {device}: no SSH credential named {target.credential!r} (known: {known})"
            )
