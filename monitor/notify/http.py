"""One careful POST: verified TLS, no redirects, a time limit for all of it, answers not read."""

import asyncio
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import httpx
from pydantic import AfterValidator

from monitor.errors import DeliveryError

_POISON: Final = frozenset({400, 413, 414, 415, 422})
"""The receiver understands us and will never take this one. 401, 403 and 404 are a mistake in a
configuration, which somebody puts right."""
_LONGEST_WAIT: Final = 300.0


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("write it like https://host/path")
    if parts.username or parts.password or parts.fragment:
        raise ValueError("no user or password here; a secret belongs in a file")
    return url


Url = Annotated[str, AfterValidator(_checked)]


def tls(ca: Path | None) -> ssl.SSLContext:
    """Certificates are always verified; ConfigError is for others: DeliveryError names the file."""
    try:
        return ssl.create_default_context(cafile=None if ca is None else str(ca))
    except (OSError, ssl.SSLError) as error:
        raise DeliveryError(f"authorities in {ca} cannot be read: {error}") from error


class Door:
    """Where one channel posts to. `shown` is its address as messages may show it."""

    def __init__(self, shown: str, *, seconds: float, ca: Path | None = None) -> None:
        self._shown = shown
        self._seconds = seconds
        self._ca = ca
        self._client: httpx.AsyncClient | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Returns where the answer is 2xx; DeliveryError otherwise."""
        try:
            async with asyncio.timeout(self._seconds):
                client = self._connected()
                request = client.build_request("POST", url, content=body, headers=dict(headers))
                # The body of the answer is never read: nobody vouches for its size.
                response = await client.send(request, stream=True)
                await response.aclose()
        except TimeoutError as error:
            raise DeliveryError(f"{self._shown} did not answer in {self._seconds:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise DeliveryError(f"no answer from {self._shown}: {_reason(error)}") from error
        self._judge(response)

    async def close(self) -> None:
        """Let go of connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _connected(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                verify=tls(self._ca), trust_env=False, follow_redirects=False, timeout=self._seconds
            )
        return self._client

    def _judge(self, response: httpx.Response) -> None:
        status = response.status_code
        if response.is_success:
            return
        message = f"{self._shown} answered {status} {response.reason_phrase[:50]}"
        wait = None
        if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            wait = _retry_after(response.headers.get("Retry-After", ""))
        raise DeliveryError(message, final=status in _POISON, retry_after=wait)


def _reason(error: Exception) -> str:
    # Names of errors only where their text could hold an address with a secret in it.
    cause = error.__cause__ or error.__context__
    found = error if isinstance(error, OSError) else cause
    if isinstance(found, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {found.verify_message}"
    return type(error).__name__


def _retry_after(text: str) -> float | None:
    try:
        return min(max(0.0, float(text)), _LONGEST_WAIT)
    except ValueError:
        return None
