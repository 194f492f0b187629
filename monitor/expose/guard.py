"""What every answer carries, and whom a writing call is accepted from.

A web page in the operator's browser can reach loopback, under its own host name (DNS rebinding) or
with a plain form; so writing needs a Host we answer to and no foreign Origin.
"""

import ipaddress
from collections.abc import Collection
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.expose.problem import answer

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def is_loopback(host: str) -> bool:
    """Whether it is `localhost` or a loopback address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """ASGI middleware: security headers on all answers, the host check on writing calls."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], styles: str) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._policy = f"{_POLICY}; style-src {styles}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers["Content-Security-Policy"] = self._policy
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        if refusal:
            await answer(HTTPStatus.FORBIDDEN, refusal)(scope, receive, sealed)
        else:
            await self._app(scope, receive, sealed)

    def _refusal(self, method: str, headers: Headers) -> str:
        if method in _READING:
            return ""
        host = headers.get("host", "")
        if not self._known(host):
            return "this monitor does not answer to that Host for writing calls"
        origin = headers.get("origin")
        if origin is not None and origin not in {f"http://{host}", f"https://{host}"}:
            return "writing calls from other web pages are refused"
        return ""

    def _known(self, authority: str) -> bool:
        try:
            host = urlsplit(f"//{authority}").hostname or ""
        except ValueError:
            return False
        return is_loopback(host) or host in self._hosts
