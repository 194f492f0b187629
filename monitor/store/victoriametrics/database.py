"""VictoriaMetrics: written by the line protocol, read back by export, equal keys by maximum."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, Self

from pydantic import Field, model_validator

from monitor.domain.cursors import Piece
from monitor.domain.readings import Series
from monitor.store.line import rows
from monitor.store.line.access import Access, Url
from monitor.store.line.client import Client, Place
from monitor.store.line.points import FACT, HOUR, MEASUREMENT, READING
from monitor.store.line.reading import LineReader
from monitor.store.line.rows import Row, Sample
from monitor.store.line.text import coded
from monitor.store.line.writing import LineWriter, Outcome
from monitor.store.victoriametrics.audit import Audit
from monitor.store.victoriametrics.export import Export, selector

_FIELDS: Final = {
    HOUR: ("units", "sessions", "seconds", "minutes"),
    MEASUREMENT: (
        "end",
        "units",
        "sessions",
        "count",
        "coverage",
        "minute_coverage",
        "changed",
        "replaced",
    ),
    FACT: ("value", "none"),
}


class VictoriaMetricsConfig(Access):
    """A VictoriaMetrics that gets a copy of what is accepted."""

    kind: Literal["victoriametrics"]
    account: str | None = Field(default=None, pattern=r"^\d{1,10}(:\d{1,10})?$")
    """`accountID` or `accountID:projectID` of a cluster; one node has none."""
    select_url: Url | None = None
    """Where a cluster is read (vmselect); `url` is where it is written (vminsert)."""

    @model_validator(mode="after")
    def _whole_cluster(self) -> Self:
        if (self.account is None) != (self.select_url is None):
            raise ValueError("a cluster needs both `account` and `select_url`; one node neither")
        return self

    @property
    def write_url(self) -> str:
        """Below which `/api/v2/write` is."""
        return self.url if self.account is None else f"{self.url}/insert/{self.account}/influx"

    @property
    def read_url(self) -> str:
        """Below which `/api/v1/export` is."""
        if self.account is None:
            return self.url
        return f"{self.select_url}/select/{self.account}/prometheus"

    @property
    def label(self) -> str:
        """Its name in metrics and commands."""
        return self.name or self.kind

    def build(self) -> "VictoriaMetrics":
        """A target; nothing is connected yet."""
        return VictoriaMetrics(self)


class VictoriaMetrics(LineReader):
    """Writes and reads; used by one thread at a time. Raises OutsideError."""

    def __init__(
        self, config: VictoriaMetricsConfig, now: Callable[[], float] = time.monotonic
    ) -> None:
        # It knows no organisations and keeps no buckets, but the call wants them.
        place = Place(url=config.write_url, org="-", bucket="cubemon")
        self._client = Client(config, place)
        self._writer = LineWriter(self._client, config.batch)
        self._export = Export(config, config.read_url)
        self._audit = Audit(self._count, now)

    def write(self, piece: Piece) -> Outcome:
        """Write all of a piece; say what an earlier one is missing."""
        outcome = self._writer.write(piece)
        outcome.missing = self.check()
        if not outcome.refused:
            self._audit.sent(piece)
        return outcome

    def check(self) -> int:
        """Points found missing since."""
        return self._audit.check()

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _count(self, series: Series, start: int, end: int) -> int:
        found = self._samples((start, end), series._asdict())
        return len({sample.at for sample in found})

    def _samples(self, between: tuple[int, int], tags: Mapping[str, str]) -> Iterator[Sample]:
        """One a second: the highest, where points were written more than once."""
        for line in self._lines(f"{READING}_sessions", between, tags):
            series = rows.series_of(line["metric"])
            highest: dict[int, int] = {}
            for value, at in zip(line["values"], line["timestamps"], strict=True):
                second = at // 1_000
                highest[second] = max(int(value), highest.get(second, 0))
            for second in sorted(highest):
                yield Sample(series, second, highest[second])

    def _rows(
        self, measurement: str, between: tuple[int, int], tags: Mapping[str, str]
    ) -> Iterator[Row]:
        found: dict[tuple[tuple[tuple[str, str], ...], int], dict[str, float]] = {}
        for field in _FIELDS[measurement]:
            for line in self._lines(f"{measurement}_{field}", between, tags):
                labels = line["metric"]
                del labels["__name__"]
                series = tuple(sorted(labels.items()))
                for value, at in zip(line["values"], line["timestamps"], strict=True):
                    fields = found.setdefault((series, at // 1_000), {})
                    fields[field] = max(value, fields.get(field, value))
        for (series, second), fields in found.items():
            yield Row(dict(series), second, fields)

    def _lines(
        self, name: str, between: tuple[int, int], tags: Mapping[str, str]
    ) -> Iterator[Mapping[str, Any]]:
        wanted = {label: coded(text) for label, text in tags.items()}
        return self._export.lines(selector(name, wanted), between)
