"""Traps and informs over UDP: refuse early, hand on in batches, acknowledge after the commit.

A datagram passes the list of senders, a limit per sender, the bounds of `ber.check` and a
comparison of its community before anything of it is believed.
"""

import asyncio
import hmac
import logging
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator

from monitor.collect.snmp import ber, message
from monitor.collect.snmp.config import SnmpUser
from monitor.collect.snmp.login import Login
from monitor.collect.snmp.rate import Rates
from monitor.collect.snmp.session import Prover
from monitor.collect.snmp.version3 import Version3
from monitor.errors import CollectError, ParseError
from monitor.instrument import Instruments
from monitor.secret import SecretRef
from monitor.wire import Intake, SnmpReport

logger = logging.getLogger(__name__)

_AT_ONCE: Final = 512
_DRAIN_SECONDS: Final = 2.0
_ENTERPRISE: Final = bytes.fromhex("80000000")
"""Of engine ids, RFC 3411: no enterprise of ours, then text."""
_TEXT: Final = b"\x04"


class SnmpTrapConfig(BaseModel):
    """One UDP port for notifications. Port 162 needs a privilege; let routers send to this one."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Literal["snmp_trap"] = "snmp_trap"
    host: str = "127.0.0.1"
    port: int = Field(default=5162, ge=0, le=65_535)
    allow: tuple[IPv4Network | IPv6Network, ...] = (
        IPv4Network("127.0.0.0/8"),
        IPv6Network("::1/128"),
    )
    """Who may send; everything else is dropped unread."""
    communities: tuple[SecretRef, ...] = ()
    """For versions 1 and 2c; with none given these are refused."""
    users: tuple[SnmpUser, ...] = ()
    max_message: int = Field(default=8192, ge=484, le=65_507)
    per_source: float = Field(default=50, gt=0)
    """Most notifications a second of one address, over a burst of ten times as many."""
    queue: int = Field(default=10_000, ge=1)
    engine_id: str = Field(default="", pattern=r"^([0-9a-fA-F]{2}){0,32}$")
    """Of ours, in hexadecimal, for informs of version 3; of the host's name where not given."""

    @field_validator("users")
    @classmethod
    def _distinct(cls, users: tuple[SnmpUser, ...]) -> tuple[SnmpUser, ...]:
        if len({one.user for one in users}) != len(users):
            raise ValueError("a user of version 3 is named twice")
        return users

    def build(self, instruments: Instruments) -> "SnmpNotifications":
        """The collector of this configuration."""
        return SnmpNotifications(self, instruments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A notification on its way to the intake."""

    report: SnmpReport
    acknowledge: Callable[[], None] | None


class SnmpNotifications:
    """Collector of SNMP notifications."""

    def __init__(self, config: SnmpTrapConfig, instruments: Instruments) -> None:
        self._config = config
        self._instruments = instruments
        self.listening = asyncio.Event()
        self.port = config.port
        """The port in use; differs from the configured one where that is 0."""

    async def run(self, intake: Intake) -> None:
        """Receive until cancelled, then hand on what has arrived.

        Raises CollectError where the port cannot be had, ConfigError where a secret cannot be read.
        """
        loop = asyncio.get_running_loop()
        config = self._config
        address = (config.host, config.port)
        try:
            transport, receiver = await loop.create_datagram_endpoint(
                lambda: Receiver(config, self._instruments), local_addr=address
            )
        except OSError as error:
            raise CollectError(f"UDP {config.host} port {config.port}: {error.strerror}") from error
        self.port = int(transport.get_extra_info("sockname")[1])
        logger.info("listening for SNMP notifications on UDP %s port %d", config.host, self.port)
        self.listening.set()
        try:
            await receiver.run(intake)
        finally:
            self.listening.clear()
            await receiver.drain(intake)
            transport.close()
            receiver.close()


class Receiver(asyncio.DatagramProtocol):
    """Takes datagrams, or counts why not."""

    def __init__(
        self,
        config: SnmpTrapConfig,
        instruments: Instruments,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._results = instruments.notifications
        self._transport: asyncio.DatagramTransport | None = None
        self._communities = [one.reveal().encode() for one in config.communities]
        self._rates = Rates(config.per_source, monotonic)
        self._waiting: deque[Taken] = deque()
        self._wake = asyncio.Event()
        self._version3 = self._for_users({one.user: one.login() for one in config.users})

    # Of asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            self._take(data, addr)
        except ParseError as error:
            self._results.labels(result=error.reason).inc()

    def error_received(self, exc: Exception) -> None:
        logger.info("an acknowledgement was not delivered: %s", exc)

    # Of the collector

    async def run(self, intake: Intake) -> None:
        """Hand on batch after batch until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._hand_on(intake)

    async def drain(self, intake: Intake) -> None:
        """Hand on what is left, for a bounded time."""
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                await self._hand_on(intake)
        except TimeoutError:
            self._results.labels(result="stopping").inc(len(self._waiting))

    def close(self) -> None:
        """Let go of what version 3 needed."""
        if self._version3 is not None:
            self._version3.prover.close()

    async def _hand_on(self, intake: Intake) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
            await intake.snmp([one.report for one in batch])
            for one in batch:
                if one.acknowledge is not None:
                    one.acknowledge()

    # One datagram

    def _take(self, data: bytes, sender: tuple[str, int]) -> None:
        received = time.time()
        self._admit(data, _plainly(sender[0]))
        ber.check(data)
        version = message.version(data)
        if version in {message.V1, message.V2C}:
            taken = [self._plain(data, sender, received)]
        elif version == message.V3 and self._version3 is not None:
            taken = self._proven(self._version3, data, sender, received)
        else:
            raise ParseError("version")
        self._results.labels(result="taken").inc(len(taken))
        self._waiting.extend(taken)
        self._wake.set()

    def _admit(self, data: bytes, address: IPv4Address | IPv6Address) -> None:
        if not any(address in network for network in self._config.allow):
            raise ParseError("sender")
        if len(data) > self._config.max_message:
            raise ParseError("too_long")
        if not self._rates.allows(str(address)):
            raise ParseError("rate")
        if len(self._waiting) >= self._config.queue:
            raise ParseError("queue_full")

    def _plain(self, data: bytes, sender: tuple[str, int], received: float) -> Taken:
        said = message.plain(data)
        # Every one is compared, each in constant time: time tells nothing of how near a guess was.
        known = [hmac.compare_digest(said.community, one) for one in self._communities]
        if not any(known):
            raise ParseError("community")
        reply = said.reply
        return Taken(
            report=SnmpReport(
                device="",
                address=str(_plainly(sender[0])),
                asked=received,
                received=received,
                authenticated=False,
                varbinds=said.varbinds,
                notification=message.notification(said.varbinds),
                raw=data,
            ),
            acknowledge=None if reply is None else lambda: self._send(reply, sender),
        )

    def _proven(
        self, version3: Version3, data: bytes, sender: tuple[str, int], received: float
    ) -> list[Taken]:
        envelope = message.envelope(data)
        login = version3.users.get(envelope.user)
        return [
            Taken(
                report=SnmpReport(
                    device="",
                    address=str(_plainly(sender[0])),
                    asked=received,
                    received=received,
                    authenticated=login is not None and login.authenticated,
                    varbinds=heard.varbinds,
                    notification=message.notification(heard.varbinds),
                    raw=data,
                ),
                acknowledge=heard.acknowledge,
            )
            for heard in version3.hear(data, envelope, sender[:2])
        ]

    def _for_users(self, logins: dict[str, Login]) -> Version3 | None:
        if not logins:
            return None
        engine_id = bytes.fromhex(self._config.engine_id) or _of_host()
        return Version3(
            users={user.encode(): login for user, login in logins.items()},
            prover=Prover(logins.values(), engine_id, time.time(), self._send),
        )

    def _send(self, data: bytes, to: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, to)


def _plainly(host: str) -> IPv4Address | IPv6Address:
    """The address by which a sender is known: of IPv4 also where one socket hears both."""
    address = ip_address(host.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _of_host() -> bytes:
    return _ENTERPRISE + _TEXT + socket.gethostname().encode()[:27]
