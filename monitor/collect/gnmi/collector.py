"""The collector: every device heard by its own task, what they say handed on in batches."""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from monitor.collect.clock import Clock, SystemClock
from monitor.collect.gnmi import messages
from monitor.collect.gnmi.config import GnmiConfig, GnmiTarget
from monitor.collect.gnmi.messages import Content
from monitor.collect.gnmi.queue import Frame, FrameQueue, Kind
from monitor.collect.gnmi.subscriber import Hub, Subscriber
from monitor.collect.roster import Roster
from monitor.domain.yang import About
from monitor.errors import ConfigError, ParseError
from monitor.instrument import Instruments
from monitor.wire import Intake, LoginOutcome, LoginSink, TelemetryNotification, nobody

SOURCE: Final = "gnmi"
_BATCH_BYTES: Final = 1 << 18


def _nothing(device: str) -> About:
    del device
    return About()


class GnmiCollector:
    """Hears `targets` (device id -> how to reach it) until cancelled.

    `about` tells the release and platform of a device, for those that do not tell their models.
    Raises ConfigError where a target names a credential that is not there.
    """

    def __init__(
        self,
        *,
        config: GnmiConfig,
        targets: Mapping[str, GnmiTarget],
        instruments: Instruments,
        about: Callable[[str], About] = _nothing,
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        check_targets(config, targets)
        self._targets = dict(targets)
        self._roster = Roster()
        self._instruments = instruments.telemetry
        self.queue = FrameQueue(config.queue_bytes, self._instruments)
        self._hub = Hub(
            config=config,
            queue=self.queue,
            instruments=self._instruments,
            clock=SystemClock() if clock is None else clock,
            chance=chance,
            about=about,
            logins=self._tell,
        )
        self.logins: LoginSink = nobody
        """Is told how each device takes its credential."""

    def _tell(self, login: LoginOutcome) -> None:
        self.logins(login)

    async def run(self, intake: Intake) -> None:
        """Hear all devices until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hand_on(intake))
            group.create_task(self._roster.run(self._targets, self._hear))

    async def leave(self, targets: Mapping[str, GnmiTarget]) -> None:
        """Stop hearing devices that are not among `targets`, or are reached otherwise there."""
        gone = [name for name, one in self._targets.items() if targets.get(name) != one]
        await self._roster.leave(gone)
        for device in gone:
            del self._targets[device]

    def join(self, targets: Mapping[str, GnmiTarget]) -> None:
        """Hear those of `targets` that are not heard yet; the others go on undisturbed."""
        for device in targets.keys() - self._targets.keys():
            self._targets[device] = targets[device]
            self._roster.join(device)

    async def _hear(self, device: str) -> None:
        await Subscriber(device, self._targets[device], self._hub).run()

    async def _hand_on(self, intake: Intake) -> None:
        while True:
            frames = await self.queue.take(_BATCH_BYTES)
            notifications = [one for frame in frames for one in self._read(frame)]
            if notifications:
                await intake.telemetry(notifications)
            self.queue.settle(frames)
            await asyncio.sleep(0)

    def _read(self, frame: Frame) -> Iterator[TelemetryNotification]:
        try:
            yield from read(frame)
        except ParseError:
            self._instruments.notifications.labels(source=SOURCE, result="malformed").inc()
            yield _notification(frame, Content(), begins=frame.begins, lost=frame.lost + 1)


def read(frame: Frame) -> Iterator[TelemetryNotification]:
    """The notifications of a frame; raises ParseError where it holds no message."""
    got = frame.kind is Kind.GOT
    contents = messages.got(frame.payload) if got else messages.subscribed(frame.payload)
    begins, lost = frame.begins, frame.lost
    for content in contents:
        yield _notification(frame, content, begins=begins, lost=lost)
        begins, lost = False, 0
    if begins or lost:
        yield _notification(frame, Content(), begins=begins, lost=lost)


def _notification(
    frame: Frame, content: Content, *, begins: bool, lost: int
) -> TelemetryNotification:
    return TelemetryNotification(
        device=frame.device,
        source=SOURCE,
        received=frame.received,
        authenticated=frame.authenticated,
        timestamp=content.timestamp,
        updates=content.updates,
        deletes=content.deletes,
        begins=begins,
        synced=content.synced,
        sample_seconds=frame.sample_seconds,
        lost=lost,
    )


def check_targets(config: GnmiConfig, targets: Mapping[str, GnmiTarget]) -> None:
    """Raise ConfigError where a device names a credential that is not configured."""
    for device, target in targets.items():
        if target.credential is not None and target.credential not in config.credentials:
            known = ", ".join(sorted(config.credentials)) or "none is configured"
            raise ConfigError(
                f"device {device}: no gNMI credential named {target.credential!r} (known: {known})"
            )
