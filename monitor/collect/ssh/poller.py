"""The poller: each device on its own schedule, none delayed by another."""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from monitor.collect.clock import Clock, SystemClock
from monitor.collect.roster import Roster
from monitor.collect.ssh.commands import Show
from monitor.collect.ssh.config import SshConfig, SshTarget
from monitor.collect.ssh.credentials import CredentialDesk
from monitor.collect.ssh.failure import PollError, PollResult
from monitor.collect.ssh.footprint import Footprint, Spent, affordable
from monitor.collect.ssh.hostkeys import HostKeys
from monitor.collect.ssh.plan import Asked, Known, Plan, due, wait
from monitor.collect.ssh.schedule import (
    first_wait,
    wait_after_failure,
    wait_after_no_line,
    wait_after_refusal,
)
from monitor.collect.ssh.shell import taken
from monitor.collect.ssh.visit import Visits
from monitor.errors import ConfigError
from monitor.instrument import Instruments
from monitor.wire import Intake, LoginOutcome, LoginSink, ShowCapture, nobody

MANNER: Final = "ssh"
_SHORTEST: Final = 1.0
_REFUSED: Final = frozenset({PollResult.LOGIN_REFUSED, PollResult.ENABLE_REFUSED})
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Device:
    """What the poller remembers of one device."""

    target: SshTarget
    history: dict[Show, Asked] = field(default_factory=dict)
    footprint: Footprint = field(default_factory=Footprint)
    due_at: float | None = None


