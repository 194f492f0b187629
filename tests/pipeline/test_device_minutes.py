"""Device minutes on their way from a capture to the readings that are committed."""

import pytest
from prometheus_client import CollectorRegistry

from monitor.aggregate.drawing import graph_text
from monitor.aggregate.tables import Cell, StatsOf, Window
from monitor.domain.device import Device
from monitor.domain.readings import Series
from monitor.instrument import Instruments
from monitor.parse.show.device_minutes import Newest
from monitor.pipeline.identity import Registry
from monitor.pipeline.reading import Shown, understand
from monitor.wire import ShowCapture

NOW = 1_700_006_400
GRAPH = graph_text(
    [StatsOf(kind="Enhanced", tables={Window.MINUTES: (Cell(1, 2), *[None] * 58, Cell(3, 4))})], NOW
)


def shown(text: str, newest: Newest = Newest.FIRST, *, live: bool = True) -> Shown:
    capture = ShowCapture(
        device="cube-1",
        source="cli",
        command="show voice sip license stats",
        text=text,
        received=float(NOW + 3),
        live=live,
    )
    registry = Registry([Device(id="cube-1")])
    return understand([capture], registry, Instruments(CollectorRegistry()), newest)


@pytest.mark.parametrize(("newest", "count"), [(Newest.FIRST, 2), (Newest.LAST, 4)])
def test_a_polled_graph_becomes_readings_with_a_mark(newest: Newest, count: int) -> None:
    (columns,) = shown(GRAPH, newest).readings
    assert columns.series == [Series("cube-1", "CUBE_T_ENH", "cli-minutes")]
    by_second = dict(zip(columns.seconds, columns.counts, strict=True))
    assert by_second[NOW - 60] == count
    assert len(by_second) == 2


def test_a_capture_without_a_graph_becomes_none() -> None:
    assert shown("Host Name: cube-1\nSIP service: Up\n").readings == []


def test_an_old_capture_without_a_known_zone_becomes_none() -> None:
    assert shown(GRAPH.replace(" UTC", " IST"), live=False).readings == []
