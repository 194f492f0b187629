"""Values and leaves: what is read, what is refused, and that nothing else can happen."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.parse.gnmi import Reader, values
from monitor.parse.gnmi.leaves import opened, place
from monitor.wire import TelemetryNotification

RECEIVED = 1_700_000_000.0


@pytest.mark.parametrize(
    ("value", "expected"),
    [(5, 5), ("5", 5), (" 17 ", 17), (5.0, 5), ("18.000", 18), (0, 0), ("+3", 3)],
)
def test_numbers(value: Any, expected: int) -> None:
    assert values.number(value) == expected


@pytest.mark.parametrize(
    "value",
    [True, "", "x", -1, "-1", 1.5, "1.5", float("nan"), float("inf"), 1 << 63, "9" * 19, "9" * 99],
)
def test_what_is_no_count_is_refused(value: Any) -> None:
    with pytest.raises(ParseError):
        values.number(value)


@pytest.mark.parametrize(("value", "expected"), [(True, True), ("false", False), ("TRUE", True)])
def test_flags(value: Any, expected: bool) -> None:
    assert values.flag(value) is expected


@pytest.mark.parametrize("value", [1, "yes", 0.0])
def test_what_is_no_boolean_is_refused(value: Any) -> None:
    with pytest.raises(ParseError):
        values.flag(value)


@pytest.mark.parametrize("value", [1, True, 2.5])
def test_what_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(ParseError):
        values.words(value)


def test_enumerations_lose_their_start_and_an_identity_its_module() -> None:
    assert values.enumerated("db-rf-standby-hot", "db-rf-", ()) == "standby_hot"
    assert values.enumerated("some-module:smart", "transport-type-", ()) == "smart"
    assert values.enumerated("1", "x-", ("a", "b-c")) == "b_c"
    assert values.enumerated(9, "x-", ("a",)) == "unknown(9)"


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - a zone follows
    st.integers(-14 * 60, 14 * 60),
)
def test_any_offset_is_understood(moment: datetime, minutes: int) -> None:
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert values.instant(zoned.isoformat()) == pytest.approx(zoned.timestamp(), abs=1e-5)


@given(st.integers(-14 * 60, 14 * 60))
def test_the_epoch_is_no_time_in_any_offset(minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    assert values.instant(datetime.fromtimestamp(0, zone).isoformat()) is None
    local = datetime(1970, 1, 1, tzinfo=zone)
    assert values.instant(local.isoformat()) is None


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-30T00:00:00",
        "2024-13-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "1950-01-01T00:00:00Z",
        "2024-01-30",
        "",
        "soon",
        "2024-01-30T00:00:00+99:99",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        values.instant(text)


def test_a_leap_second_is_the_second_before() -> None:
    expected = datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()
    assert values.instant("2016-12-31T23:59:60Z") == expected


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"NaN", b"[" * 100_000, b"\xff", b" " * (values.MOST_BYTES + 1)],
    ids=["empty", "open", "nan", "deep", "not utf-8", "long"],
)
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(ParseError):
        values.tree(text)


def test_a_number_of_a_million_digits_costs_nothing() -> None:
    huge = values.tree(b"9" * 1_000_000)
    assert isinstance(huge, str)
    assert len(huge) == 20


@pytest.mark.parametrize(
    "value",
    [
        b'{"a":' * 30 + b"1" + b"}" * 30,
        json.dumps({"a": [[1]]}).encode(),
        json.dumps([[1]]).encode(),
        json.dumps(list(range(20_001))).encode(),
        json.dumps({"x" * 300: 1}).encode(),
    ],
    ids=["deep", "list in list", "list of lists", "many", "long name"],
)
def test_absurd_containers_are_refused(value: bytes) -> None:
    with pytest.raises(ParseError):
        opened(place((("licensing", ()),)), value)


def test_a_whole_path_in_one_element_is_taken_apart() -> None:
    start = place((("/cisco-smart-license:licensing/state", ()), ("state-info", ())))
    assert (start.owner, start.names) == (
        "cisco-smart-license",
        ("licensing", "state", "state-info"),
    )


def test_a_typed_leaf_list_is_as_many_leaves() -> None:
    assert [leaf.value for leaf in opened(place((("a", ()),)), (1, "b")).leaves] == [1, "b"]


_NAMES = st.sampled_from(
    [
        *("cisco-smart-license:licensing", "licensing", "state", "state-info", "usage", "count"),
        *("rum-ack", "next-report-deadline", "voice-oper-data", "active-voip-call-summary"),
        *("sip-call-legs", "ha-oper-data", "ha-infra", "ha-state", "red-app-group", "", "x" * 300),
    ]
)
_KEYS = st.sampled_from([(), (("entitlement-tag", "a"),), (("rg-id", "1"), ("k", ""))])
_KNOWN = st.sampled_from(["licensing/state/state-info/usage", "ha-oper-data/ha-infra", "/"])
_PATHS = st.lists(st.tuples(_NAMES | _KNOWN, _KEYS), max_size=6).map(tuple)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
_JSON = st.dictionaries(_NAMES, _SCALARS | st.lists(_SCALARS, max_size=3), max_size=4)
_VALUES = (
    _SCALARS
    | st.binary(max_size=9)
    | _JSON.map(lambda value: json.dumps(value).encode())
    | st.lists(_JSON, max_size=3).map(lambda value: json.dumps(value).encode())
)
_UPDATES = st.lists(st.tuples(_PATHS, _VALUES), max_size=4)
_STREAMS = st.lists(
    st.tuples(_UPDATES, st.lists(_PATHS, max_size=2), st.booleans(), st.integers()), max_size=4
)


@given(_STREAMS)
@settings(max_examples=100, deadline=None)
def test_no_notification_breaks_a_reader(stream: list[Any]) -> None:
    reader = Reader("cube-1", "gnmi")
    for updates, deletes, mark, timestamp in stream:
        read = reader.read(
            TelemetryNotification(
                device="cube-1",
                source="gnmi",
                received=RECEIVED,
                authenticated=True,
                timestamp=timestamp,
                updates=updates,
                deletes=deletes,
                synced=mark,
                begins=not mark,
            )
        )
        assert all(0 <= count < 1 << 63 for _, count in read.calls)
