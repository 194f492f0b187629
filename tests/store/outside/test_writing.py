"""What is checked before sending, poison points, clusters, and reading back what was confirmed."""

import re
from array import array
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.domain.cursors import Kind, Piece
from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.readings import ReadingColumns, Series
from monitor.domain.records import Batch
from monitor.store.embedded import EmbeddedStore
from monitor.store.line.failure import OutsideError
from monitor.store.line.points import points
from monitor.store.line.text import coded, plain, tag
from monitor.store.victoriametrics import VictoriaMetricsConfig
from monitor.store.victoriametrics.audit import Audit
from tests.store.outside.influx_double import _LINE

Build = Callable[..., ReadingColumns]
T0 = 1_700_000_000
A = Series("cube-a", "AGG", "lab")


def piece(rows: list[tuple[Series, int, int]]) -> Piece:
    series = list(dict.fromkeys(row[0] for row in rows))
    columns = ReadingColumns(
        series=series,
        which=array("I", [series.index(row[0]) for row in rows]),
        seconds=array("q", [row[1] for row in rows]),
        counts=array("q", [row[2] for row in rows]),
    )
    return Piece(kind=Kind.READINGS, since=0, upto=1, readings=[columns])


@given(st.text(st.characters(), max_size=40))
def test_every_name_comes_back_and_makes_one_line(name: str) -> None:
    assert plain(coded(name)) == name
    found = points(piece([(Series(name, "T", "s"), T0, 1)]))
    (line,) = found.lines
    assert _LINE.fullmatch(line), line
    assert line.encode().count(b"\n") == 0


def test_what_no_database_holds_is_not_sent() -> None:
    far = Series("x" * 2_000, "T", "s")
    found = points(piece([(A, T0, 1), (far, T0, 2), (A, 1 << 40, 3), (A, -(1 << 40), 4)]))
    assert found.lines == [f"cube_reading,device=cube-a,source=lab,tag=AGG sessions=1i {T0}"]
    reasons = sorted(one.reason.split(" of ")[0] for one in found.refused)
    assert reasons == ["a name", "no database holds this time", "no database holds this time"]
    with pytest.raises(ValueError, match="too long"):
        tag("%" * 500)


def test_a_fact_that_is_no_finite_number_is_refused() -> None:
    bad = [
        Fact(
            subject="cube-a", name=FactName.CLOCK_OFFSET, source="cli", value=value,
            kind=FactKind.EXACT, received=T0, effective=effective,
        )
        for value, effective in ((float("inf"), T0), (1.0, 1e12))
    ]  # fmt: skip
    found = points(Piece(kind=Kind.FACTS, since=0, upto=1, facts=bad))
    assert found.lines == []
    assert [one.reason for one in found.refused] == [
        "value is not a finite number",
        "no database holds this time",
    ]


