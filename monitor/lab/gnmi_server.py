"""The gNMI server of a virtual CUBE: Capabilities, Get and Subscribe on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import grpc  # type: ignore[import-untyped]  # ships no types
from pygnmi.spec.v080 import (  # type: ignore[import-untyped]  # ships no types
    gnmi_pb2,
    gnmi_pb2_grpc,
)

from monitor.lab.gnmi_certificates import Identity
from monitor.lab.gnmi_style import Elements, Style, bare, notification, updates
from monitor.lab.gnmi_tree import MODULES, Node, YangCube, found

_NANO: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What a device can and does."""

    user: str = "monitor"
    password: str = ""
    style: Style = field(default_factory=Style)
    encodings: tuple[int, ...] = (gnmi_pb2.JSON_IETF, gnmi_pb2.JSON, gnmi_pb2.PROTO)
    syncs: bool = True
    streams: bool = True
    polls: bool = True
    keeps_its_word: bool = True
    """It sends on change what it says it does."""
    capable: bool = True
    """It answers Capabilities."""
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    """What happens between samples."""
    aborts: Any = None
    """Status code with which each Subscribe ends after its first answer."""
    options: tuple[tuple[str, int], ...] = ()
    """gRPC arguments of the server."""


class GnmiServer:
    """Serves one CUBE; `calls` keeps the names of what was asked, `subscribers` the open ones."""

    def __init__(self, cube: YangCube, behaviour: Behaviour, host: str = "127.0.0.1") -> None:
        self._address = f"[{host}]:0" if ":" in host else f"{host}:0"
        self.cube = cube
        self.behaviour = behaviour
        self.calls: list[str] = []
        self.subscriptions: list[Any] = []
        self.port = 0

    @asynccontextmanager
    async def serving(
        self, identity: Identity | None = None, *, client_authority: bytes | None = None
    ) -> AsyncIterator["GnmiServer"]:
        """Serve until the context is left; without an identity in plaintext.

        With `client_authority` (PEM) clients must show a certificate of it.
        """
        server = grpc.aio.server(options=self.behaviour.options)
        gnmi_pb2_grpc.add_gNMIServicer_to_server(_Servicer(self), server)
        if identity is None:
            self.port = server.add_insecure_port(self._address)
        else:
            credentials = grpc.ssl_server_credentials(
                [(identity.key, identity.certificate)],
                root_certificates=client_authority,
                require_client_auth=client_authority is not None,
            )
            self.port = server.add_secure_port(self._address, credentials)
        await server.start()
        try:
            yield self
        finally:
            await server.stop(grace=None)

    async def admit(self, method: str, context: Any) -> None:
        """End the call unless its metadata holds the right login."""
        self.calls.append(method)
        shown = dict(context.invocation_metadata())
        wanted = self.behaviour
        if (shown.get("username"), shown.get("password")) != (wanted.user, wanted.password):
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "wrong user name or password")

    def changes(self, root: str) -> bool:
        """Whether it takes subscriptions on change to what is below a root."""
        return self.behaviour.keeps_its_word and root in self.cube.on_change

    async def told(self, paths: list[Any], encoding: int, context: Any) -> Any:
        """A Notification of all that is at the paths now."""
        tree = self.cube.tree()
        leaves = self.behaviour.style.leaves or encoding == gnmi_pb2.PROTO
        sent: list[tuple[Elements, Node]] = []
        for path in paths:
            names = bare(path)
            if not names or MODULES.get(names[0]) not in self.cube.models():
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"no such path: {names}")
            node = found(tree, names)
            if node is not None:
                where = tuple((name, dict[str, str]()) for name in names)
                sent += updates(where, node, leaves=leaves)
        return notification(
            sent,
            timestamp=int(self.cube.clock() * _NANO),
            encoding=encoding,
            style=self.behaviour.style,
        )


