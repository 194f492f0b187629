"""One gRPC channel to one device: what may be called on it, and how calls end."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import grpc  # type: ignore[import-untyped]  # ships no types

from monitor.collect.gnmi.config import GnmiTarget
from monitor.collect.gnmi.messages import SERVICE
from monitor.collect.secret import Login, TlsFiles
from monitor.errors import CollectError, ConfigError

_LONGEST_DETAIL: Final = 200
_LARGEST_FILE: Final = 4 << 20
_TOO_MANY: Final = ("too_many_pings", "too many pings", "enhance_your_calm")
_CERTIFICATE: Final = ("certificate", "ssl", "tls", "hostname verification")

REFUSED: Final = frozenset({"unauthenticated", "permission_denied"})
"""The device does not take the login."""
NOT_OFFERED: Final = frozenset(
    {"unimplemented", "invalid_argument", "not_found", "failed_precondition"}
)
"""The device does not know what was asked for."""


class LinkError(CollectError):
    """A call ended; `code` is a bounded word, the message never holds a secret."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOptions:
    """How a channel is kept."""

    keepalive: float
    """Seconds between pings."""
    message_cap: int
    timeout: float
    """Seconds a single question may take."""


class Stream:
    """An open Subscribe call."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._reading: asyncio.Task[Any] | None = None

    async def send(self, request: bytes) -> None:
        """Send a SubscribeRequest; raises LinkError."""
        try:
            await self._call.write(request)
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            raise await self._ended(error) from error
        except grpc.aio.BaseError as error:
            raise _internal(error) from error

    async def next(self) -> bytes:
        """The next SubscribeResponse as it came; raises LinkError where the call ended."""
        try:
            payload = await self._call.read()
        except grpc.aio.AioRpcError as error:
            raise link_error(error) from error
        except grpc.aio.BaseError as error:
            raise _internal(error) from error
        if payload is grpc.aio.EOF:
            raise await self._ended(None)
        message: bytes = payload
        return message

    async def next_within(self, seconds: float) -> bytes | None:
        """As `next`, None where nothing came in time; the call goes on."""
        if self._reading is None:
            self._reading = asyncio.create_task(self.next())
        done, _ = await asyncio.wait({self._reading}, timeout=seconds)
        if not done:
            return None
        reading, self._reading = self._reading, None
        payload: bytes = reading.result()
        return payload

    async def _ended(self, error: Exception | None) -> LinkError:
        if isinstance(error, grpc.aio.AioRpcError):
            return link_error(error)
        code = await self._call.code()
        detail = await self._call.details()
        return LinkError(_word(code, detail or ""), _one_line(detail or ""))

    async def close(self) -> None:
        """Cancel the call."""
        self._call.cancel()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)


class Link:
    """Only asks: nothing here can change a device."""

    def __init__(self, channel: Any, login: Login | None, timeout: float) -> None:
        self._channel = channel
        self._metadata = _metadata(login)
        self._timeout = timeout

    async def capabilities(self, request: bytes) -> bytes:
        """CapabilityResponse as it came; raises LinkError."""
        return await self._ask("Capabilities", request)

    async def get(self, request: bytes) -> bytes:
        """GetResponse as it came; raises LinkError."""
        return await self._ask("Get", request)

    async def _ask(self, method: str, request: bytes) -> bytes:
        ask = self._channel.unary_unary(SERVICE + method)
        try:
            answer: bytes = await ask(request, timeout=self._timeout, metadata=self._metadata)
        except grpc.aio.AioRpcError as error:
            raise link_error(error) from error
        except grpc.aio.BaseError as error:
            raise _internal(error) from error
        return answer

    @asynccontextmanager
    async def subscribe(self, request: bytes) -> AsyncIterator[Stream]:
        """A Subscribe call that ends with the context."""
        call = self._channel.stream_stream(SERVICE + "Subscribe")(metadata=self._metadata)
        stream = Stream(call)
        try:
            await stream.send(request)
            yield stream
        finally:
            await stream.close()


@asynccontextmanager
async def connected(
    target: GnmiTarget, login: Login | None, options: LinkOptions
) -> AsyncIterator[Link]:
    """A link that is closed with the context; raises LinkError where files cannot be read."""
    channel = _channel(target, options)
    try:
        yield Link(channel, login, options.timeout)
    finally:
        await channel.close()


def _channel(target: GnmiTarget, options: LinkOptions) -> Any:
    arguments: list[tuple[str, int | str]] = [
        ("grpc.keepalive_time_ms", int(options.keepalive * 1000)),
        ("grpc.keepalive_timeout_ms", 20_000),
        # A sampling stream is quiet for longer than a few pings.
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.max_receive_message_length", options.message_cap),
        ("grpc.enable_retries", 0),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    if target.plaintext:
        return grpc.aio.insecure_channel(target.address, options=arguments)
    if target.tls.server_name is not None:
        arguments.append(("grpc.ssl_target_name_override", target.tls.server_name))
    return grpc.aio.secure_channel(target.address, _credentials(target.tls), options=arguments)


def _credentials(files: TlsFiles) -> Any:
    try:
        return grpc.ssl_channel_credentials(
            root_certificates=_roots(files.ca),
            private_key=None if files.key is None else files.key.reveal().encode(),
            certificate_chain=None if files.cert is None else _content(files.cert),
        )
    except OSError as error:
        raise LinkError("tls_files_unreadable", f"{error.filename}: {error.strerror}") from error
    except ConfigError as error:
        raise LinkError("tls_files_unreadable", str(error)) from error


def _roots(path: Path | None) -> bytes | None:
    if path is not None:
        return _content(path)
    of_this_machine = ssl.get_default_verify_paths().cafile
    return None if of_this_machine is None else _content(Path(of_this_machine))


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LARGEST_FILE)


def _metadata(login: Login | None) -> tuple[tuple[str, str], ...]:
    if login is None:
        return ()
    try:
        password = login.password.reveal()
    except ConfigError as error:
        raise LinkError("credential_unreadable", str(error)) from error
    if not (login.user + password).isascii() or not (login.user + password).isprintable():
        raise LinkError("credential_unusable", "gRPC carries printable ASCII only")
    return (("username", login.user), ("password", password))


def link_error(error: Any) -> LinkError:
    """How a call ended, in a bounded word."""
    detail = str(error.details() or "")
    return LinkError(_word(error.code(), detail), _one_line(detail))


def _internal(error: Exception) -> LinkError:
    return LinkError("internal", _one_line(str(error)))


def _one_line(detail: str) -> str:
    """A device's words, fit for a log."""
    words = " ".join(detail[: 2 * _LONGEST_DETAIL].split())
    return "".join(one for one in words if one.isprintable())[:_LONGEST_DETAIL]


def _word(code: Any, detail: str) -> str:
    lower = detail.lower()
    if any(sign in lower for sign in _TOO_MANY) or "error code: 11" in lower:
        return "too_many_pings"
    word = "ended" if code is grpc.StatusCode.OK else str(code.name).lower()
    if word == "unavailable" and any(sign in lower for sign in _CERTIFICATE):
        return "certificate_refused"
    return word
