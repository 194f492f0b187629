"""CSSM's door: a token for client credentials, kept while it lasts, and calls that only read."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final

import httpx

from monitor.collect.clock import Clock
from monitor.collect.cssm.calls import Call
from monitor.collect.cssm.config import CssmConfig
from monitor.collect.https import AnswerError, body, failure, revealed, verified

_EARLY: Final = 60.0
"""A token is renewed so long before it ends."""
_LONGEST_TOKEN: Final = 16_384
_SHORT: Final = 65_536
REFUSED: Final = "refused"
FORBIDDEN: Final = "forbidden"
_WORDS: Final[Mapping[int, tuple[str, str]]] = {
    HTTPStatus.UNAUTHORIZED: (
        REFUSED,
        "the credentials are refused (401); a new client is refused for about half an hour",
    ),
    HTTPStatus.FORBIDDEN: (
        FORBIDDEN,
        "not allowed (403): grant the client this API, and access to the smart account",
    ),
    HTTPStatus.NOT_FOUND: ("not_found", "no such address (404): look at url and smart_account"),
    HTTPStatus.TOO_MANY_REQUESTS: ("too_many_requests", "asked too often (429)"),
}


class Tokens:
    """The token, shared by all calls; asked for again when it ends or is refused."""

    def __init__(self, config: CssmConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._token = ""
        self._until = 0.0

    @property
    def held(self) -> bool:
        """There is one from before."""
        return bool(self._token) and self._clock.monotonic() < self._until

    def forget(self) -> None:
        """The server refused it."""
        self._token = ""

    async def token(self, client: httpx.AsyncClient) -> str:
        """One that lasts for this call at least; raises AnswerError."""
        if not self.held:
            await self._ask(client)
        return self._token

    async def _ask(self, client: httpx.AsyncClient) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._config.client_id,
            "client_secret": revealed(self._config.client_secret),
        }
        asked = self._clock.monotonic()
        said = _object(await _sent(client, client.build_request(
            "POST", self._config.token_url, data=form), _SHORT))  # fmt: skip
        token, lasts = said.get("access_token"), said.get("expires_in", 0)
        if not isinstance(token, str) or not 0 < len(token) <= _LONGEST_TOKEN:
            raise AnswerError("no_token", "the answer holds no access_token")
        if not token.isascii() or not token.isprintable():
            raise AnswerError("no_token", "the access_token is no token")
        self._token = token
        self._until = asked + (lasts - _EARLY if isinstance(lasts, int | float) else 0.0)


class Door:
    """An open connection; `read` is all that can be done with it."""

    def __init__(self, client: httpx.AsyncClient, tokens: Tokens, config: CssmConfig) -> None:
        self._client = client
        self._tokens = tokens
        self._config = config

    async def read(self, call: Call) -> bytes:
        """The JSON text that answers a call; raises AnswerError."""
        try:
            async with asyncio.timeout(self._config.timeout):
                return await self._read(call)
        except TimeoutError as error:
            raise AnswerError("timeout") from error
        except httpx.HTTPError as error:
            raise failure(error) from error

    async def _read(self, call: Call) -> bytes:
        held = self._tokens.held
        try:
            return await self._once(call)
        except AnswerError as error:
            # Refused credentials must not be tried twice: clients get locked by trying.
            if error.result != REFUSED or not held:
                raise
        # The token that was held may have been withdrawn before its time.
        self._tokens.forget()
        return await self._once(call)

    async def _once(self, call: Call) -> bytes:
        token = await self._tokens.token(self._client)
        request = self._client.build_request(
            "POST",
            self._config.url.rstrip("/") + call.path,
            content=call.body,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        return await _sent(self._client, request, self._config.body_cap)


@asynccontextmanager
async def opened(config: CssmConfig, tokens: Tokens) -> AsyncIterator[Door]:
    """A door that is closed with the context; raises AnswerError where a file cannot be read."""
    client = httpx.AsyncClient(
        verify=verified(config.tls),
        # Packed answers would unpack to any size.
        headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        timeout=config.timeout,
        follow_redirects=False,
        # Nothing is taken from the environment: no proxy, no .netrc.
        trust_env=False,
        proxy=config.proxy,
        limits=httpx.Limits(max_connections=2),
    )
    async with client:
        yield Door(client, tokens, config)


async def _sent(client: httpx.AsyncClient, request: httpx.Request, cap: int) -> bytes:
    answer = await client.send(request, stream=True)
    try:
        if answer.status_code != httpx.codes.OK:
            raise _refusal(answer)
        return await body(answer, cap)
    finally:
        await answer.aclose()


def _refusal(answer: httpx.Response) -> AnswerError:
    status = answer.status_code
    result, words = _WORDS.get(status, ("bad_status", f"status {status}"))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        result = "server_error"
    after = answer.headers.get("retry-after", "")
    wait = float(after) if after.isascii() and after.isdecimal() and len(after) < 7 else 0.0  # noqa: PLR2004 - eleven days say enough
    return AnswerError(result, words, wait=wait)


def _object(text: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AnswerError("not_json") from error
    if not isinstance(said, dict):
        raise AnswerError("not_json", "no object")
    return said


def entries_of(text: bytes, key: str) -> tuple[int, int | None]:
    """How many entries a page lists, and of how many in all where it says so.

    Raises AnswerError where it lists none of that kind.
    """
    said = _object(text)
    inner = said.get("data")
    page = said.get(key, inner.get(key) if isinstance(inner, dict) else None)
    if not isinstance(page, list):
        raise AnswerError("not_json", f"no list of {key} in it")
    total = said.get("totalRecords")
    return len(page), total if isinstance(total, int) and total >= 0 else None
