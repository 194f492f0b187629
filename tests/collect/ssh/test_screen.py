"""Telling the end of a command's output from its bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.ssh.screen import Ending, Screen, refused


def screen(printed: bytes, prompt: bytes = b"cube#", command: str = "show clock") -> Screen:
    made = Screen(prompt=prompt, command=command)
    made.feed(printed)
    return made


def test_the_known_prompt_after_the_echo_is_certain() -> None:
    done = screen(b"show clock\r\n12:00:00.1 UTC Mon Nov 25 2019\r\ncube#")
    assert done.ending is Ending.CERTAIN
    assert done.text() == "12:00:00.1 UTC Mon Nov 25 2019"


def test_a_prompt_printed_again_before_the_echo_is_not_the_end() -> None:
    early = screen(b"\r\ncube#")
    assert [early.ending] == [Ending.LIKELY]
    early.feed(b"show clock\r\n12:00\r\ncube#")
    assert early.ending is Ending.CERTAIN
    assert early.text() == "12:00"


@pytest.mark.parametrize(
    "printed",
    [b"", b"show clock\r\n", b"show clock\r\nother#", b"show clock\r\nx y#", b"Password: "],
)
def test_anything_else_is_not_the_end(printed: bytes) -> None:
    assert screen(printed).ending is Ending.NOT_YET


def test_the_first_prompt_is_learned_from_below_a_banner() -> None:
    greeting = screen(b"*** no entry #\r\n\x1b[0mcube-1.lon>", prompt=b"", command="")
    assert greeting.ending is Ending.LIKELY
    assert greeting.prompt == b"cube-1.lon>"


def test_each_pause_of_the_pager_is_seen_once() -> None:
    paged = screen(b"show clock\r\none\r\n --More-- ")
    assert paged.paused()
    assert not paged.paused()
    paged.feed(b"\x08" * 9 + b" " * 8 + b"\x08" * 9 + b"two\r\n --More-- ")
    assert paged.paused()
    paged.feed(b"\x08" * 9 + b" " * 8 + b"\x08" * 9 + b"three\r\ncube#")
    assert not paged.paused()
    assert paged.text() == "one\ntwo\nthree"


def test_output_without_prompt_or_echo_is_kept_whole() -> None:
    assert screen(b"one\r\ntwo").text() == "one\ntwo"
    assert screen(b"one\r\ntwo\r\ncube#").text() == "one\ntwo"
    assert screen(b"cube#show clock\r\none\r\ncube#").text() == "one"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "     ^\n% Invalid input detected at '^' marker.",
            "% Invalid input detected at '^' marker.",
        ),
        ("Command authorization failed.\n", "Command authorization failed."),
        ("CUBE-Version : 14.1\nHA-Type : none", ""),
        ("", ""),
    ],
)
def test_refusals_in_the_devices_own_words(text: str, expected: str) -> None:
    assert refused(text) == expected


@given(st.binary(max_size=300), st.lists(st.integers(1, 40), max_size=20))
def test_no_bytes_break_it_and_cutting_them_differently_changes_nothing(
    printed: bytes, cuts: list[int]
) -> None:
    whole, pieces = screen(printed), Screen(prompt=b"cube#", command="show clock")
    start = 0
    for cut in [*cuts, 300]:
        pieces.feed(printed[start : start + cut])
        start += cut
    assert (pieces.text(), pieces.ending) == (whole.text(), whole.ending)
