"""A double of InfluxDB 2's HTTP API: as strict as the real one about what influxdb-client sends.

It keeps the last value of each field of a point, refuses what it refuses (token, organisation,
bucket, malformed lines, a field that changes its type, points older than its retention), and
answers the two forms of Flux query that we ask. Anything else is an error in `surprises`.
"""

import csv
import io
import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

TOKEN, ORG, BUCKET = "right-token", "berlin org", "cube: licences"

_PART = r"(?:[^\\,= \n]|\\.)+"
_LINE = re.compile(
    rf"(?P<head>{_PART}(?:,{_PART}={_PART})*) (?P<fields>{_PART}=[^, ]+(?:,{_PART}=[^, ]+)*)"
    r" (?P<time>-?\d+)"
)
_TAG = re.compile(rf",({_PART})=({_PART})")
_FIELD = re.compile(rf"({_PART})=([^, ]+)")
_STRING = r'"((?:[^"\\]|\\.)*)"'
_RANGE = re.compile(rf"from\(bucket: {_STRING}\)\n  \|> range\(start: (\S+), stop: (\S+)\)\n")
_FILTER = re.compile(r"  \|> filter\(fn: \(r\) => (.*)\)\n")
_EQUAL = re.compile(rf"r\.(\w+) == {_STRING}")
_KEEP = '  |> keep(columns: ["_time", "_value", "device", "tag", "source"])\n'
_PIVOT = (
    '  |> toFloat()\n  |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")\n'
    '  |> drop(columns: ["_start", "_stop", "_measurement"])\n'
)
Key = tuple[str, tuple[tuple[str, str], ...]]


class RefusalError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message}


