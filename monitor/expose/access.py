"""Who may call what: the one place that decides, for every route there is or will be.

With tokens each call needs one. Without, the monitor listens on loopback only and whoever is on
the machine may do everything; then a web page in the operator's browser must be kept out, which
reaches loopback under its own host name (DNS rebinding) or with a plain form. So a call needs a
Host we answer to, and writing no foreign Origin.
"""

import base64
import binascii
import ipaddress
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from monitor.expose.tokens import Caller, Role, Token, caller_of
from monitor.expose.tries import Tries

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LOCAL: Final = Caller(name="local", role=Role.OPERATE)
"""Whoever calls where no tokens are configured."""
_OPEN: Final = frozenset({"/-/healthy"})
_PROBES: Final = frozenset({"/-/healthy", "/-/ready"})
_PAGE: Final = "/"
_REALM: Final = 'realm="cubemon"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a call is not answered; `reason` is a word for the counter."""

    status: HTTPStatus
    reason: str
    detail: str
    caller: Caller | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What of a request decides."""

    method: str
    path: str
    headers: Headers
    client: str = ""
    """Address it comes from."""
    now: float = 0.0
    """Seconds of a monotonic clock."""

    @property
    def writes(self) -> bool:
        """Whether it may change anything."""
        return self.method not in READING


class Access:
    """Decides by tokens and host names; both may be exchanged while calls come in."""

    def __init__(self, tokens: Sequence[Token] = (), hosts: Collection[str] = ()) -> None:
        self._tokens: tuple[Token, ...] = ()
        self._hosts: frozenset[str] = frozenset()
        self._tries = Tries()
        self.exchange(tokens, hosts)

    def exchange(self, tokens: Sequence[Token], hosts: Collection[str]) -> None:
        """Go by these from now on."""
        self._tokens = tuple(tokens)
        self._hosts = frozenset(host.lower() for host in hosts)

    def decide(self, call: Call) -> Caller | Refusal | None:
        """Who calls, or why it is refused; None for what anybody may ask."""
        if call.path in _OPEN and not call.writes:
            return None
        found = self._caller(call)
        if isinstance(found, Refusal):
            return found
        if needed(call) is Role.OPERATE and found.role is not Role.OPERATE:
            return Refusal(
                status=HTTPStatus.FORBIDDEN,
                reason="role",
                detail=f"the token {found.name!r} may read; this call needs the role operate",
                caller=found,
            )
        return self._misled(call, found) or found

    def _caller(self, call: Call) -> Caller | Refusal:
        if not self._tokens:
            return LOCAL
        shown = _shown(call)
        if shown is None:
            return _unauthorised(call, "no_token", "this call needs a token: Authorization: Bearer")
        found = caller_of(self._tokens, shown)
        wait = self._tries.wait(call.client, call.now)
        if wait and not (found and self._tries.knows(call.client, found.name)):
            # The right one is not told from a wrong one: that would be another try.
            return _too_many(wait)
        if found is None:
            self._tries.wrong(call.client, call.now)
            return _unauthorised(call, "wrong_token", "this token is not known")
        self._tries.good(call.client, found.name)
        return found

    def _misled(self, call: Call, caller: Caller) -> Refusal | None:
        # A page from elsewhere has no token: where tokens are needed it can read nothing.
        if not call.writes and (self._tokens or call.path in _PROBES):
            return None
        host = call.headers.get("host", "")
        if not self._known(host):
            return Refusal(
                status=HTTPStatus.FORBIDDEN,
                reason="host",
                detail="this monitor does not answer to that Host; name it under http.hosts",
                caller=caller,
            )
        origin = call.headers.get("origin")
        if call.writes and origin not in {None, f"http://{host}", f"https://{host}"}:
            return Refusal(
                status=HTTPStatus.FORBIDDEN,
                reason="origin",
                detail="writing calls from other web pages are refused",
                caller=caller,
            )
        return None

    def _known(self, authority: str) -> bool:
        try:
            host = urlsplit(f"//{authority}").hostname or ""
        except ValueError:
            return False
        return is_loopback(host) or host in self._hosts


def needed(call: Call) -> Role | None:
    """The role that a call needs: reading ones `read`, all others `operate`, whatever they are."""
    if call.writes:
        return Role.OPERATE
    return None if call.path in _OPEN else Role.READ


def is_loopback(host: str) -> bool:
    """Whether it is `localhost` or a loopback address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(call: Call) -> str | None:
    scheme, _, rest = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and rest.strip():
        return rest.strip()
    # A browser has no other way to show one. It sends it unasked ever after, so it may only read.
    if scheme.lower() == "basic" and not call.writes:
        return _password(rest.strip())
    return None


def _password(text: str) -> str | None:
    try:
        _, _, password = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return password or None


def _too_many(wait: float) -> Refusal:
    seconds = math.ceil(wait)
    return Refusal(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        reason="tries",
        detail=f"too many wrong tokens came from your address; try again in {seconds} s",
        headers={"Retry-After": str(seconds)},
    )


def _unauthorised(call: Call, reason: str, detail: str) -> Refusal:
    challenge = f"Bearer {_REALM}"
    if reason == "wrong_token":
        challenge += ', error="invalid_token"'
    if call.path == _PAGE:
        challenge = f'Basic {_REALM}, charset="UTF-8"'
    return Refusal(
        status=HTTPStatus.UNAUTHORIZED,
        reason=reason,
        detail=detail,
        headers={"WWW-Authenticate": challenge},
    )