class SshPoller:
    """Polls `targets` (device id -> how to reach it) until cancelled.

    `known_of` tells what is known of a device when its next poll is planned. Raises ConfigError
    where a target names a credential or a jump host that is not there.
    """

    def __init__(
        self,
        *,
        config: SshConfig,
        targets: Mapping[str, SshTarget],
        instruments: Instruments,
        known_of: Callable[[str], Known],
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        check_targets(config, targets)
        self._config = config
        self._devices = {name: _Device(target) for name, target in targets.items()}
        self._instruments = instruments
        self._known_of = known_of
        self._clock = SystemClock() if clock is None else clock
        self._chance = chance
        self.logins: LoginSink = nobody
        """Is told how each device takes its credential."""
        self._plan = Plan(pace=config.pace, commands=config.commands)
        self._sessions = asyncio.Semaphore(config.sessions)
        self._fleet = Footprint()
        self._roster = Roster()
        self._visits = Visits(
            config=config,
            host_keys=HostKeys(config.known_hosts),
            desk=CredentialDesk(config.credentials, config.pace, self._clock.monotonic),
        )

    @property
    def resting(self) -> dict[str, float]:
        """Names of credentials that rest after a refused login, and the seconds left."""
        return self._visits.desk.resting

    def spent(self, device: str) -> Spent:
        """What polling this device cost in the last 24 hours."""
        return self._devices[device].footprint.spent(self._clock.monotonic())

    async def run(self, intake: Intake) -> None:
        """Poll until cancelled."""
        await self._roster.run(self._devices, lambda device: self._watch(device, intake))

    async def leave(self, targets: Mapping[str, SshTarget]) -> None:
        """Stop polling devices that are not among `targets`, or are reached otherwise there."""
        gone = [name for name, one in self._devices.items() if targets.get(name) != one.target]
        await self._roster.leave(gone)
        for device in gone:
            del self._devices[device]

    def join(self, targets: Mapping[str, SshTarget]) -> None:
        """Poll those of `targets` that are not polled yet; the others go on undisturbed."""
        for device in targets.keys() - self._devices.keys():
            self._devices[device] = _Device(targets[device])
            self._roster.join(device)

    async def _watch(self, device: str, intake: Intake) -> None:
        failures = 0
        await self._pause(device, first_wait(self._plan.pace, self._chance()))
        while True:
            result = await self.poll(device, intake)
            failures = 0 if result.good else failures + 1
            await self._pause(device, self._wait(device, result, failures))

    async def _pause(self, device: str, seconds: float) -> None:
        self._devices[device].due_at = self._clock.monotonic() + seconds
        await self._clock.sleep(seconds)

    def _wait(self, device: str, result: PollResult, failures: int) -> float:
        chance, pace = self._chance(), self._plan.pace
        if result.good:
            return max(_SHORTEST, self._until_due(device, chance))
        if result is PollResult.OVER_BUDGET:
            return pace.hourly_interval
        if result in _REFUSED:
            return wait_after_refusal(pace, failures, chance)
        rest = self._visits.rest_left(self._devices[device].target)
        if result is PollResult.CREDENTIAL_RESTING:
            return rest + pace.retry_first * chance
        again = wait_after_no_line if result is PollResult.NO_LINE else wait_after_failure
        return max(rest, again(pace, failures, chance))

    def _until_due(self, device: str, chance: float) -> float:
        history = self._devices[device].history
        return wait(self._plan, history, self._known(device), self._clock.now(), chance)

    def _known(self, device: str) -> Known:
        known, flag = self._known_of(device), self._devices[device].target.pair
        return known if flag is None else replace(known, pair=flag)

    async def poll(self, device: str, intake: Intake) -> PollResult:
        """One session with one device; what it said is handed on, also where it broke off."""
        watched = self._devices[device]
        if self._visits.rest_left(watched.target):
            return self._counted(device, PollError(PollResult.CREDENTIAL_RESTING))
        wanted = due(self._plan, watched.history, self._known(device), self._clock.now())
        if not wanted:
            return PollResult.NOT_DUE
        async with self._sessions:
            commands = self._affordable(watched, wanted)
            if not commands:
                return self._counted(device, PollError(PollResult.OVER_BUDGET))
            captures, outcome = await self._session(device, commands)
        if captures:
            await intake.show(captures)
        if outcome.good:
            self._instruments.polls.labels(MANNER, outcome.value).inc()
        return outcome

    def _affordable(self, watched: _Device, wanted: Sequence[Show]) -> tuple[Show, ...]:
        now, config = self._clock.monotonic(), self._config
        own = affordable(wanted, config.device_budget, watched.footprint.spent(now))
        return affordable(own, config.fleet_budget, self._fleet.spent(now))

    async def _session(
        self, device: str, commands: Sequence[Show]
    ) -> tuple[list[ShowCapture], PollResult]:
        captures: list[ShowCapture] = []
        started = self._begun(device)
        try:
            async with asyncio.timeout(self._config.session_timeout):
                await self._read(device, commands, captures)
            whole = len(captures) == len(commands)
            outcome = PollResult.OK if whole else PollResult.PARTIAL
        except PollError as failure:
            outcome = self._counted(device, failure)
            if outcome in _REFUSED:
                self._tell(device, failure.credential, refused=True)
        except TimeoutError:
            outcome = self._counted(device, PollError(PollResult.TIMEOUT, "session"))
        self._ended(device, commands, started)
        return captures, outcome

    async def _read(
        self, device: str, commands: Sequence[Show], captures: list[ShowCapture]
    ) -> None:
        watched = self._devices[device]
        async with self._visits.enter(watched.target) as shell:
            self._tell(device, "", refused=False)
            for command in commands:
                text = await shell.ask(command)
                now = self._clock.now()
                watched.history[command] = Asked(now, taken(text))
                if taken(text):
                    captures.append(
                        ShowCapture(device=device, received=now, text=text, command=command.value)
                    )

    def _tell(self, device: str, credential: str, *, refused: bool) -> None:
        name = credential or self._devices[device].target.credential
        now = self._clock.now()
        self.logins(
            LoginOutcome(device=device, manner=MANNER, credential=name, refused=refused, at=now)
        )

    def _begun(self, device: str) -> float:
        started, watched = self._clock.monotonic(), self._devices[device]
        if watched.due_at is not None:
            late = max(0.0, started - watched.due_at)
            self._instruments.poll_lateness.labels(MANNER).observe(late)
            watched.due_at = None
        return started

    def _ended(self, device: str, commands: Sequence[Show], started: float) -> None:
        ended = self._clock.monotonic()
        took = ended - started
        for footprint in (self._devices[device].footprint, self._fleet):
            footprint.add(ended, len(commands), took)
        self._instruments.poll_seconds.labels(MANNER).observe(took)
        self._instruments.device_logins.labels(device).inc()
        self._instruments.device_seconds.labels(device).inc(took)

    def _counted(self, device: str, failure: PollError) -> PollResult:
        self._instruments.polls.labels(MANNER, failure.result.value).inc()
        logger.warning("poll of %s over ssh failed: %s", device, failure)
        return failure.result


def check_targets(config: SshConfig, targets: Mapping[str, SshTarget]) -> None:
    """Raise ConfigError where a device names a credential or jump host that is not configured."""
    for device, target in targets.items():
        _check(f"device {device}", "SSH credential", target.credential, config.credentials)
        if target.jump is not None:
            _check(f"device {device}", "jump host", target.jump, config.jump_hosts)
    for name, jump in config.jump_hosts.items():
        _check(f"jump host {name}", "SSH credential", jump.credential, config.credentials)


def _check(whose: str, what: str, name: str, there: Iterable[str]) -> None:
    if name not in there:
        known = ", ".join(sorted(there)) or "none is configured"
        raise ConfigError(f"{whose}: no {what} named {name!r} (known: {known})")
