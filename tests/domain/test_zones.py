"""Offsets and named offsets: one form for arguments and configuration."""

import argparse
from collections.abc import Callable

import pytest

from monitor.cli.capture import zone, zone_or_none
from monitor.config.model import offset_seconds
from monitor.domain.zones import named_offset, offset
from monitor.errors import ReadingError

GOOD = {
    "+05:30": 19_800,
    "+0530": 19_800,
    "+530": 19_800,
    "-08:00": -28_800,
    "-8": -28_800,
    "+0": 0,
    "-00:00": 0,
    "+14:00": 50_400,
    "-14:00": -50_400,
}
BAD = [
    "", "5", "05:30", "+", "+:30", "+05:", "+05:60", "+05:3", "+5:300", "+14:01", "-23:00",
    " +05:30", "+05:30 ", "+05:30\n", "+\u0660\u0665:\u0663\u0660", "+05.30", "India",
]  # fmt: skip
Reader = Callable[[str], object]


@pytest.mark.parametrize(("text", "seconds"), GOOD.items())
def test_an_offset_is_read_the_same_everywhere(text: str, seconds: int) -> None:
    assert offset(text) == offset_seconds(text) == seconds
    assert named_offset(f"IST={text}") == zone(f"IST={text}") == ("IST", seconds)
    assert zone_or_none(f"={text}") == ("", seconds)


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_offset_is_refused_everywhere(text: str) -> None:
    for read, error in ((offset, ReadingError), (offset_seconds, ValueError)):
        with pytest.raises(error, match=r"\+05:30|beyond 14 hours"):
            read(text)
    with pytest.raises(argparse.ArgumentTypeError, match=r"IST=\+05:30|beyond 14 hours"):
        zone(f"IST={text}")


@pytest.mark.parametrize("text", ["IST", "I ST=+1", "A=B=+1", " =+1", "X" * 17 + "=+1", "IST+1"])
@pytest.mark.parametrize("read", [zone, zone_or_none])
def test_a_word_has_no_blanks_and_an_end(read: Reader, text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"is no zone; write it like IST=\+05:30"):
        read(text)


def test_only_stamps_of_syslog_may_bear_no_word() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="names no zone"):
        zone("=+01:00")
