"""The SNMP agent of a virtual CUBE, versions 2c and 3, and its traps and informs; by pysnmp."""

import asyncio
import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pyasn1.type.univ import OctetString
from pysnmp.carrier.asyncio.dgram.udp import DOMAIN_NAME, UdpAsyncioTransport
from pysnmp.carrier.asyncio.dgram.udp6 import DOMAIN_NAME as DOMAIN_NAME_6
from pysnmp.carrier.asyncio.dgram.udp6 import Udp6TransportAddress
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413 import cmdrsp, context
from pysnmp.hlapi.v3arch.asyncio import (
    CommunityData,
    ContextData,
    NotificationType,
    ObjectIdentity,
    ObjectType,
    UdpTransportTarget,
    UsmUserData,
    send_notification,
)
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.smi.instrum import AbstractMibInstrumController

from monitor.lab.snmp_objects import Gauge, Oid, Ticks, Value

Objects = Callable[[float], Mapping[Oid, Value]]
_LAB: Final = bytes.fromhex("8000000904")
"""Cisco's enterprise number, then text (RFC 3411)."""
_AREA: Final = "lab"
_TREE: Final = (1, 3, 6, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may ask, and as whom it speaks: a community and a user of version 3."""

    community: str = "lab"
    user: str = "monitor"
    auth_secret: str = field(default="", repr=False)
    """SHA-256; no user where it is empty."""
    priv_secret: str = field(default="", repr=False)
    """AES-128."""


class Agent:
    """Answers from `objects`, which is asked once a message with the present instant."""

    def __init__(self, name: str, objects: Objects, access: Access, clock: Callable[[], float]):
        self._name = name
        self._access = access
        self._table = _Table()
        self._door = _Door(lambda: self._table.freeze(objects(clock())))
        self._engine = SnmpEngine()
        self.port = 0

    @property
    def delay(self) -> float:
        """Seconds it takes to answer."""
        return self._door.delay

    @delay.setter
    def delay(self, seconds: float) -> None:
        self._door.delay = seconds

    def lose(self, messages: int, *, after: int = 0) -> None:
        """Answer so many messages more, `after`, and then so many not."""
        self._door.to_answer, self._door.to_lose = after, messages

    async def listen(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Serve on loopback; port 0 takes a free one."""
        engine, access = self._engine, self._access
        _name_engine(engine, _LAB + self._name.encode()[:27])
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self._door, local_addr=(host, port)
        )
        self.port = int(transport.get_extra_info("sockname")[1])
        six = ":" in host
        if six:
            self._door.ADDRESS_TYPE = Udp6TransportAddress
        config.add_transport(engine, DOMAIN_NAME_6 if six else DOMAIN_NAME, self._door)
        config.add_v1_system(engine, _AREA, access.community)
        config.add_vacm_user(engine, 2, _AREA, "noAuthNoPriv", _TREE)
        if access.auth_secret:
            config.add_v3_user(
                engine, access.user,
                config.USM_AUTH_HMAC192_SHA256, access.auth_secret,
                config.USM_PRIV_CFB128_AES, access.priv_secret,
            )  # fmt: skip
            config.add_vacm_user(engine, 3, access.user, "authPriv", _TREE)
        self._serve()

    def close(self) -> None:
        """Stop."""
        self._engine.close_dispatcher()

    async def notify(
        self, to: tuple[str, int], oid: str, said: Mapping[str, Value], *manner: str
    ) -> str:
        """Send a notification; `manner`: `inform`, and `v3`. What went wrong, or nothing."""
        kind = "inform" if "inform" in manner else "trap"
        target = await UdpTransportTarget.create(to, timeout=5, retries=1)
        varbinds = [ObjectType(ObjectIdentity(name), _wired(value)) for name, value in said.items()]
        failed, _, _, _ = await send_notification(
            self._engine, self._speaks("v3" in manner), target, ContextData(), kind,
            NotificationType(ObjectIdentity(oid)).add_varbinds(*varbinds),
            lookupMib=False,
        )  # fmt: skip
        return str(failed) if failed else ""

    def _speaks(self, proven: bool) -> Any:  # noqa: FBT001 - of `notify` only
        access = self._access
        if not proven:
            return CommunityData(access.community)
        return UsmUserData(
            access.user, access.auth_secret, access.priv_secret,
            authProtocol=config.USM_AUTH_HMAC192_SHA256,
            privProtocol=config.USM_PRIV_CFB128_AES,
        )  # fmt: skip

    def _serve(self) -> None:
        about = context.SnmpContext(self._engine)
        about.unregister_context_name(b"")
        about.register_context_name(b"", self._table)
        for responder in (
            cmdrsp.GetCommandResponder,
            cmdrsp.NextCommandResponder,
            cmdrsp.BulkCommandResponder,
        ):
            responder(self._engine, about).max_varbinds = 200


def _name_engine(engine: SnmpEngine, engine_id: bytes) -> None:
    (name,) = engine.get_mib_builder().import_symbols("__SNMP-FRAMEWORK-MIB", "snmpEngineID")
    name.syntax = name.syntax.clone(engine_id)
    engine.snmpEngineID = name.syntax


class _Door(UdpAsyncioTransport):  # type: ignore[misc]  # pysnmp has no types
    """The socket; all of one message is answered from one moment."""

    def __init__(self, freeze: Callable[[], None]) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._freeze = freeze
        self.delay = 0.0
        self.to_answer = 0
        self.to_lose = 0

    def datagram_received(self, datagram: bytes, transportAddress: Any) -> None:  # noqa: N803 - pysnmp's
        if self._is_lost():
            return
        if self.delay:
            self.loop.call_later(self.delay, self._answer, datagram, transportAddress)
        else:
            self._answer(datagram, transportAddress)

    def _is_lost(self) -> bool:
        if self.to_answer or not self.to_lose:
            self.to_answer = max(0, self.to_answer - 1)
            return False
        self.to_lose -= 1
        return True

    def _answer(self, datagram: bytes, address: Any) -> None:
        if self._callback_function is not None:
            self._freeze()
            self._callback_function(self, address, datagram)


class _Table(AbstractMibInstrumController):  # type: ignore[misc]  # pysnmp has no types
    """Object identifiers in order, frozen at one moment."""

    def __init__(self) -> None:
        self._values: Mapping[Oid, Value] = {}
        self._order: list[Oid] = []

    def freeze(self, values: Mapping[Oid, Value]) -> None:
        """Answer from these."""
        self._values, self._order = values, list(values)

    def read_variables(self, *varbinds: Any, **_: Any) -> list[Any]:
        return [(name, self._value(tuple(name))) for name, _ in varbinds]

    def read_next_variables(self, *varbinds: Any, **_: Any) -> list[Any]:
        return [self._next(name) for name, _ in varbinds]

    def _value(self, oid: Oid) -> Any:
        value = self._values.get(oid)
        return rfc1905.noSuchInstance if value is None else _wired(value)

    def _next(self, name: Any) -> tuple[Any, Any]:
        place = bisect.bisect_right(self._order, tuple(name))
        if place == len(self._order):
            return name, rfc1905.endOfMibView
        oid = self._order[place]
        return rfc1902.ObjectName(oid), self._value(oid)


def _wired(value: Value) -> Any:
    match value:
        case Gauge(number):
            return rfc1902.Gauge32(number)
        case Ticks(number):
            return rfc1902.TimeTicks(number)
        case str():
            return OctetString(value.encode())
        case _:
            return rfc1902.Integer32(value)
