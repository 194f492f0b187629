"""pysnmp, known here and to `users` only: one engine that asks devices, one that hears version 3.

Three of its traps are kept away from here. A community is registered by its name alone: under two
indices the second would never be answered. An engine is made once a process, never a target: each
costs 60 ms and gives back neither its memory nor its socket. And `users` keeps users of version 3.
"""

import asyncio
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, Final, Self

from pyasn1.error import PyAsn1Error
from pyasn1.type.univ import Integer, ObjectIdentifier, OctetString
from pysnmp.carrier.asyncio.dgram.udp import DOMAIN_NAME as UDP_DOMAIN
from pysnmp.carrier.asyncio.dgram.udp import UdpAsyncioTransport as UdpTransport
from pysnmp.carrier.asyncio.dgram.udp import UdpTransportAddress as UdpAddress
from pysnmp.carrier.asyncio.dgram.udp6 import DOMAIN_NAME as UDP6_DOMAIN
from pysnmp.carrier.asyncio.dgram.udp6 import Udp6AsyncioTransport as Udp6Transport
from pysnmp.carrier.asyncio.dgram.udp6 import Udp6TransportAddress as Udp6Address
from pysnmp.entity import config as entity
from pysnmp.error import PySnmpError
from pysnmp.proto import errind
from pysnmp.proto.api import v2c
from pysnmp.proto.error import StatusInformation
from pysnmp.proto.rfc1902 import IpAddress, ObjectName
from pysnmp.proto.rfc1905 import EndOfMibView, NoSuchInstance, NoSuchObject

from monitor.collect.snmp.failure import TooBigError, VisitError, VisitResult
from monitor.collect.snmp.login import Login
from monitor.collect.snmp.users import new_engine
from monitor.errors import ParseError
from monitor.wire import Absent, SnmpValue

Varbinds = list[tuple[str, SnmpValue]]

_TOO_BIG: Final = 1
_SILENT: Final = (errind.RequestTimedOut,)
_DISCOVERED: Final = (errind.NotInTimeWindow, errind.UnknownEngineID)
_MOST_DISCOVERIES: Final = 4
_NULL: Final = v2c.null
_RECEIVE_BUFFER: Final = 4 << 20
_SO_RCVBUFFORCE: Final = 33
"""Linux, not in Python's socket module."""
_IPV4: Final = (UDP_DOMAIN, UdpTransport, UdpAddress)
_IPV6: Final = (UDP6_DOMAIN, Udp6Transport, Udp6Address)
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

    host: str
    port: int
    login: Login
    patience: float
    """Seconds, for each try."""
    retries: int

    @property
    def address(self) -> str:
        """Where it is asked."""
        return self.host


