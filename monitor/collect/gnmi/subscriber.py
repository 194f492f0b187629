"""One device: connected, asked what it can, heard until its stream ends, and again."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from monitor.collect.clock import Clock
from monitor.collect.gnmi import messages, on_change
from monitor.collect.gnmi.config import Encoding, GnmiConfig, GnmiTarget, Manner, Mode
from monitor.collect.gnmi.link import (
    NOT_OFFERED,
    REFUSED,
    Link,
    LinkError,
    LinkOptions,
    Stream,
    connected,
)
from monitor.collect.gnmi.messages import Capabilities, Wanted
from monitor.collect.gnmi.plan import Lessons, Plan, plan, unmodelled
from monitor.collect.gnmi.queue import Frame, FrameQueue, Kind
from monitor.collect.gnmi.schedule import (
    first_wait,
    slower_keepalive,
    stale_after,
    wait_after_end,
    wait_after_refusal,
)
from monitor.collect.secret import CredentialRests
from monitor.domain.instants import DAY
from monitor.domain.yang import About, Origin
from monitor.errors import ParseError
from monitor.instrument import TelemetryInstruments
from monitor.wire import LoginOutcome, LoginSink, nobody

logger = logging.getLogger(__name__)

_MANNER: Final = "gnmi"
_NEXT: Final = {Manner.STREAM: Manner.POLL, Manner.POLL: Manner.GET, Manner.GET: Manner.STREAM}
_RFC7951: Final = Origin.RFC7951.value
_UNPROBED: Final = frozenset({"invalid_argument", "not_found"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """What all subscribers share."""

    config: GnmiConfig
    queue: FrameQueue
    instruments: TelemetryInstruments
    clock: Clock
    chance: Callable[[], float]
    about: Callable[[str], About]
    rests: CredentialRests = field(default_factory=CredentialRests)
    logins: LoginSink = nobody
    """Is told how each device takes its credential."""


@dataclass(slots=True)
class _Learned:
    """What a device taught us; forgotten daily, because devices are upgraded."""

    manner: Manner
    keepalive: float
    until: float
    probed: bool = False
    lessons: Lessons = field(default_factory=Lessons)
    asked_changes: bool = False


class Subscriber:
    """Hears one device until cancelled; every end of a stream is followed by another try."""

    def __init__(self, device: str, target: GnmiTarget, hub: Hub) -> None:
        self._device = device
        self._target = target
        self._hub = hub
        self._learned = self._nothing_learned()
        self._begins = True
        self._heard = False
        self._plan: Plan | None = None

    async def run(self) -> None:
        """Hear the device until cancelled."""
        clock, pace = self._hub.clock, self._hub.config.pace
        failures = 0
        await clock.sleep(first_wait(pace, self._hub.chance()))
        while True:
            began = clock.monotonic()
            end = await self.hear()
            steady = self._heard and clock.monotonic() - began >= pace.steady
            failures = 1 if steady else failures + 1
            await clock.sleep(self._wait(end, failures))

    def _wait(self, end: LinkError, failures: int) -> float:
        pace, chance = self._hub.config.pace, self._hub.chance()
        if end.code in REFUSED:
            return wait_after_refusal(pace, failures, chance)
        return self._rest_left() + wait_after_end(pace, failures, chance)

    def _rest_left(self) -> float:
        name = self._target.credential
        now = self._hub.clock.monotonic()
        return 0.0 if name is None else self._hub.rests.left(name, self._device, now)

    async def hear(self) -> LinkError:
        """One connection, from Capabilities to its end; how it ended comes back."""
        self._heard = False
        if self._hub.clock.monotonic() >= self._learned.until:
            self._learned = self._nothing_learned()
        try:
            end = await self._connection()
        except LinkError as error:
            end = error
        finally:
            if self._heard:
                self._hub.instruments.streams.dec()
        self._rest(end)
        self._hub.instruments.ends.labels(code=end.code).inc()
        logger.warning("gNMI stream of %s ended: %s", self._device, end)
        return end

    def _rest(self, end: LinkError) -> None:
        name = self._target.credential
        if name is not None and end.code in REFUSED:
            until = self._hub.clock.monotonic() + self._hub.config.pace.refused_first
            self._hub.rests.refused(name, self._device, until)
            self._tell(name, refused=True)

    def _tell(self, credential: str, *, refused: bool) -> None:
        now = self._hub.clock.now()
        self._hub.logins(
            LoginOutcome(
                device=self._device,
                manner=_MANNER,
                credential=credential,
                refused=refused,
                at=now,
            )
        )

    async def _connection(self) -> LinkError:
        config = self._hub.config
        name = self._target.credential
        if self._rest_left():
            raise LinkError("credential_resting", "another device refused it")
        options = LinkOptions(
            keepalive=self._learned.keepalive,
            message_cap=config.message_cap,
            timeout=config.connect_timeout,
        )
        login = None if name is None else config.credentials[name]
        async with connected(self._target, login, options) as link:
            self._plan = await self._planned(link)
            try:
                await self._listen(link, self._plan)
            except LinkError as error:
                await self._learn(link, error)
                return error
        return LinkError("ended")

    async def _planned(self, link: Link) -> Plan:
        capabilities: Capabilities | None = None
        try:
            answer = await link.capabilities(messages.capability_request())
            capabilities = messages.capabilities(answer)
        except ParseError as error:
            raise LinkError("malformed_capabilities") from error
        except LinkError as error:
            if error.code not in NOT_OFFERED:
                raise
        await self._learn_changes(link, capabilities)
        planned = plan(
            self._hub.config,
            self._target,
            capabilities=capabilities,
            about=self._hub.about(self._device),
            lessons=self._learned.lessons,
        )
        if not planned.wanted:
            raise LinkError("no_known_models")
        return planned

    # Manners of hearing

    async def _listen(self, link: Link, planned: Plan) -> None:
        manner = self._learned.manner
        self._begins = True
        if manner is Manner.STREAM:
            await self._stream(link, planned)
        elif manner is Manner.POLL:
            await self._poll(link, planned)
        else:
            await self._get(link, planned)

    async def _stream(self, link: Link, planned: Plan) -> None:
        request = messages.stream_request(planned.wanted, planned.encoding)
        patience = stale_after(planned.longest, self._hub.config.stale)
        async with link.subscribe(request) as stream:
            while True:
                try:
                    async with asyncio.timeout(patience):
                        payload = await stream.next()
                except TimeoutError as error:
                    raise LinkError("stale", f"silent for {patience:.0f} s") from error
                self._hand_on(payload, sample_seconds=planned.sample_seconds)

    async def _poll(self, link: Link, planned: Plan) -> None:
        request = messages.poll_request(planned.wanted, planned.encoding)
        async with link.subscribe(request) as stream:
            while True:
                await stream.send(messages.poll())
                await self._one_poll(stream)
                await self._hub.clock.sleep(self._hub.config.interval)

    async def _one_poll(self, stream: Stream) -> None:
        self._begins = True
        while True:
            payload = await stream.next_within(self._hub.config.connect_timeout)
            if payload is None and self._begins:
                raise LinkError("stale", "a poll was not answered")
            if payload is None:
                return  # it never says where its answer ends; so nothing is concluded from it
            self._hand_on(payload)
            if messages.is_sync(payload):
                return

    async def _get(self, link: Link, planned: Plan) -> None:
        while True:
            await self._one_get(link, planned)
            await self._hub.clock.sleep(self._hub.config.interval)

    async def _one_get(self, link: Link, planned: Plan) -> None:
        self._begins = True
        for wanted in planned.wanted:
            request = messages.get_request([wanted], planned.encoding)
            try:
                payload = await link.get(request)
            except LinkError as error:
                if error.code not in NOT_OFFERED:
                    raise
                continue
            self._hand_on(payload, kind=Kind.GOT)
        if self._begins:
            raise LinkError("not_found", "no path was answered")
        self._hand_on(messages.SYNC)

    def _hand_on(
        self, payload: bytes, *, kind: Kind = Kind.SUBSCRIBED, sample_seconds: float = 0.0
    ) -> None:
        if not self._heard:
            self._heard = True
            self._hub.instruments.streams.inc()
            name = self._target.credential or ""
            self._hub.rests.accepted(name, self._device)
            self._tell(name, refused=False)
        begins, self._begins = self._begins, False
        self._hub.queue.offer(
            Frame(
                device=self._device,
                received=self._hub.clock.now(),
                payload=payload,
                kind=kind,
                authenticated=not self._target.plaintext,
                begins=begins,
                sample_seconds=sample_seconds,
            )
        )

    # What its answers teach

    async def _learn_changes(self, link: Link, capabilities: Capabilities | None) -> None:
        """Ask once which subtrees are sent on change, where the device has the model that says."""
        models = capabilities.models if capabilities is not None else {}
        streams = self._learned.manner is Manner.STREAM
        if self._learned.asked_changes or not streams or on_change.MODULE not in models:
            return
        wanted = Wanted(elements=(f"{on_change.MODULE}:{on_change.ROOT}",), origin=_RFC7951)
        try:
            payload = await link.get(messages.get_request([wanted], Encoding.JSON_IETF))
            values = [value for one in messages.got(payload) for _, value in one.updates]
        except (LinkError, ParseError) as error:
            if isinstance(error, LinkError) and error.code in {*REFUSED, "unavailable"}:
                raise
            logger.info("%s does not tell what it sends on change: %s", self._device, error)
            values = []
        offers = on_change.offered(value for value in values if isinstance(value, bytes))
        self._learned.asked_changes = True
        self._learned.lessons = replace(self._learned.lessons, on_change=offers)

    async def _learn(self, link: Link, end: LinkError) -> None:
        learned = self._learned
        if end.code == "too_many_pings":
            learned.keepalive = slower_keepalive(learned.keepalive)
            return
        if end.code not in NOT_OFFERED or self._heard or self._plan is None:
            return
        if not await self._learn_paths(link, self._plan, end):
            learned.manner = _NEXT[learned.manner]

    async def _learn_paths(self, link: Link, planned: Plan, end: LinkError) -> bool:
        """Whether less is asked for from now on; False where it was not the paths."""
        learned = self._learned
        changing = [one for one in planned.wanted if one.mode is Mode.ON_CHANGE]
        if changing and learned.manner is Manner.STREAM:
            refused = await self._probe_changes(link, changing, planned.encoding)
            sampled = {one.elements for one in refused or changing}
            learned.lessons = replace(
                learned.lessons, sampled_only=learned.lessons.sampled_only | sampled
            )
            return True
        if end.code in _UNPROBED and not learned.probed:
            learned.probed = True
            refused = await self._probe(link, planned)
            learned.lessons = replace(
                learned.lessons, refused=frozenset(one.elements for one in refused)
            )
            return bool(refused)
        return False

    async def _probe_changes(
        self, link: Link, changing: Sequence[Wanted], encoding: Encoding
    ) -> tuple[Wanted, ...]:
        """Paths whose subscription on change the device refuses one by one."""
        refused = []
        for wanted in changing:
            try:
                async with link.subscribe(messages.stream_request([wanted], encoding)) as stream:
                    await stream.next_within(self._hub.config.connect_timeout)
            except LinkError as error:
                if error.code not in NOT_OFFERED:
                    raise
                refused.append(wanted)
        return tuple(refused)

    async def _probe(self, link: Link, planned: Plan) -> tuple[Wanted, ...]:
        """Paths that the device refuses one by one."""
        accepted = []
        for wanted in planned.wanted:
            try:
                await link.get(messages.get_request([wanted], planned.encoding))
            except LinkError as error:
                if error.code not in NOT_OFFERED:
                    raise
                continue
            accepted.append(wanted)
        return tuple(unmodelled(planned.wanted, accepted))

    def _nothing_learned(self) -> _Learned:
        config = self._hub.config
        return _Learned(
            manner=config.manner,
            keepalive=config.keepalive,
            until=self._hub.clock.monotonic() + DAY,
        )
