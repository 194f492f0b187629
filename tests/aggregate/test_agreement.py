"""Live measuring, bulk measuring and a slow reference with exact fractions agree."""

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.aggregate.bulk import measure
from monitor.aggregate.columns import Columns
from monitor.aggregate.rules import DeviceRules
from tests.aggregate.reference import (
    HOUR,
    RULES,
    Reading,
    as_columns,
    readings_of,
    reference,
    rows_of,
)


@settings(max_examples=150, deadline=None)
@given(
    readings=st.lists(readings_of(3_000_000_000), min_size=1, max_size=60),
    rules=RULES,
    more=st.integers(0, 30 * HOUR),
)
def test_bulk_is_the_reference(readings: list[Reading], rules: DeviceRules, more: int) -> None:
    until = max(each.second for each in readings) + more
    usages = measure(Columns.of(as_columns(readings)), lambda _: rules, until=until)
    found = {usage.name: rows_of(usage) for usage in usages}
    assert found == reference(readings, rules, until, {})
    assert list(found) == sorted(found)
