"""Small things that commands about pages share: who asks, spans of time, tables."""

import getpass
import re
import time
from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.cli.remote import tidy
from monitor.domain.instants import instant, rfc3339
from monitor.errors import ConfigError, ReadingError

_UNITS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_SPAN: Final = re.compile(r"(?:\d{1,6}[wdhms]){1,5}")
_PART: Final = re.compile(r"(\d+)([wdhms])")
_WIDE: Final = 200


def whom(given: str) -> str:
    """Who asks: what was given, else the user's name."""
    if given:
        return given
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise ConfigError("say who you are with --by") from error


def span(text: str) -> float:
    """Seconds of `2h`, `90m`, `1d12h`; ConfigError says the form."""
    if _SPAN.fullmatch(text) is None:
        raise ConfigError(f"--for {text!r} is no span of time; write it like 2h, 90m or 1d12h")
    return float(sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text)))


def bounds(start: str, end: str, lasts: str) -> tuple[str, str]:
    """Start and end as the API takes them; either `end` or `lasts` is given."""
    if bool(end) == bool(lasts):
        raise ConfigError("give either --until TIME or --for SPAN, such as --for 2h")
    for name, text in (("--from", start), ("--until", end)):
        _check(name, text)
    if end:
        return start, end
    begins = instant(start) if start else time.time()
    return start, rfc3339(int(begins + span(lasts)))


def _check(name: str, text: str) -> None:
    try:
        instant(text or "0")
    except ReadingError as error:
        raise ConfigError(f"{name}: {error}") from error


def table(titles: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Print rows under titles, or what it means that there are none."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDE)
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        drawn.add_column(title, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(tidy(cell)) for cell in row))
    if drawn.row_count:
        console.print(drawn)
    else:
        console.print(empty)