class Session:
    """Asks devices; one for all of them.

    Questions go to the engine's dispatcher with their address. pysnmp's own interface for users
    files each address in a table of the engine first, which grows dearer with every device.
    """

    def __init__(self) -> None:
        self._engine, self._users = new_engine()
        self._open: set[Any] = set()
        self._names: dict[Login, Any] = {}
        self._numbers = count()
        (self._text,) = self._engine.get_mib_builder().import_symbols(
            "SNMP-FRAMEWORK-MIB", "SnmpAdminString"
        )

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
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        except OSError as error:
            raise VisitError(VisitResult.UNREACHABLE, f"{host} has no address") from error
        address = str(found[0][4][0])
        return Peer(host=address, port=port, login=login, patience=patience, retries=retries)

    async def get(self, peer: Peer, oids: Sequence[str]) -> Varbinds:
        """Values of object identifiers; raises VisitError."""
        question = v2c.GetRequestPDU()
        v2c.apiPDU.set_defaults(question)
        v2c.apiPDU.set_varbinds(question, [(ObjectName(oid), _NULL) for oid in oids])
        return await self._answer(peer, question)

    async def bulk(
        self, peer: Peer, single: Sequence[str], repeated: Sequence[str], rows: int
    ) -> Varbinds:
        """The next value after each of `single`, and the next `rows` after each of `repeated`.

        Raises VisitError.
        """
        question = v2c.GetBulkRequestPDU()
        v2c.apiBulkPDU.set_defaults(question)
        v2c.apiBulkPDU.set_non_repeaters(question, len(single))
        v2c.apiBulkPDU.set_max_repetitions(question, rows)
        names = [(ObjectName(oid), _NULL) for oid in (*single, *repeated)]
        v2c.apiBulkPDU.set_varbinds(question, names)
        return await self._answer(peer, question)

    async def _answer(self, peer: Peer, question: Any) -> Varbinds:
        tries = discoveries = 0
        while True:
            failure, answer = await self._asked(peer, question)
            if failure is None:
                return _values(question, answer)
            # Of version 3: the first question to an engine tells its id and clock.
            if isinstance(failure, _DISCOVERED) and discoveries < _MOST_DISCOVERIES:
                discoveries += 1
            elif isinstance(failure, _SILENT) and tries < peer.retries:
                tries += 1
            else:
                raise VisitError(_result(failure), str(failure)[:100])

    async def _asked(self, peer: Peer, question: Any) -> tuple[Any, Any]:
        future: asyncio.Future[tuple[Any, Any]] = asyncio.get_running_loop().create_future()
        domain, address = self._route(peer)
        ticks = peer.patience / self._engine.transport_dispatcher.get_timer_resolution()
        version = (1, 2) if peer.login.community else (3, 3)
        try:
            self._engine.message_dispatcher.send_pdu(
                self._engine, domain, address, *version,
                self._registered(peer.login), peer.login.level,
                None, self._text(b""), 1, question, True, ticks, _take, future,  # noqa: FBT003 - pysnmp's
            )  # fmt: skip
        except StatusInformation as refused:
            return refused.get("errorIndication"), None
        except (PySnmpError, PyAsn1Error) as error:
            raise VisitError(VisitResult.ERROR, type(error).__name__) from error
        return await future

    def _route(self, peer: Peer) -> tuple[Any, Any]:
        domain, transport, kind = _IPV6 if ":" in peer.host else _IPV4
        if domain not in self._open:
            family = socket.AF_INET6 if ":" in peer.host else socket.AF_INET
            door = transport().open_server_mode(sock=_roomy_socket(family))
            entity.add_transport(self._engine, domain, door)
            self._open.add(domain)
        # pysnmp files engines of version 3 under the address as answers bear it.
        flow_and_scope = (0, 0) if domain is UDP6_DOMAIN else ()
        return domain, kind((peer.host, peer.port, *flow_and_scope))

    def _registered(self, login: Login) -> Any:
        """The engine's name of a login; it is told it once."""
        known = self._names.get(login)
        if known is None:
            name = login.user or f"community-{next(self._numbers)}"
            # A user's pass phrases may change, and change back.
            self._names = {it: of for it, of in self._names.items() if bytes(of) != name.encode()}
            known = self._names[login] = self._text(name)
            if login.community:
                entity.add_v1_system(self._engine, name, login.community)
                entity.add_target_parameters(self._engine, name, name, "noAuthNoPriv", 1)
            else:
                self._users.know(login)
        return known


def _roomy_socket(family: int) -> socket.socket:
    """A socket that holds the answers of hundreds of devices while one is read."""
    found = socket.socket(family, socket.SOCK_DGRAM)
    found.settimeout(0)
    with suppress(PermissionError):
        # Without CAP_NET_ADMIN the kernel grants at most net.core.rmem_max, as asked next.
        found.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER)
        return found
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
    return found


def _take(engine: Any, *said: Any) -> None:
    """What pysnmp calls with an answer (its processResponsePdu)."""
    del engine
    *_, answer, status, _, future = said
    if not future.done():
        future.set_result((status["errorIndication"] if status else None, answer))


def _values(question: Any, answer: Any) -> Varbinds:
    if v2c.apiPDU.get_request_id(answer) != v2c.apiPDU.get_request_id(question):
        raise VisitError(VisitResult.ERROR, "an answer to another question")
    status = int(v2c.apiPDU.get_error_status(answer))
    if status == _TOO_BIG:
        raise TooBigError(VisitResult.ERROR, "tooBig")
    if status:
        raise VisitError(VisitResult.ERROR, f"error-status {status}")
    return [(str(name), plain(value)) for name, value in v2c.apiPDU.get_varbinds(answer)]


def _result(failure: object) -> VisitResult:
    if isinstance(failure, _SILENT):
        return VisitResult.TIMEOUT
    return VisitResult.LOGIN_REFUSED if isinstance(failure, _REFUSED) else VisitResult.ERROR


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
        self._engine, self._users = new_engine()
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
            self._users.know(login)
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
        self._users.admit(engine_id, login.user.encode())

    def dismiss(self, login: Login, engine_id: bytes) -> None:
        """Forget a user under an engine id."""
        self._users.dismiss(engine_id, login.user.encode())

    def _name(self, engine_id: bytes, boots: int) -> None:
        builder = self._engine.get_mib_builder()
        name, started = builder.import_symbols(
            "__SNMP-FRAMEWORK-MIB", "snmpEngineID", "snmpEngineBoots"
        )
        name.syntax = name.syntax.clone(engine_id)
        started.syntax = started.syntax.clone(boots)
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