@dataclass
class InfluxDouble:
    """What it holds, and what it was asked."""

    points: dict[Key, dict[int, dict[str, float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    kinds: dict[tuple[str, str], type] = field(default_factory=dict)
    oldest: int = -(1 << 40)
    """Second before which points are beyond its retention."""
    writes: list[int] = field(default_factory=list)
    """Lines of each write that was answered 204."""
    queries: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, query: dict[str, list[str]], body: bytes) -> None:
        self._expect(query, {"org": [ORG], "bucket": [BUCKET], "precision": ["s"]})
        try:
            parsed = [_parsed(line) for line in body.decode().split("\n")]
        except ValueError as error:
            raise RefusalError(400, "invalid", f"unable to parse {str(error)!r}") from error
        with self.lock:
            dropped = sum(self._kept(*one) for one in parsed)
            if dropped:
                message = f"partial write: points beyond retention policy dropped={dropped}"
                raise RefusalError(422, "unprocessable entity", message)
            self.writes.append(len(parsed))

    def _kept(self, key: Key, second: int, fields: dict[str, float]) -> bool:
        for name, value in fields.items():
            kind = self.kinds.setdefault((key[0], name), type(value))
            if kind is not type(value):
                message = f"partial write: field type conflict: input field {name!r} on {key[0]!r}"
                raise RefusalError(422, "unprocessable entity", message)
        if second < self.oldest:
            return True
        self.points[key][second].update(fields)
        return False

    def query(self, query: dict[str, list[str]], body: bytes) -> bytes:
        self._expect(query, {"org": [ORG]})
        asked = json.loads(body)
        if asked.get("type", "flux") != "flux" or not asked["dialect"]["header"]:
            self.surprises.append(f"query body {asked}")
        self.queries.append(asked["query"])
        return self._answer(asked["query"])

    def _answer(self, flux: str) -> bytes:
        scope, rest = _taken(_RANGE, flux)
        wanted, rest = _taken(_FILTER, rest)
        if _unquoted(scope[1]) != BUCKET:
            raise RefusalError(404, "not found", f"could not find bucket {scope[1]!r}")
        equals = {name: _unquoted(text) for name, text in _EQUAL.findall(wanted[1])}
        if wanted[1] != " and ".join(found[0] for found in _EQUAL.finditer(wanted[1])):
            self.surprises.append(f"filter {wanted[1]}")
        between = tuple(int(datetime.fromisoformat(scope[at]).timestamp()) for at in (2, 3))
        with self.lock:
            found = list(self._found(equals, between))
        if rest == _KEEP:
            return _table(("_time", "_value", "device", "tag", "source"), found)
        if rest == _PIVOT:
            return b"".join(_table(None, [one]) for one in found)
        raise RefusalError(400, "invalid", f"the double knows no {rest!r}")

    def _found(
        self, equals: dict[str, str], between: tuple[int, ...]
    ) -> Iterator[tuple[dict[str, str], int, dict[str, float]]]:
        measurement, only = equals.pop("_measurement"), equals.pop("_field", None)
        for (name, tags), seconds in self.points.items():
            labels = dict(tags)
            if name != measurement or any(labels.get(k) != v for k, v in equals.items()):
                continue
            for second in sorted(seconds):
                if between[0] <= second < between[1]:
                    fields = seconds[second]
                    yield labels, second, fields if only is None else {"_value": fields[only]}

    def _expect(self, query: dict[str, list[str]], wanted: dict[str, list[str]]) -> None:
        if query.get("org") != wanted["org"]:
            raise RefusalError(404, "not found", f"organization name {query.get('org')} not found")
        if query.get("bucket") != wanted.get("bucket"):
            raise RefusalError(404, "not found", f"bucket {query.get('bucket')} not found")
        if query != wanted:
            self.surprises.append(f"parameters {query}")


def _parsed(line: str) -> tuple[Key, int, dict[str, float]]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError(line[:200])
    name = re.match(_PART, found["head"])
    assert name is not None
    tags = tuple(
        (key, re.sub(r"\\([ ,=])", r"\1", text)) for key, text in _TAG.findall(found["head"])
    )
    if [key for key, _ in tags] != sorted({key for key, _ in tags}):
        raise ValueError(f"duplicate or unordered tags: {line[:200]}")
    fields = {key: _value(text) for key, text in _FIELD.findall(found["fields"])}
    return (name[0], tags), int(found["time"]), fields


def _value(text: str) -> float:
    return int(text[:-1]) if text.endswith("i") else float(text)


def _taken(pattern: re.Pattern[str], text: str) -> tuple[re.Match[str], str]:
    found = pattern.match(text)
    if found is None:
        raise RefusalError(400, "invalid", f"compilation failed: {text[:200]}")
    return found, text[found.end() :]


def _unquoted(text: str) -> str:
    named = {"n": "\n", "r": "\r", "t": "\t"}
    return re.sub(r"\\(.)", lambda found: named.get(found[1], found[1]), text)


def _table(
    columns: tuple[str, ...] | None, rows: list[tuple[dict[str, str], int, dict[str, float]]]
) -> bytes:
    if not rows:
        return b"\r\n"
    if columns is None:
        columns = ("_time", *rows[0][0], *rows[0][2])
    out = io.StringIO()
    writer = csv.writer(out)
    for mark in ("#datatype", "#group", "#default"):
        writer.writerow([mark, *("string" for _ in range(len(columns) + 2))])
    writer.writerow(["", "result", "table", *columns])
    for labels, second, fields in rows:
        when = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        shown: dict[str, Any] = {"_time": when, **labels, **fields}
        writer.writerow(["", "_result", 0, *(shown.get(one, "") for one in columns)])
    return out.getvalue().encode() + b"\r\n"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: ClassVar[InfluxDouble]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            answered = self._answered(body)
        except RefusalError as error:
            self._send(error.status, "application/json", json.dumps(error.body).encode())
            return
        if answered is None:
            self._send(204, "", b"")
        else:
            self._send(200, "text/csv; charset=utf-8", answered)

    def _answered(self, body: bytes) -> bytes | None:
        if self.headers["Authorization"] != f"Token {TOKEN}":
            raise RefusalError(401, "unauthorized", "unauthorized access")
        if not self.headers["User-Agent"].startswith("influxdb-client-python/"):
            self.double.surprises.append(f"agent {self.headers['User-Agent']}")
        asked = urlsplit(self.path)
        query = parse_qs(asked.query, keep_blank_values=True)
        kind = self.headers["Content-Type"]
        if asked.path == "/api/v2/write" and kind.startswith("text/plain"):
            self.double.write(query, body)
            return None
        if asked.path == "/api/v2/query" and kind == "application/json":
            return self.double.query(query, body)
        self.double.surprises.append(f"{self.path} {kind}")
        raise RefusalError(404, "not found", "path not found")

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        if body:
            self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


def serve(double: InfluxDouble) -> ThreadingHTTPServer:
    """A server on a free port of loopback, not yet running."""
    return ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"double": double}))
