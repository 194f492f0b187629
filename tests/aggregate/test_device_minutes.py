"""Minute values that a device worked out itself: where they count, and where they do not."""

from collections.abc import Sequence

from monitor.aggregate.bulk import Usage, measure
from monitor.aggregate.columns import Columns
from monitor.aggregate.rules import DeviceRules
from monitor.domain.readings import ReadingColumns, Series, minutes_of, tells_minutes

BASE = 1_700_006_400
H = 3_600
STD, ENH, AGG = "CUBE_T_STD", "CUBE_T_ENH", "AGG"
TOLD = minutes_of("cli")


def usages(*readings: tuple[str, str, int, int], rules: DeviceRules | None = None) -> list[Usage]:
    """(tag, source, second after the base, count)."""
    series = list(dict.fromkeys(Series("d", tag, source) for tag, source, _, _ in readings))
    columns = ReadingColumns(series=series)
    for tag, source, second, count in readings:
        columns.which.append(series.index(Series("d", tag, source)))
        columns.seconds.append(BASE + second)
        columns.counts.append(count)
    known = rules or DeviceRules(periods=((0, 8),))
    return measure(Columns.of(columns), lambda _: known, until=BASE + 8 * H)


def values(found: Sequence[Usage]) -> dict[str, list[float | None]]:
    return {usage.name.tag: [m.value for m in usage.measurements] for usage in found}


def test_the_source_name_is_the_mark() -> None:
    assert tells_minutes(minutes_of("cli"))
    assert not tells_minutes("cli")


def test_an_hour_of_device_minutes_is_the_mean_of_the_three_highest() -> None:
    told = [(STD, TOLD, 60 * minute, minute) for minute in range(60)]
    (usage,) = usages(*told)
    assert usage.name.tag == STD
    (measurement,) = usage.measurements
    assert measurement.value == 58
    assert measurement.coverage == 0
    assert measurement.minute_coverage == 1 / 8


def test_a_minute_with_a_reading_is_that_of_the_readings() -> None:
    (usage,) = [
        one
        for one in usages((STD, "s", 10, 3), (STD, TOLD, 0, 50), (STD, TOLD, 60, 5))
        if one.name.tag == STD
    ]
    (measurement,) = usage.measurements
    assert measurement.value == 4
    assert measurement.coverage == 1 / (8 * H)
    assert measurement.minute_coverage == 2 / (8 * 60)


def test_the_aggregate_has_its_own_device_minutes_and_no_sum_of_the_tags() -> None:
    found = values(
        usages((STD, TOLD, 0, 10), (ENH, TOLD, 0, 20), (AGG, TOLD, 0, 25), (STD, "s", 60, 7))
    )
    assert found == {STD: [8.5], ENH: [20], AGG: [16]}


def test_the_highest_of_several_tellings_counts() -> None:
    assert values(usages((ENH, TOLD, 0, 10), (ENH, minutes_of("x"), 5, 20))) == {ENH: [20]}


def test_device_minutes_can_be_left_out() -> None:
    rules = DeviceRules(periods=((0, 8),), excluded=frozenset({TOLD}))
    assert usages((STD, TOLD, 0, 10), rules=rules) == []