def test_poison_points_are_found_by_halving_and_the_others_are_written(
    influx: Any, store: EmbeddedStore, columns: Build, ship: Any
) -> None:
    bad = re.compile(rb"sessions=(?:17|400|999)i")
    requests: list[int] = []

    def fault(path: str, body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        if not path.startswith("/api/v2/write"):
            return None
        requests.append(body.count(b"\n") + 1)
        poisoned = bad.search(body) is not None
        return (
            (400, {}, b'{"code":"invalid","message":"bad \\u001b[2J point"}') if poisoned else None
        )

    influx.front.fault = fault
    store.commit(Batch(readings=[columns([(A, T0 + at, at) for at in range(1_000)])]))
    (outcome,) = ship(store, store.follow("out", [Kind.READINGS]), influx.target(batch=600))
    assert outcome.written == 997
    assert [one.line.split()[1] for one in outcome.refused] == [
        "sessions=17i", "sessions=400i", "sessions=999i",
    ]  # fmt: skip
    assert outcome.refused[0].reason.endswith("answered 400: bad  [2J point")
    assert requests[0] == 600
    assert len(requests) < 70


def test_a_field_of_another_type_is_poison(influx: Any, store: EmbeddedStore, ship: Any) -> None:
    influx.double.kinds[("cube_reading", "sessions")] = float
    target = influx.target()
    outcome = target.write(piece([(A, T0, 1)]))
    assert outcome.written == 0
    assert "field type conflict" in outcome.refused[0].reason


def test_points_older_than_the_database_keeps_are_counted_and_do_not_stop_the_others(
    influx: Any,
) -> None:
    influx.double.oldest = T0
    outcome = influx.target().write(piece([(A, T0 - 1, 1), (A, T0, 2)]))
    assert (outcome.expired, outcome.refused) == (2, [])
    (seconds,) = influx.double.points.values()
    assert list(seconds) == [T0]


def test_more_than_a_few_poison_points_are_an_outage(influx: Any) -> None:
    influx.front.fault = lambda path, body: (400, {}, b"no")
    with pytest.raises(OutsideError, match="more than 100 points") as refused:
        influx.target().write(piece([(A, T0 + at, at) for at in range(1_000)]))
    assert refused.value.reason == "rejected"


def test_a_bucket_or_organisation_nobody_knows_is_refused_credentials(influx: Any) -> None:
    for wrong in ({"bucket": "other"}, {"org": "other"}):
        with pytest.raises(OutsideError, match="answered 404") as refused:
            influx.target(**wrong).write(piece([(A, T0, 1)]))
        assert refused.value.reason == "refused"


@pytest.mark.engine("victoria-metrics")
def test_a_cluster_is_written_and_read_under_its_account(victoria: Any) -> None:
    """The front stands for vminsert and vmselect: it notes the paths and takes the account off."""
    front = victoria.front
    front.fault = lambda path, body: (204, {}, b"") if "/insert/" in path else (200, {}, b"")
    target = victoria.target(account="7:2", select_url=front.url)
    target.write(piece([(A, T0, 1)]))
    assert list(target.readings(T0, T0 + 1)) == []
    written, read = front.paths
    assert written.startswith("/insert/7:2/influx/api/v2/write?")
    assert read.startswith("/select/7:2/prometheus/api/v1/export?")


def test_half_a_cluster_is_refused() -> None:
    for half in ({"account": "1"}, {"select_url": "http://h"}):
        with pytest.raises(ValidationError, match="a cluster needs both"):
            VictoriaMetricsConfig.model_validate(
                {"kind": "victoriametrics", "url": "http://h"} | half
            )


def test_confirmed_points_that_are_not_there_are_told(caplog: pytest.LogCaptureFixture) -> None:
    now, there = [0.0], [5]
    asked: list[tuple[Series, int, int]] = []

    def count(series: Series, start: int, end: int) -> int:
        asked.append((series, start, end))
        if there[0] < 0:
            raise OutsideError("unreachable", "away")
        return there[0]

    audit = Audit(count, lambda: now[0])
    audit.sent(piece([(A, T0 + at, at) for at in range(5)]))
    assert (audit.check(), asked) == (0, []), "not visible yet"
    now[0] = 10.0
    there[0] = -1
    assert audit.check() == 0, "nobody answers: asked again"
    there[0] = 5
    assert (audit.check(), asked[-1]) == (0, (A, T0, T0 + 5))
    audit.sent(piece([(A, T0 + 9, 1), (A, T0 + 9, 2), (A, T0 + 10, 2)]))
    audit.sent(piece([(A, T0 + 99, 1)]))
    now[0], there[0] = 20.0, 0
    assert audit.check() == 2
    assert "confirmed points are not there" in caplog.text
    assert audit.check() == 0


@pytest.mark.engine("victoria-metrics")
def test_what_victoriametrics_leaves_out_in_silence_is_noticed(victoria: Any) -> None:
    now = [0.0]
    config = VictoriaMetricsConfig.model_validate(
        {
            "kind": "victoriametrics",
            "url": victoria.front.url,
            "token": {"file": victoria.token_file},
        }
    )
    target = type(victoria.target())(config, lambda: now[0])
    # Before 1970: it answers 204 and keeps nothing.
    assert target.write(piece([(A, -86_400 * 400, 1)])).written == 1
    victoria.settle()
    now[0] = 60.0
    assert target.check() == 1
    target.write(piece([(A, T0, 1)]))
    victoria.settle()
    now[0] = 120.0
    assert target.check() == 0


def test_a_query_that_fails_while_it_is_answered_is_an_outage(influx: Any) -> None:
    answer = b"#datatype,string,string\r\n,error,reference\r\n,out of memory,897\r\n\r\n"
    influx.front.fault = lambda path, body: (200, {"Content-Type": "text/csv"}, answer)
    with pytest.raises(OutsideError, match="out of memory"):
        list(influx.target().readings(T0, T0 + 1))
    influx.front.fault = lambda path, body: (400, {}, b'{"message": "compilation failed"}')
    with pytest.raises(OutsideError, match="compilation failed"):
        influx.target().hours(T0, T0 + 1)
