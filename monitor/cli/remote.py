"""Asks a running monitor's API on behalf of a command."""

import http.client
import json
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final, NoReturn
from urllib.parse import quote, urlencode, urlsplit

from monitor.cli.showing import TOKEN_VARIABLE, Shown, is_loopback, shown
from monitor.errors import ConfigError, MonitorError

UNKNOWN: Final = 3
"""Exit code of monitoring plugins for: nobody can tell."""
DEFAULT_URL: Final = "http://127.0.0.1:8080"
URL_VARIABLE: Final = "CUBEMON_URL"
CA_VARIABLE: Final = "CUBEMON_CA"

_DEFAULT_SECONDS: Final = 10.0
_LARGEST_ANSWER: Final = 256 << 20
_PAGE: Final = 10_000
_LONGEST_TEXT: Final = 1_000
Object = Mapping[str, Any]
"""A JSON object of the API; its shapes are in docs/api.md."""


class UnreachableError(MonitorError):
    """The monitor did not answer, or not as a monitor would."""


class RefusedError(UnreachableError):
    """The monitor answered that it will not do what was asked, and why."""

    def __init__(self, detail: str, errors: list[str] | None = None) -> None:
        super().__init__(detail)
        self.errors = errors or []
        """What is wrong, one by one, where it says so."""


class UnfitError(UnreachableError):
    """The monitor understood the call, but not what was brought with it (422)."""


class AbsentError(MonitorError):
    """The monitor does not know the thing; `nearest` are the names most like it."""

    def __init__(self, detail: str, nearest: list[str]) -> None:
        super().__init__(detail)
        self.nearest = nearest


