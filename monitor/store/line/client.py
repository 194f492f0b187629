"""influxdb-client, wrapped: one synchronous write a call, its errors as ours."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from monitor.store.line.access import Access
from monitor.store.line.failure import OutsideError

_REFUSED: Final = frozenset({401, 403, 404})
_POISON: Final = frozenset({400, 413, 422})
_BUSY: Final = frozenset({429, 503})
_OLD: Final = ("retention policy", "retention period")
_LONGEST_MESSAGE: Final = 300
_LONGEST_WAIT: Final = 300.0


class PoisonError(Exception):
    """The database rejects points of this request; it may have kept the others."""


class ExpiredError(Exception):
    """Points older than the database keeps were left out; the others are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where points go."""

    url: str
    org: str
    bucket: str


class Client:
    """Used by one thread at a time. A connection is kept until something goes wrong."""

    def __init__(self, access: Access, place: Place) -> None:
        self._access = access
        self._place = place
        self._open: InfluxDBClient | None = None

    def write(self, body: bytes) -> None:
        """Write lines with whole seconds; PoisonError, ExpiredError or OutsideError."""
        with self._translated() as client:
            api = client.write_api(write_options=SYNCHRONOUS)
            api.write(
                bucket=self._place.bucket,
                org=self._place.org,
                record=body,
                write_precision="s",  # type: ignore[arg-type]  # the library means the word
            )

    def rows(self, flux: str) -> Iterator[list[str]]:
        """The lines of the answer to a query, cut at commas; OutsideError."""
        try:
            with self._translated() as client:
                yield from client.query_api().query_csv(flux, org=self._place.org)
        except (PoisonError, ExpiredError) as error:
            raise OutsideError("broken", str(error)) from error

    def close(self) -> None:
        """Let go of the connection."""
        client, self._open = self._open, None
        if client is not None:
            client.close()  # type: ignore[no-untyped-call]  # of the library

    @contextmanager
    def _translated(self) -> Iterator[InfluxDBClient]:
        try:
            yield self._connected()
        except ApiException as error:
            self._raise(error)
        except (HTTPError, OSError) as error:
            self.close()
            message = f"no answer from {self._place.url}: {_short(str(error))}"
            raise OutsideError("unreachable", message) from error

    def _connected(self) -> InfluxDBClient:
        if self._open is None:
            self._open = InfluxDBClient(
                url=self._place.url,
                token=self._access.reveal(),
                org=self._place.org,
                timeout=int(self._access.timeout_seconds * 1_000),
                ssl_ca_cert=None if self._access.ca is None else str(self._access.ca),
            )
        return self._open

    def _raise(self, error: ApiException) -> None:
        status = int(error.status or 0)
        message = f"{self._place.url} answered {status}: {_message(error)}"
        if status in _POISON:
            kind = ExpiredError if any(word in message for word in _OLD) else PoisonError
            raise kind(message) from error
        self.close()
        if status in _REFUSED:
            raise OutsideError("refused", message) from error
        if status in _BUSY:
            wait = _retry_after(getattr(error, "headers", None))
            raise OutsideError("busy", message, retry_after=wait) from error
        raise OutsideError("broken" if status else "unreachable", message) from error


def _message(error: ApiException) -> str:
    body: Any = getattr(error, "body", None)
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or error.reason)
    try:
        told = json.loads(text)
    except ValueError:
        return _short(text)
    if not isinstance(told, Mapping):
        return _short(text)
    return _short(str(told.get("message") or told.get("error") or text))


def _short(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return shown[:_LONGEST_MESSAGE]


def _retry_after(headers: Mapping[str, str] | None) -> float | None:
    try:
        seconds = float((headers or {}).get("Retry-After", ""))
    except ValueError:
        return None
    return min(max(0.0, seconds), _LONGEST_WAIT)
