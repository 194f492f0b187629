"""Read points back by `/api/v1/export`: every stored value, not what a query makes of them."""

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from monitor.store.line.access import Access
from monitor.store.line.failure import OutsideError

_LONGEST_LINE: Final = 64 << 20
_WINDOW: Final = 86_400
_MOST_WINDOWS: Final = 1_000
_SHOWN: Final = 300


class Export:
    """Asks one URL, with the token in the same header as writing has it."""

    def __init__(self, access: Access, url: str) -> None:
        self._access = access
        self._url = url

    def lines(self, selector: str, between: tuple[int, int]) -> Iterator[Mapping[str, Any]]:
        """Series with their values and milliseconds in [start, end), about a day at a time.

        Raises OutsideError.
        """
        start, end = between
        width = max(_WINDOW, (end - start) // _MOST_WINDOWS)
        for at in range(start, end, width):
            yield from self._window(selector, (at, min(end, at + width)))

    def _window(self, selector: str, between: tuple[int, int]) -> Iterator[Mapping[str, Any]]:
        connection = self._connection()
        try:
            yield from self._read(self._asked(connection, selector, between))
        except (OSError, http.client.HTTPException, ValueError) as error:
            message = f"no answer from {self._url}: {str(error) or type(error).__name__}"
            raise OutsideError("unreachable", message) from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self._url)
        seconds = self._access.timeout_seconds
        host = parts.hostname or ""
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, parts.port, timeout=seconds)
        ca = None if self._access.ca is None else str(self._access.ca)
        try:
            context = ssl.create_default_context(cafile=ca)
        except OSError as error:
            raise OutsideError("unreachable", f"authorities of {self._url}: {error}") from error
        return http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=context)

    def _asked(
        self, connection: http.client.HTTPConnection, selector: str, between: tuple[int, int]
    ) -> http.client.HTTPResponse:
        query = {
            "match[]": selector,
            "start": str(between[0]),
            # The end is included, to the millisecond.
            "end": f"{between[1] - 1}.999",
        }
        token = self._access.reveal()
        headers = {"Authorization": f"Token {token}"} if token else {}
        path = f"{urlsplit(self._url).path}/api/v1/export?{urlencode(query)}"
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        if response.status != http.client.OK:
            shown = response.read(_SHOWN).decode("utf-8", "replace")
            refused = response.status in {401, 403, 404}
            message = f"{self._url} answered {response.status}: {shown.strip()}"
            raise OutsideError("refused" if refused else "broken", message)
        return response

    def _read(self, response: http.client.HTTPResponse) -> Iterator[Mapping[str, Any]]:
        while line := response.readline(_LONGEST_LINE):
            if len(line) == _LONGEST_LINE:
                raise OutsideError("broken", f"{self._url}: a line of {len(line)} bytes")
            yield json.loads(line)


def selector(name: str, labels: Mapping[str, str]) -> str:
    """`{__name__="...", device="..."}`, quoted."""
    wanted = {"__name__": name, **labels}
    return "{" + ",".join(f"{label}={json.dumps(text)}" for label, text in wanted.items()) + "}"
