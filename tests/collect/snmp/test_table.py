"""A table read column by column, by agents that cut their answers, and by some that lie."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.snmp.table import Table, Varbind
from monitor.wire import Absent

COLUMNS = ("1.3.9.2", "1.3.9.3", "1.3.9.5")
BEYOND = "1.3.9.9.1"


def arcs(oid: str) -> tuple[int, ...]:
    return tuple(map(int, oid.split(".")))


def agent(rows: int) -> list[str]:
    return sorted(
        [f"{column}.{row}" for column in COLUMNS for row in range(1, rows + 1)] + [BEYOND], key=arcs
    )


def bulk(there: Sequence[str], after: Sequence[str], rows: int) -> list[Varbind]:
    """RFC 3416, section 4.2.3."""
    answer: list[Varbind] = []
    at = list(after)
    for _ in range(rows):
        for place, oid in enumerate(at):
            following = [one for one in there if arcs(one) > arcs(oid)]
            answer.append((following[0], 7) if following else (oid, Absent.END_OF_MIB_VIEW))
            at[place] = answer[-1][0]
    return answer


@given(rows=st.integers(0, 12), asked=st.integers(1, 6), cut=st.integers(1, 20))
def test_however_answers_are_cut_the_whole_table_is_read(rows: int, asked: int, cut: int) -> None:
    there, table = agent(rows), Table(COLUMNS)
    for _ in range(100):
        if table.whole:
            break
        assert table.take(bulk(there, table.after, asked)[:cut])
    assert table.whole
    assert table.rows == rows
    assert sorted(oid for oid, _ in table.varbinds) == sorted(there[:-1])


def test_the_end_of_everything_is_an_end_too() -> None:
    table = Table(COLUMNS[:1])
    assert table.take([("1.3.9.2.1", 7), ("1.3.9.2.1", Absent.END_OF_MIB_VIEW)])
    assert table.whole


@pytest.mark.parametrize(
    "answer",
    [
        [],
        [("1.3.9.2", 7)],
        [("1.3.1.1", 7)],
        [("1.3.9.2.1", Absent.NO_SUCH_INSTANCE)],
    ],
    ids=["nothing", "the question", "something before", "no end"],
)
def test_what_is_no_answer_ends_nothing(answer: list[Varbind]) -> None:
    table = Table(COLUMNS[:1])
    assert not table.take(answer)
    assert not table.whole
    assert table.varbinds == []


def test_a_row_that_comes_again_is_not_read_again() -> None:
    table = Table(COLUMNS[:1])
    assert table.take([("1.3.9.2.5", 7), ("1.3.9.2.4", 8), ("1.3.9.2.5", 9)])
    assert (table.varbinds, table.whole) == ([("1.3.9.2.5", 7)], False)
    assert table.after == ("1.3.9.2.5",)
