"""The tables and graphs of `show voice sip license stats`: alignment, losses, spoilt captures."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.aggregate.drawing import graph_text, table_text
from monitor.aggregate.tables import Cell, StatsOf, Window, graph, rows
from monitor.domain.facts import FactName
from monitor.parse.show import ShowOutput, facts, read
from monitor.parse.show.voice_sip_license_stats import (
    StatsGraph,
    StatsRow,
    StatsTable,
    VoiceSipLicenseStats,
)

NOW = 1_700_006_400
TOP = [None, 83, 383, 683, 900, 899, 602, 302, 144, 444, 600, 600, 441, 141, 0]


def outputs_of(text: str) -> list[tuple[ShowOutput, VoiceSipLicenseStats]]:
    found = []
    for output in read(text):
        assert isinstance(output.data, VoiceSipLicenseStats)
        found.append((output, output.data))
    return found


def one(text: str) -> tuple[ShowOutput, VoiceSipLicenseStats]:
    (found,) = outputs_of(text)
    return found


def graphs(text: str) -> tuple[tuple[StatsGraph, ...], tuple[str, ...]]:
    output, data = one(text)
    return data.graphs or (), output.warnings


def random_cells(chance: random.Random, units: int) -> tuple[Cell | None, ...]:
    highest = chance.choice([0, 1, 9, 12, 99, 1_000, 40_000])
    unknown = chance.choice([0.0, 0.3, 0.9, 1.0])
    found: list[Cell | None] = []
    for _ in range(units):
        maximum = chance.randint(0, highest)
        cell = Cell(chance.randint(0, maximum), maximum)
        found.append(None if chance.random() < unknown else cell)
    return tuple(found)


def random_kind(kind: str) -> st.SearchStrategy[StatsOf]:
    def build(seed: int) -> StatsOf:
        chance = random.Random(seed)  # noqa: S311 - no secret
        tables = {window: random_cells(chance, window.units) for window in Window}
        return StatsOf(kind=kind, tables=tables)

    return st.builds(build, st.integers(0, 1 << 32))


@settings(max_examples=40, deadline=None)
@given(kinds=st.tuples(random_kind("Standard"), random_kind("Aggregate")))
def test_tables_read_back_as_drawn(kinds: tuple[StatsOf, ...]) -> None:
    output, data = one(table_text(kinds, NOW))
    assert output.command == "show voice sip license stats table"
    assert not output.warnings
    assert data.unparsed.count == 0
    assert data.current_time is not None
    assert data.current_time.utc == NOW
    assert data.tables == tuple(
        as_table(kind.kind, window, cells)
        for kind in kinds
        for window, cells in kind.tables.items()
    )


def as_table(kind: str, window: Window, cells: tuple[Cell | None, ...]) -> StatsTable:
    found = []
    for row in rows(cells):
        average, most = row.cell or (None, None)
        found.append(StatsRow(first=row.first, last=row.last, average=average, max=most))
    return StatsTable(kind=kind, window=window.title, rows=tuple(found))


@settings(max_examples=60, deadline=None)
@given(kinds=st.tuples(random_kind("Enhanced"), random_kind("Aggregate")))
def test_graphs_read_back_as_drawn(kinds: tuple[StatsOf, ...]) -> None:
    output, data = one(graph_text(kinds, NOW))
    assert output.command == "show voice sip license stats"
    assert not output.warnings
    assert data.unparsed.count == 0
    expected = []
    for kind in kinds:
        for window, cells in kind.tables.items():
            drawn = graph(cells)
            expected.append(
                StatsGraph(
                    kind=kind.kind,
                    window=window.title,
                    maxima=drawn.maxima,
                    averages=drawn.averages,
                )
            )
    assert data.graphs == tuple(expected)


def drawing(*maxima: int | None, kind: str = "Standard") -> str:
    cells = tuple(None if value is None else Cell(value // 2, value) for value in maxima)
    padded = (None,) * (60 - len(cells)) + cells
    return graph_text([StatsOf(kind=kind, tables={Window.MINUTES: padded})], NOW)


def test_the_chapters_numbers_are_aligned_at_their_right_end() -> None:
    stripped = "\n".join(line.strip() for line in drawing(*TOP[:-1]).splitlines()) + "\n"
    (found,), warnings = graphs(stripped)
    assert found.maxima == tuple(TOP[1:-1])
    assert warnings == (
        "a graph of the last 60 minutes: it lost blanks: its 13 columns have no place",
    )


def test_kept_blanks_place_every_column() -> None:
    (found,), warnings = graphs(drawing(7, None, None, 12, 0, None))
    assert found.maxima == (None,) * 54 + (7, None, None, 12, 0, None)
    assert found.averages is not None
    assert found.averages[-6:] == (4, None, None, 6, 0, None)
    assert not warnings


def mutations(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    kind = chance.choice(["drop", "double", "cut front", "cut end", "unindent", "byte"])
    if kind == "drop":
        return "".join(lines[:at] + lines[at + 1 :])
    if kind == "double":
        return "".join([*lines[:at], lines[at], *lines[at:]])
    if kind == "unindent":
        return "".join(line.lstrip(" ") if chance.random() < 0.5 else line for line in lines)
    place = chance.randrange(len(text))
    if kind == "byte":
        return text[:place] + chance.choice("x*#.%\x00") + text[place + 1 :]
    return text[place:] if kind == "cut front" else text[:place]


def test_no_column_of_a_spoilt_graph_is_silently_another() -> None:
    chance = random.Random(3)  # noqa: S311 - no secret
    warned = 0
    for _ in range(600):
        cells = random_cells(chance, 60)
        right = graph(cells)
        whole = graph_text([StatsOf(kind="Enhanced", tables={Window.MINUTES: cells})], NOW)
        spoilt = mutations(whole, chance)
        for output in read(spoilt):
            assert isinstance(output.data, VoiceSipLicenseStats)
            warned += bool(output.warnings)
            for found in output.data.graphs or ():
                assert output.warnings or (found.maxima, found.kind) == (
                    right.maxima,
                    "Enhanced",
                ), spoilt
    assert warned > 100


SHORT = """\
CUBE Trunk License Usage (last 60 minutes)
Period Average Max
----------------------------
 1-5 {}
