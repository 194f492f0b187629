"""Readings from JSON lines: what is taken, and what is refused with which words."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.readings import Series
from monitor.parse.readings import MOST_REFUSALS, Parsed, parse
from monitor.wire import ReadingLines

NOW = 1_700_000_000.0
GOOD: dict[str, Any] = {
    "device": "cube-1",
    "tag": "CUBE_T_STD",
    "source": "lab",
    "time": 1_699_999_999,
    "count": 3,
}
GOOD_LINE = json.dumps(GOOD).encode()


def parsed(*rows: bytes | dict[str, Any], first_line: int = 1) -> Parsed:
    payload = b"\n".join(
        row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows
    )
    lines = ReadingLines(origin="test", received=NOW, payload=payload, first_line=first_line)
    return parse(lines, NOW)


def changed(**changes: Any) -> dict[str, Any]:
    return {**GOOD, **changes}


def taken(*rows: bytes | dict[str, Any]) -> list[tuple[Series, int, int]]:
    result = parsed(*rows)
    assert result.refused == 0, result.refusals
    columns = result.columns
    return [
        (columns.series[which], second, count)
        for which, second, count in zip(columns.which, columns.seconds, columns.counts, strict=True)
    ]


def refusal(row: bytes | dict[str, Any]) -> str:
    result = parsed(row)
    assert (len(result.columns), result.refused) == (0, 1)
    assert result.columns.series == ()
    return result.refusals[0].reason


def test_readings_become_columns() -> None:
    rows = taken(GOOD, changed(count=4), changed(device="cube-2"), changed(time=1_699_999_000))

    first, second = Series("cube-1", "CUBE_T_STD", "lab"), Series("cube-2", "CUBE_T_STD", "lab")
    assert rows == [
        (first, 1_699_999_999, 3),
        (first, 1_699_999_999, 4),
        (second, 1_699_999_999, 3),
        (first, 1_699_999_000, 3),
    ]


@pytest.mark.parametrize(
    ("time", "second"),
    [
        ("2023-11-14T22:13:19Z", 1_699_999_999),
        ("2023-11-14T22:13:19.999Z", 1_699_999_999),
        ("2023-11-14T22:13:19.123456789Z", 1_699_999_999),
        ("2023-11-15T03:43:19+05:30", 1_699_999_999),
        (1_699_999_999.99, 1_699_999_999),
        ("1699999999", 1_699_999_999),
        (0, 0),
        (NOW + 300, 1_700_000_300),
    ],
)
def test_times_are_floored_to_the_second(time: object, second: int) -> None:
    assert taken(changed(time=time))[0][1] == second


def test_the_source_may_be_left_out() -> None:
    row = {key: value for key, value in GOOD.items() if key != "source"}

    assert taken(row)[0][0].source == "import"


@pytest.mark.parametrize(
    "payload",
    [
        GOOD_LINE + b"\n",
        GOOD_LINE + b"\r\n\r\n",
        b"\n  \n\t\n" + GOOD_LINE,
        b"\xef\xbb\xbf" + GOOD_LINE,
        b"  " + GOOD_LINE + b"  ",
    ],
)
def test_blanks_and_line_ends_do_not_matter(payload: bytes) -> None:
    assert len(taken(payload)) == 1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (changed(count=-1), "count -1 is not a whole number"),
        (changed(count=3.0), "count 3.0 is not a whole number"),
        (changed(count=True), "count True is not"),
        (changed(count="3"), "count '3' is not"),
        (changed(count=None), "count None is not"),
        (changed(count=1 << 31), "from 0 to 2147483647"),
        (changed(time="2023-11-14T22:13:19"), "has no zone"),
        (changed(time="yesterday"), "neither RFC 3339 nor epoch"),
        (changed(time=NOW + 300.5), "later than now"),
        (changed(time="2023-11-14T22:18:21Z"), "later than now"),
        (changed(time="9999-12-31T23:59:59-14:00"), "later than now"),
        (changed(time="1969-12-31T23:59:59Z"), "before 1970"),
        (changed(time=-1), "not a second since 1970"),
        (changed(time=True), "time True is neither"),
        (changed(time=None), "time None is neither"),
        (changed(time=[1]), "time [1] is neither"),
        (changed(time=int("9" * 400)), "neither RFC 3339 nor epoch"),
        (changed(time="x" * 400), "neither RFC 3339 nor epoch"),
        (GOOD_LINE.replace(b"1699999999", b"NaN"), "not a second since 1970"),
        (GOOD_LINE.replace(b"1699999999", b"1e999"), "not a second since 1970"),
        (GOOD_LINE.replace(b"1699999999", b"9" * 4000), "neither RFC 3339 nor epoch"),
        (changed(device=""), "device '' is not a name"),
        (changed(device=7), "device 7 is not a name"),
        (changed(tag=["CUBE_T_STD"]), "tag ['CUBE_T_STD'] is not a name"),
        (changed(source=None), "source None is not a name"),
        (changed(device="cube\n1"), "control characters"),
        (changed(device="cube\ud800"), "control characters"),
        (changed(tag=" CUBE_T_STD"), "blanks around"),
        (changed(device="d" * 256), "longer than 255"),
        (changed(cuont=1), "key 'cuont' is unknown"),
        ({"device": "cube-1", "tag": "CUBE_T_STD", "time": 1}, "count is missing"),
        ({}, "device is missing"),
        (b"[1, 2]", "not a JSON object"),
        (b"3", "not a JSON object"),
        (b"nonsense", "not JSON"),
        (b'{"device": "cube-1"', "not JSON"),
        (b'{"device" "cube-1"}', "column 11"),
        (GOOD_LINE + b" " + GOOD_LINE, "more text after the object"),
        (GOOD_LINE.replace(b"cube-1", b"cube\xff"), "not UTF-8"),
        (b'{"device": "' + b"x" * 5000, "longer than 4096"),
        (b"[" * 4000, "nested too deep"),
        (b'{"a":' * 800, "not JSON"),
    ],
)
def test_a_bad_line_says_what_is_wrong(row: bytes | dict[str, Any], words: str) -> None:
    reason = refusal(row)

    assert words in reason
    assert len(reason) < 200


def test_the_rest_goes_on_and_lines_are_numbered_as_in_the_file() -> None:
    result = parsed(GOOD, b"bad", b"", changed(count=-1), GOOD, b"\xff", first_line=1001)

    assert len(result.columns) == 2
    assert [refusal.line for refusal in result.refusals] == [1002, 1004, 1006]
    assert result.refused == 3


def test_all_refusals_are_counted_and_some_shown() -> None:
    result = parsed(*[b"bad"] * 1000)

    assert result.refused == 1000
    assert len(result.refusals) == MOST_REFUSALS


def test_a_mark_inside_the_file_is_no_byte_order_mark() -> None:
    assert parsed(b"\xef\xbb\xbf" + GOOD_LINE, first_line=2).refused == 1


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
objects = st.dictionaries(
    st.sampled_from(["device", "tag", "source", "time", "count", "other"]),
    values | st.lists(values, max_size=2),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(objects.map(lambda row: json.dumps(row).encode()) | st.binary(max_size=60)))
def test_every_line_is_taken_refused_or_blank(rows: list[bytes]) -> None:
    rows = [row.replace(b"\n", b"") for row in rows]
    result = parsed(*rows, first_line=7)
    blank = sum(not row.decode(errors="replace").strip() for row in rows)

    assert len(result.columns) + result.refused >= len(rows) - blank
    assert len(result.columns) + result.refused <= len(rows)
    assert len(result.columns) == len(result.columns.which) == len(result.columns.counts)
    assert all(0 <= second <= NOW + 300 for second in result.columns.seconds)
