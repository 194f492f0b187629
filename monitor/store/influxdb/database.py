"""InfluxDB: points are written to a bucket and read back with Flux."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

from pydantic import Field

from monitor.domain.cursors import Piece
from monitor.domain.readings import Series
from monitor.store.influxdb import flux
from monitor.store.line import rows
from monitor.store.line.access import Access
from monitor.store.line.client import Client, Place
from monitor.store.line.failure import OutsideError
from monitor.store.line.reading import LineReader
from monitor.store.line.rows import Row, Sample
from monitor.store.line.writing import LineWriter, Outcome

_SHOWN: Final = 300
_OWN: Final = frozenset({"", "result", "table", "_time"})
_LABELS: Final = frozenset({"device", "tag", "source", "version", "reason", "profile", "name"})


class InfluxDbConfig(Access):
    """An InfluxDB that gets a copy of what is accepted."""

    kind: Literal["influxdb"]
    org: str = Field(default="-", min_length=1, max_length=200)
    """InfluxDB 1.8 and 3 have none: `-`."""
    bucket: str = Field(min_length=1, max_length=200)
    """For InfluxDB 1.8 `database/retention policy`, and the token `user:password`."""

    @property
    def label(self) -> str:
        """Its name in metrics and commands."""
        return self.name or self.kind

    def build(self) -> "InfluxDb":
        """A target; nothing is connected yet."""
        return InfluxDb(self)


class InfluxDb(LineReader):
    """Writes and reads; used by one thread at a time. Raises OutsideError."""

    def __init__(self, config: InfluxDbConfig) -> None:
        self._bucket = config.bucket
        place = Place(url=config.url, org=config.org, bucket=config.bucket)
        self._client = Client(config, place)
        self._writer = LineWriter(self._client, config.batch)

    def write(self, piece: Piece) -> Outcome:
        """Write all of a piece."""
        return self._writer.write(piece)

    def check(self) -> int:
        """Points found missing since; InfluxDB says so itself when it writes."""
        return 0

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _samples(self, between: tuple[int, int], tags: Mapping[str, str]) -> Iterator[Sample]:
        known: dict[tuple[str, ...], Series] = {}
        for row in _tables(self._client.rows(flux.readings(self._bucket, between, tags))):
            stored = row["device"], row["tag"], row["source"]
            series = known.get(stored)
            if series is None:
                series = known[stored] = rows.series_of(row)
            yield Sample(series, _second(row["_time"]), int(row["_value"]))

    def _rows(
        self, measurement: str, between: tuple[int, int], tags: Mapping[str, str]
    ) -> Iterator[Row]:
        query = flux.rows(self._bucket, measurement, between, tags)
        for row in _tables(self._client.rows(query)):
            labels = {name: text for name, text in row.items() if name in _LABELS and text}
            fields = {
                name: float(text)
                for name, text in row.items()
                if text and name not in _OWN and name not in _LABELS
            }
            yield Row(labels, _second(row["_time"]), fields)


def _tables(lines: Iterator[list[str]]) -> Iterator[dict[str, str]]:
    """Rows by column; each table of the answer has a head of its own after an empty line."""
    head: list[str] = []
    broken = False
    for line in lines:
        if not line or line[0].startswith("#"):
            head = []
        elif not head:
            head = line
            broken = "error" in head and "reference" in head
        elif broken:
            # InfluxDB has begun to answer 200 when a query fails.
            raise OutsideError("broken", f"the query failed: {' '.join(line)[:_SHOWN]}")
        else:
            yield dict(zip(head, line, strict=False))


def _second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