class _Servicer(gnmi_pb2_grpc.gNMIServicer):  # type: ignore[misc]  # its base has no types
    def __init__(self, server: GnmiServer) -> None:
        self._server = server

    async def Capabilities(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
        del request
        await self._server.admit("Capabilities", context)
        if not self._server.behaviour.capable:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "no Capabilities")
        models = self._server.cube.models().items()
        return gnmi_pb2.CapabilityResponse(
            supported_models=[
                gnmi_pb2.ModelData(name=name, organization="Cisco Systems, Inc.", version=version)
                for name, version in models
            ],
            supported_encodings=self._server.behaviour.encodings,
            gNMI_version="0.7.0",
        )

    async def Get(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
        await self._server.admit("Get", context)
        told = await self._server.told(list(request.path), request.encoding, context)
        return gnmi_pb2.GetResponse(notification=[told])

    async def Subscribe(  # noqa: N802 - gRPC's name
        self, requests: AsyncIterator[Any], context: Any
    ) -> AsyncIterator[Any]:
        await self._server.admit("Subscribe", context)
        first = (await anext(aiter(requests))).subscribe
        self._server.subscriptions.append(first)
        answer = {
            gnmi_pb2.SubscriptionList.STREAM: self._stream,
            gnmi_pb2.SubscriptionList.ONCE: self._once,
            gnmi_pb2.SubscriptionList.POLL: self._poll,
        }[first.mode]
        async for response in answer(first, requests, context):
            yield response
            if self._server.behaviour.aborts is not None:
                await context.abort(self._server.behaviour.aborts, "as\x00the\ntest wants")

    async def _once(self, first: Any, requests: Any, context: Any) -> AsyncIterator[Any]:
        del requests
        paths = [one.path for one in first.subscription]
        told = await self._server.told(paths, first.encoding, context)
        if told.update:
            yield gnmi_pb2.SubscribeResponse(update=told)
        if self._server.behaviour.syncs:
            yield gnmi_pb2.SubscribeResponse(sync_response=True)

    async def _poll(self, first: Any, requests: Any, context: Any) -> AsyncIterator[Any]:
        if not self._server.behaviour.polls:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "no POLL")
        async for _ in requests:
            async for response in self._once(first, requests, context):
                yield response

    async def _stream(self, first: Any, requests: Any, context: Any) -> AsyncIterator[Any]:
        if not self._server.behaviour.streams:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "no STREAM")
        changing = await self._changing(first, context)
        async for response in self._once(first, requests, context):
            yield response
        intervals = [one.sample_interval or one.heartbeat_interval for one in first.subscription]
        paths = [one.path for one in first.subscription if one.mode != gnmi_pb2.ON_CHANGE]
        while True:
            await self._server.behaviour.pause(min(filter(None, intervals), default=_NANO) / _NANO)
            told = await self._server.told(paths, first.encoding, context)
            if told.update:
                yield gnmi_pb2.SubscribeResponse(update=told)
            for one in changing:
                told = await self._server.told([one.path], first.encoding, context)
                if one.is_news(told, self._server.cube.clock()):
                    yield gnmi_pb2.SubscribeResponse(update=told)

    async def _changing(self, first: Any, context: Any) -> list["_Changing"]:
        """The subscriptions on change, of which all there is now will have been said."""
        found = []
        for subscription in first.subscription:
            if subscription.mode != gnmi_pb2.ON_CHANGE:
                continue
            if not self._server.changes(bare(subscription.path)[0]):
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no ON_CHANGE there")
            one = _Changing(subscription)
            told = await self._server.told([one.path], first.encoding, context)
            one.is_news(told, self._server.cube.clock())
            found.append(one)
        return found


class _Changing:
    """One subscription on change: what was said last, and when."""

    def __init__(self, subscription: Any) -> None:
        self.path = subscription.path
        self._heartbeat = subscription.heartbeat_interval / _NANO
        self._said = b""
        self._at = 0.0

    def is_news(self, told: Any, now: float) -> bool:
        """It differs from what was said, or its heartbeat is due; from now on it was said."""
        what = gnmi_pb2.Notification(update=told.update).SerializeToString(deterministic=True)
        due = self._heartbeat > 0 and now - self._at >= self._heartbeat
        if what == self._said and not due:
            return False
        self._said, self._at = what, now
        return bool(told.update)
