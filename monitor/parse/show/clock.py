"""`show clock`: the device's own time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitor.parse.show.instants import Instant
from monitor.parse.show.output import Command, Told
from monitor.parse.show.page import ALL_READ, Page, Unparsed

_TIME = re.compile(
    r"[*.]?\d\d:\d\d:\d\d(?:\.\d{1,6})? [A-Za-z][\w+/:-]{0,15} [A-Za-z]{3} [A-Za-z]{3} \d{1,2}"
    r" \d{4}"
)
_SOURCE = re.compile(
    r"(?:Time source is ([^,\s]{1,20})|No time source)(?:, (\S.{0,60}))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`marked` is `*` for a clock that was never set right, `.` for one that lost its source."""

    current_time: Instant | None = None
    marked: str | None = None
    source: str | None = None
    unparsed: Unparsed = ALL_READ


def read(page: Page) -> Clock:
    """The output's values."""
    current, source = None, None
    for line in page:
        if _TIME.fullmatch(line):
            current = current or line
        elif found := _SOURCE.fullmatch(line):
            source = found[1] or source
        else:
            page.leave(line)
    return Clock(
        current_time=page.instant("current time", current),
        marked=current[0] if current and current[0] in "*." else None,
        source=source,
        unparsed=page.unparsed,
    )


def source_time(line: str) -> str | None:
    """The time in `Time source is NTP, 15:09:55.102 UTC Wed Nov 10 2021`; None for other lines."""
    found = _SOURCE.fullmatch(line)
    return found[2] if found and found[2] and _TIME.fullmatch(found[2]) else None


def tell(data: Clock) -> Iterator[Told]:
    """No fact of its own: the time it prints is the clock of the output, as with any command."""
    del data
    return iter(())


COMMAND: Final = Command(name="show clock", patterns=(_TIME,), read=read, tell=tell)
