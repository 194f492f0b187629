"""What every call passes: access, security headers, a number of its own, the audit of writing."""

import asyncio
import contextlib
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.domain.audit import AuditRecord, Seldom
from monitor.expose.access import Access, Call, Refusal
from monitor.expose.problem import answer, unexpected
from monitor.expose.tokens import Caller

Note = Callable[[AuditRecord], Awaitable[None]]
Refused = Callable[[str], None]

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_SECURE: Final = {"Strict-Transport-Security": "max-age=31536000"}
_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NOTE_SECONDS: Final = 5.0
"""So long an answer waits for its record; a store that refuses gets it later."""
_BULK: Final = frozenset({"/api/v1/readings", "/api/v1/show"})
"""Bringing data is an exporter's daily work: done well it is noted once an hour."""


async def _nowhere(_: AuditRecord) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorkeeper:
    """Who is let in, and where what they did is noted."""

    access: Access = field(default_factory=Access)
    note: Note = _nowhere
    """Keeps a record; returns when it is durable."""
    refused: Refused = lambda _: None
    """Counts a refusal by its reason."""


class Guard:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp, door: Doorkeeper, styles: str) -> None:
        self._app = app
        self._door = door
        self._policy = f"{_POLICY}; style-src {styles}"
        self._seldom = Seldom()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        number = _number(headers)
        scope.setdefault("state", {})["request_id"] = number
        client = scope.get("client")
        call = Call(
            method=scope["method"],
            path=scope["path"],
            headers=headers,
            client=client[0] if client else "",
            now=time.monotonic(),
        )
        decided = self._door.access.decide(call)

        started = False

        async def sealed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                await self._noted(scope, call, decided, int(message["status"]))
                self._seal(MutableHeaders(scope=message), number, scope["scheme"])
            await send(message)

        if isinstance(decided, Refusal):
            self._door.refused(decided.reason)
            refusal = answer(decided.status, decided.detail, headers=decided.headers)
            await refusal(scope, receive, sealed)
            return
        try:
            await self._app(scope, receive, sealed)
        except Exception:
            if not started:
                await unexpected()(scope, receive, sealed)
            # The server logs it.
            raise

    def _seal(self, headers: MutableHeaders, number: str, scheme: str) -> None:
        headers.update(_HEADERS)
        if scheme == "https":
            headers.update(_SECURE)
        headers["Content-Security-Policy"] = self._policy
        headers["X-Request-ID"] = number

    async def _noted(
        self, scope: Scope, call: Call, decided: Caller | Refusal | None, status: int
    ) -> None:
        caller = decided.caller if isinstance(decided, Refusal) else decided
        # Whoever has no token is counted, not noted: strangers must not fill the store.
        if not call.writes or caller is None:
            return
        record = _record(scope, call, caller, status)
        if call.path in _BULK and status == HTTPStatus.OK and not self._seldom.first(record):
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_NOTE_SECONDS):
                await self._door.note(record)


def _number(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _record(scope: Scope, call: Call, caller: Caller, status: int) -> AuditRecord:
    state: dict[str, Any] = scope["state"]
    # The query is left out: somebody may have put a secret into it.
    return AuditRecord(
        time=time.time(),
        who=caller.name,
        claimed=_plain(call.headers.get("from", ""))[:100],
        origin=call.client,
        action=f"{call.method} {_plain(call.path)}"[:300],
        what=_plain(str(state.get("audit", "")))[:500],
        result=str(status),
        request_id=state["request_id"],
    )


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
