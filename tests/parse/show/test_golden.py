"""Each golden case reads as reviewed; each command has one; the support matrix names them all."""

import re
from pathlib import Path
from typing import Any

from monitor.parse.show import COMMANDS, read

MATRIX = Path(__file__).parents[3] / "docs" / "parsers.md"


def test_an_output_reads_as_reviewed(case: Any) -> None:
    outputs = read(case.text)
    assert [output.as_json() for output in outputs] == [case.expected]


def test_the_command_is_recognised_without_its_prompt(case: Any) -> None:
    bare = "\n".join(
        line for line in case.text.splitlines() if not re.match(r"\s*[\w-]+# ?(sh|$)", line)
    )
    assert [output.command for output in read(bare + "\n")] == [case.command]


def test_indentation_line_ends_and_trailing_blanks_do_not_matter(case: Any) -> None:
    lines = case.text.replace("\r", "").splitlines()
    spoilt = "".join(f"{line.strip()}  \r\n" for line in lines)
    assert [output.as_json() for output in read(spoilt)] == [case.expected]


def test_blank_lines_everywhere_do_not_matter(case: Any) -> None:
    spaced = case.text.replace("\n", "\n\n")
    assert [output.as_json() for output in read(spaced)] == [case.expected]


def test_every_command_has_a_golden_case(golden: list[Any]) -> None:
    assert {case.command for case in golden} == set(COMMANDS)


def test_the_support_matrix_names_every_golden_case_and_no_other(golden: list[Any]) -> None:
    named = set(re.findall(r"`([a-z_-]+/[\w.]+)`", MATRIX.read_text()))
    assert named == {case.name for case in golden}


def test_the_support_matrix_names_every_command() -> None:
    headed = set(re.findall(r"^\| `(show [a-z -]+)` \|", MATRIX.read_text(), re.MULTILINE))
    assert headed == set(COMMANDS)