class Remote:
    """One monitor, asked with a time limit for each answer."""

    def __init__(self, url: str, seconds: float, shown: Shown | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UnreachableError(f"--url {url!r} is not like {DEFAULT_URL}")
        self._url = url
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = _port(url)
        self._prefix = parts.path.rstrip("/")
        self._seconds = seconds
        self._shown = shown or Shown()
        if not self._secure and self._shown.token and not is_loopback(self._host):
            raise UnreachableError(
                f"a token is not sent unencrypted; give --url https://{self._host}"
            )

    @classmethod
    def of(cls, arguments: Namespace, seconds: float | None = None) -> "Remote":
        """The monitor that the arguments of `where` name. Raises UnreachableError."""
        wait = arguments.timeout if seconds is None else seconds
        try:
            return cls(arguments.url, wait, shown(arguments))
        except ConfigError as error:
            # To a monitoring system that is unknown, not critical.
            raise UnreachableError(str(error)) from error

    def call(self, method: str, path: str, body: bytes) -> Object:
        """The answer of a path from the root. Raises as `get`; RefusedError on 422, too."""
        status, answer = self._answer(path, body, method)
        if status == HTTPStatus.UNPROCESSABLE_ENTITY:
            told = _object(answer, path)
            errors = [tidy(one) for one in told.get("errors", [])]
            raise RefusedError(tidy(told.get("detail", "")), errors)
        return self._told(path, status, answer)

    def get(self, path: str, **query: object) -> Object:
        """The object at a path below `/api/v1`. Raises UnreachableError; AbsentError on 404."""
        asked = f"/api/v1/{quote(path)}?{urlencode(query)}"
        status, body = self._answer(asked)
        return self._told(asked, status, body)

    def raw(self, path: str, **query: object) -> bytes:
        """The bytes at a path below `/api/v1`. Raises as `get`."""
        asked = f"/api/v1/{quote(path)}?{urlencode(query)}"
        status, body = self._answer(asked)
        if status != HTTPStatus.OK:
            self._told(asked, status, body)
        return body

    def post(self, path: str, body: bytes, **query: object) -> Object:
        """The answer to a body of plain text; lists in `query` are repeated. Raises as `get`."""
        asked = f"/api/v1/{quote(path)}?{urlencode(query, doseq=True)}"
        status, answer = self._answer(asked, body)
        return self._told(asked, status, answer)

    def _told(self, asked: str, status: int, body: bytes) -> Object:
        answered = _object(body, asked)
        if status == HTTPStatus.NOT_FOUND and "detail" in answered:
            raise AbsentError(
                tidy(answered["detail"]), [tidy(n) for n in answered.get("nearest", [])]
            )
        if status == HTTPStatus.CONFLICT:
            raise RefusedError(tidy(answered.get("detail", "")))
        if status == HTTPStatus.UNAUTHORIZED:
            raise UnreachableError(
                f"{self._url}: {tidy(answered.get('detail', ''))};"
                f" give --token-file FILE, or set {TOKEN_VARIABLE}"
            )
        if status != HTTPStatus.OK:
            detail = tidy(answered.get("detail", ""))
            unfit = status == HTTPStatus.UNPROCESSABLE_ENTITY
            error = UnfitError if unfit else UnreachableError
            raise error(f"{self._url} answered {status} to {asked}: {detail}")
        return answered

    def all(self, path: str) -> Iterator[Object]:
        """Every object of a paged list."""
        offset, total = 0, 1
        while offset < total:
            answered = self.get(path, limit=_PAGE, offset=offset)
            found = answered.get(path)
            if not isinstance(found, list) or not found:
                return
            yield from found
            offset, total = offset + len(found), int(answered.get("total", 0))

    def not_ready(self) -> str:
        """Why the monitor is not ready; empty where it is."""
        status, body = self._answer("/-/ready")
        if status == HTTPStatus.OK:
            return ""
        return tidy(_object(body, "/-/ready").get("detail", "")) or "not ready"

    def _connection(self) -> http.client.HTTPConnection:
        if not self._secure:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._seconds)
        try:
            context = self._shown.context()
        except ConfigError as error:
            raise UnreachableError(str(error)) from error
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=self._seconds, context=context
        )

    def _answer(
        self, asked: str, sent: bytes | None = None, method: str = "POST"
    ) -> tuple[int, bytes]:
        connection = self._connection()
        try:
            headers = {"Accept": "application/json", **self._shown.headers()}
            if sent is None:
                connection.request("GET", self._prefix + asked, headers=headers)
            else:
                headers["Content-Type"] = "text/plain; charset=utf-8"
                connection.request(method, self._prefix + asked, sent, headers)
            response = connection.getresponse()
            body = response.read(_LARGEST_ANSWER + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise UnreachableError(f"no answer from {self._url}: {reason}") from error
        finally:
            connection.close()
        if len(body) > _LARGEST_ANSWER:
            raise UnreachableError(
                f"{self._url}{asked} answered more than {_LARGEST_ANSWER:,} bytes"
            )
        return response.status, body


class CheckParser(ArgumentParser):
    """Ends with 3 on wrong arguments: a typo must never read as critical to a monitoring system."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end."""
        print(f"CUBE UNKNOWN - {message}")
        self.print_usage(sys.stderr)
        self.exit(UNKNOWN)


def usual_url() -> str:
    """The monitor that is asked where no other is named."""
    return os.environ.get(URL_VARIABLE) or DEFAULT_URL


def where(parser: ArgumentParser) -> None:
    """Declare the arguments that say which monitor is asked."""
    parser.add_argument(
        "--url",
        default=usual_url(),
        help=f"the running monitor (default: {URL_VARIABLE}, else {DEFAULT_URL})",
    )
    showing(parser)
    parser.add_argument(
        "--timeout",
        type=_positive,
        default=_DEFAULT_SECONDS,
        metavar="SECONDS",
        help="wait at most so long for each answer (default %(default)g)",
    )


def showing(parser: ArgumentParser) -> None:
    """Declare the arguments that say what is shown to the monitor."""
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        help=f"holds the token to show (default: the one in {TOKEN_VARIABLE})",
    )
    parser.add_argument(
        "--ca",
        metavar="FILE",
        default=os.environ.get(CA_VARIABLE) or None,
        help=f"authority of an https:// monitor, in PEM (default: {CA_VARIABLE})",
    )
    parser.add_argument("--cert", metavar="FILE", help="our certificate, where it wants one")
    parser.add_argument("--key", metavar="FILE", help="the key of --cert")


def tidy(text: object) -> str:
    """One printable, bounded line: what devices say must not steer a terminal."""
    shown = "" if text is None else str(text)[:_LONGEST_TEXT]
    return "".join(letter if letter.isprintable() else " " for letter in shown)


def age(seconds: float) -> str:
    """`40 s`, `12 min`, `5 h`, `3 d`: whole units, rounded down."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size * (2 if unit == "d" else 1):
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def _positive(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 3_600:  # noqa: PLR2004 - an hour is longer than anybody waits
        raise ValueError(text)
    return seconds


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError as error:
        raise UnreachableError(f"--url {url!r}: {error}") from error


def _object(body: bytes, asked: str) -> Object:
    try:
        answered = json.loads(body)
    except ValueError as error:
        raise UnreachableError(f"the answer to {asked} is not a monitor's: no JSON") from error
    if not isinstance(answered, dict):
        raise UnreachableError(f"the answer to {asked} is not a monitor's: no JSON object")
    return answered
