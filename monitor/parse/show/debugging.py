"""`show debugging`: whether a licence debug was left on.

`debug license feature cube all` of Cisco's chapter; how a release lists it is documented nowhere,
so every line that speaks of a licence and says that debugging is on counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitor.domain.facts import FactName
from monitor.parse.show.output import Command, Told
from monitor.parse.show.page import ALL_READ, Page, Unparsed

_ON = re.compile(r"(\S.{0,120}?) (?:debugging|debugs?|debug is|debugging is) (?:is )?on", re.I)
_LICENCE = re.compile(r"licen[cs]|cube-sl", re.IGNORECASE)
_MOST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Debugging:
    """Words before `debugging is on`."""

    licence: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """Debugs of anything else."""
    unparsed: Unparsed = ALL_READ


def read(page: Page) -> Debugging:
    """The output's values; conditions and headings are read past."""
    on = [found[1] for line in page if (found := _ON.fullmatch(line))]
    for line in page:
        page.settle(line)
    on = list(dict.fromkeys(on))
    return Debugging(
        licence=tuple(words for words in on if _LICENCE.search(words))[:_MOST],
        others=tuple(words for words in on if not _LICENCE.search(words))[:_MOST],
        unparsed=page.unparsed,
    )


def tell(data: Debugging) -> Iterator[Told]:
    """Facts."""
    if data.licence or data.others:
        yield Told(FactName.DEBUG_LICENSE, bool(data.licence), text=", ".join(data.licence))


COMMAND: Final = Command(name="show debugging", patterns=(_ON,), read=read, tell=tell)
