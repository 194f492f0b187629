"""pysnmp, and nothing else knows it: one engine that asks devices, one that hears version 3.

Two of its traps are kept away from here. A community is registered by its name alone: under two
indices the second would never be answered. And an engine is made once a process, never a target:
each costs 60 ms and gives back neither its memory nor its socket.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Self

from pyasn1.error import PyAsn1Error
from pyasn1.type.univ import Integer, ObjectIdentifier, OctetString
from pysnmp.carrier.asyncio.dgram.udp import DOMAIN_NAME as UDP_DOMAIN
from pysnmp.carrier.asyncio.dgram.udp import UdpAsyncioTransport as UdpTransport
from pysnmp.carrier.asyncio.dgram.udp import UdpTransportAddress as UdpAddress
from pysnmp.entity import config as entity
from pysnmp.entity.engine import SnmpEngine
from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch.asyncio import (
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    Udp6TransportTarget,
    UdpTransportTarget,
    UsmUserData,
    bulk_cmd,
    get_cmd,
)
from pysnmp.hlapi.v3arch.asyncio import auth as usm
from pysnmp.proto import errind
from pysnmp.proto.api import v2c
from pysnmp.proto.rfc1902 import IpAddress
from pysnmp.proto.rfc1905 import EndOfMibView, NoSuchInstance, NoSuchObject

from monitor.collect.snmp.failure import TooBigError, VisitError, VisitResult
from monitor.collect.snmp.login import Authentication, Login, Privacy
from monitor.errors import ParseError
from monitor.wire import Absent, SnmpValue

Varbinds = list[tuple[str, SnmpValue]]

AUTHENTICATION: Final = {
    Authentication.SHA1: usm.USM_AUTH_HMAC96_SHA,
    Authentication.SHA224: usm.USM_AUTH_HMAC128_SHA224,
    Authentication.SHA256: usm.USM_AUTH_HMAC192_SHA256,
    Authentication.SHA384: usm.USM_AUTH_HMAC256_SHA384,
    Authentication.SHA512: usm.USM_AUTH_HMAC384_SHA512,
}
PRIVACY: Final = {
    Privacy.AES128: usm.USM_PRIV_CFB128_AES,
    Privacy.AES192: usm.USM_PRIV_CFB192_AES,
    Privacy.AES256: usm.USM_PRIV_CFB256_AES,
}
_TOO_BIG: Final = 1
_SILENT: Final = (errind.RequestTimedOut,)
_REFUSED: Final = (
    errind.AuthenticationError,
    errind.UnknownUserName,
    errind.WrongDigest,
    errind.UnsupportedSecurityLevel,
    errind.DecryptionError,
    errind.AuthenticationFailure,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A device at its resolved address, with how long to wait for it."""

    target: Any
    """pysnmp's."""
    login: Login

    @property
    def address(self) -> str:
        """Where it is asked."""
        return str(self.target.transport_address[0])


class Session:
    """Asks devices; one for all of them."""

    def __init__(self) -> None:
        self._engine = SnmpEngine()
        self._context = ContextData()

    def close(self) -> None:
        """Close the socket."""
        if self._engine.transport_dispatcher is not None:
            self._engine.close_dispatcher()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    async def peer(
        self, host: str, port: int, login: Login, *, patience: float, retries: int
    ) -> Peer:
        """Resolve a host; raises VisitError where it has no address. `patience` in seconds."""
        family = Udp6TransportTarget if ":" in host else UdpTransportTarget
        try:
            target = await family.create((host, port), timeout=patience, retries=retries)
        except (PySnmpError, OSError) as error:
            raise VisitError(VisitResult.UNREACHABLE, f"{host} has no address") from error
        return Peer(target=target, login=login)

    async def get(self, peer: Peer, oids: Sequence[str]) -> Varbinds:
        """Values of object identifiers; raises VisitError."""
        names = [ObjectType(ObjectIdentity(oid)) for oid in oids]
        return await self._asked(
            get_cmd(self._engine, _auth(peer), peer.target, self._context, *names, lookupMib=False)
        )

    async def bulk(
        self, peer: Peer, single: Sequence[str], repeated: Sequence[str], rows: int
    ) -> Varbinds:
        """The next value after each of `single`, and the next `rows` after each of `repeated`.

        Raises VisitError.
        """
        names = [ObjectType(ObjectIdentity(oid)) for oid in (*single, *repeated)]
        return await self._asked(
            bulk_cmd(
                self._engine,
                _auth(peer),
                peer.target,
                self._context,
                len(single),
                rows,
                *names,
                lookupMib=False,
            )
        )

    async def _asked(self, command: Any) -> Varbinds:
        try:
            failure, status, _, varbinds = await command
        except (PySnmpError, PyAsn1Error) as error:
            raise VisitError(VisitResult.ERROR, type(error).__name__) from error
        if failure is not None:
            raise VisitError(_result(failure), str(failure)[:100])
        if int(status) == _TOO_BIG:
            raise TooBigError(VisitResult.ERROR, "tooBig")
        if int(status):
            raise VisitError(VisitResult.ERROR, f"error-status {int(status)}")
        return [(str(name), plain(value)) for name, value in varbinds]