"""


@pytest.mark.parametrize(
    ("row", "expected"),
    [("3 9", (3, 9)), ("00", (0, 0)), ("", (None, None))],
)
def test_a_row_is_read(row: str, expected: tuple[int | None, int | None]) -> None:
    output, data = one(SHORT.format(row))
    assert data.tables is not None
    ((found,),) = (table.rows for table in data.tables)
    assert (found.average, found.max) == expected
    assert not output.warnings


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("c#show voice sip license stats table\n 1-5 3 9\n", "a table has no title"),
        (SHORT.format("9 3"), "the average is more than the maximum"),
        (SHORT.format("1 3").replace("1-5", "2-6"), "is not a row of 5"),
        (SHORT.format("1 3").replace("60 min", "61 min"), "is not one of 60 seconds"),
        (SHORT.format("1 3").replace("Trunk", "Purple Trunk"), "a known kind of trunk licence"),
        (drawing(3).replace("60 minutes", "72 hours"), "72 hours has 60 columns"),
        (drawing(3).replace("CUBE", "CUB"), "a graph has no title"),
        (drawing(3).partition("\n")[2], "without the time: its first line may be cut"),
        (drawing(3).replace(" 3\n10", " 9\n10"), "cannot be matched"),
        (drawing(3).replace("10\n", "1x\n"), "missing or broken"),
        (drawing(None).replace("10\n", "9" * 9 + "\n10\n"), "cannot be matched"),
        (drawing(None).replace("10\n", "9\n" * 9 + "10\n"), "missing or broken"),
    ],
)
def test_what_is_odd_is_said(text: str, warning: str) -> None:
    output, _ = one(text)
    assert any(warning in said for said in output.warnings), output


def test_titles_name_their_kind() -> None:
    text = SHORT.format("1 2").replace("CUBE Trunk", "CUBE Enhanced Trunk")
    _, data = one(text)
    assert data.tables is not None
    assert [(table.kind, table.window) for table in data.tables] == [("Enhanced", "60 minutes")]


def test_tables_without_their_titles_are_kept_apart() -> None:
    output, data = one(SHORT.format("1 2") + " 6-10 3 4\n 1-5 5 6\n")
    assert data.tables is not None
    assert [(table.window, len(table.rows)) for table in data.tables] == [
        ("60 minutes", 2),
        (None, 1),
    ]
    assert output.warnings


def test_no_more_blocks_are_kept_than_a_router_can_print() -> None:
    output, data = one(SHORT.format("1 2") * 45)
    assert data.tables is not None
    assert len(data.tables) == 40
    assert "more than 40 tables and graphs; the rest is not read" in output.warnings


def test_graph_and_table_in_one_paste_are_two_outputs() -> None:
    kinds = [StatsOf(kind="Standard", tables={Window.MINUTES: (Cell(1, 2),) * 60})]
    prompt = "cube-1#show voice sip license stats"
    text = f"{prompt}\n{graph_text(kinds, NOW)}{prompt} table\n{table_text(kinds, NOW)}"
    assert [(bool(data.graphs), bool(data.tables)) for _, data in outputs_of(text)] == [
        (True, False),
        (False, True),
    ]


def test_a_graph_tells_the_clock_and_nothing_of_usage() -> None:
    found = facts(read(drawing(3)), device="d", received=NOW + 2.0)
    assert {fact.name: fact.value for fact in found} == {
        FactName.CLOCK_OFFSET: -2.0,
        FactName.POLLED: NOW + 2.0,
    }


def test_equal_columns_of_which_one_reaches_further_have_no_averages() -> None:
    text = """\
02:50:16 PM Wednesday Nov 13 2019 UTC
55
12 *
8 **
4 **
0....5
CUBE Trunk License Usage (last 60 minutes)
"""
    (found,), warnings = graphs(text.replace("55", "66"))
    assert (found.maxima, found.averages) == (None, None)
    assert any("cannot be matched" in warning for warning in warnings)
    (found,), _ = graphs(text.replace("55", "11\n00").replace("8 **\n4", "8 ##\n4"))
    assert (found.maxima, found.averages) == ((10, 10), (None, None))


def test_a_graph_that_could_stand_in_too_many_ways_is_not_guessed() -> None:
    text = drawing(*[107 if at in {20, 30, 40} else 7 for at in range(60)])
    (found,), warnings = graphs("\n".join(line.strip() for line in text.splitlines()) + "\n")
    assert (found.maxima, found.averages) == (None, None)
    assert any("cannot be matched" in warning for warning in warnings)