def _result(failure: object) -> VisitResult:
    if isinstance(failure, _SILENT):
        return VisitResult.TIMEOUT
    return VisitResult.LOGIN_REFUSED if isinstance(failure, _REFUSED) else VisitResult.ERROR


def _auth(peer: Peer) -> Any:
    login = peer.login
    if login.community:
        return CommunityData(login.community)
    return UsmUserData(
        login.user,
        authKey=login.auth_secret or None,
        privKey=login.priv_secret or None,
        authProtocol=AUTHENTICATION[login.auth] if login.auth else None,
        privProtocol=PRIVACY[login.priv] if login.priv else None,
    )


_ABSENT: Final = (
    (NoSuchObject, Absent.NO_SUCH_OBJECT),
    (NoSuchInstance, Absent.NO_SUCH_INSTANCE),
    (EndOfMibView, Absent.END_OF_MIB_VIEW),
)


def plain(value: Any) -> SnmpValue:
    """A value of pyasn1 as one of Python."""
    if isinstance(value, Integer):
        return int(value)
    # What stands for no value is an octet string or a NULL to pysnmp.
    for kind, word in _ABSENT:
        if isinstance(value, kind):
            return word
    if isinstance(value, IpAddress):
        return str(value.prettyPrint())
    if isinstance(value, OctetString):
        return bytes(value)
    return str(value) if isinstance(value, ObjectIdentifier) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A notification of version 3 that is proven to be its user's."""

    varbinds: Varbinds
    acknowledge: Callable[[], None] | None
    """Answers an inform; None for traps."""


class Prover:
    """The engine that hears version 3. `send` puts a datagram on the wire to (host, port).

    Its boots are minutes since 1970, which never run backwards: no file has to remember them.
    """

    def __init__(
        self,
        users: Iterable[Login],
        engine_id: bytes,
        now: float,
        send: Callable[[bytes, tuple[str, int]], None],
    ) -> None:
        self._engine = SnmpEngine()
        self.engine_id = engine_id
        self._heard: list[Heard] = []
        self._name(engine_id, int(now // 60))
        outlet = UdpTransport(loop=asyncio.get_running_loop())
        outlet.transport = _Outlet(send)
        entity.add_transport(self._engine, UDP_DOMAIN, outlet)
        self._engine.message_dispatcher.register_context_engine_id(
            b"", (v2c.SNMPv2TrapPDU.tagSet, v2c.InformRequestPDU.tagSet), self._take
        )
        for login in users:
            self.admit(login, engine_id)

    def close(self) -> None:
        """Let go of the engine."""
        self._engine.close_dispatcher()

    def hear(self, data: bytes, sender: tuple[str, int]) -> list[Heard]:
        """Proven notifications in one message; questions about our engine are answered."""
        self._heard = []
        try:
            self._engine.message_dispatcher.receive_message(
                self._engine, UDP_DOMAIN, UdpAddress(sender), data
            )
        except Exception as error:
            # Whatever a library does with hostile bytes, it is one message that is refused.
            raise ParseError("library") from error
        return self._heard

    def admit(self, login: Login, engine_id: bytes) -> None:
        """Let a user speak under an engine id."""
        entity.add_v3_user(
            self._engine,
            login.user,
            AUTHENTICATION[login.auth] if login.auth else usm.USM_AUTH_NONE,
            login.auth_secret or None,
            PRIVACY[login.priv] if login.priv else usm.USM_PRIV_NONE,
            login.priv_secret or None,
            securityEngineId=OctetString(engine_id),
        )

    def dismiss(self, login: Login, engine_id: bytes) -> None:
        """Forget a user under an engine id."""
        entity.delete_v3_user(self._engine, login.user, OctetString(engine_id))

    def _name(self, engine_id: bytes, boots: int) -> None:
        builder = self._engine.get_mib_builder()
        name, count = builder.import_symbols(
            "__SNMP-FRAMEWORK-MIB", "snmpEngineID", "snmpEngineBoots"
        )
        name.syntax = name.syntax.clone(engine_id)
        count.syntax = count.syntax.clone(boots)
        self._engine.snmpEngineID = name.syntax

    def _take(self, engine: Any, *how: Any) -> None:
        """What pysnmp calls with a proven notification (its processPdu)."""
        *before, pdu, longest, reference = how
        varbinds = [(str(name), plain(value)) for name, value in v2c.apiPDU.get_varbinds(pdu)]
        acknowledge = None
        if pdu.tagSet == v2c.InformRequestPDU.tagSet:
            response = v2c.apiPDU.get_response(pdu)
            v2c.apiPDU.set_varbinds(response, v2c.apiPDU.get_varbinds(pdu))
            acknowledge = partial(
                engine.message_dispatcher.return_response_pdu,
                engine, *before, response, longest, reference, {},
            )  # fmt: skip
        self._heard.append(Heard(varbinds=varbinds, acknowledge=acknowledge))


class _Outlet:
    """Stands where pysnmp expects the transport of a socket."""

    def __init__(self, send: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._send = send

    def sendto(self, data: bytes, address: Any) -> None:
        self._send(data, (str(address[0]), int(address[1])))

    def close(self) -> None:
        """The socket is ours."""
