"""`show license udi`: the product instance, and the members of a high-availability set."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitor.domain.facts import FactName
from monitor.parse.show import redundancy_facts
from monitor.parse.show.license_all import members, product
from monitor.parse.show.license_data import Member, Udi
from monitor.parse.show.license_sheet import walk
from monitor.parse.show.output import Command, Told, words
from monitor.parse.show.page import ALL_READ, Page, Unparsed

_UDI = re.compile(r"UDI: ?PID:\S{1,60}, ?SN:\S{1,60}", re.IGNORECASE)
_HEADER = re.compile(r"SlotID PID SN UDI", re.IGNORECASE)
_ROW = re.compile(r"(?:\*|\d{1,3}\*?|\S{1,12}) (\S{1,40}) (\S{1,40}) \1:\2")


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseUdi:
    """`ha_udi` is None where no list of members is printed."""

    udi: Udi | None = None
    ha_udi: tuple[Member, ...] | None = None
    unparsed: Unparsed = ALL_READ


def read(page: Page) -> LicenseUdi:
    """The output's values; in the older layout they stand in a table."""
    rows = [row for row in map(_ROW.fullmatch, page) if row is not None]
    if rows:
        page.settle(rows[0][0])
        return LicenseUdi(udi=Udi(pid=rows[0][1], sn=rows[0][2]))
    sheet = walk(page)
    return LicenseUdi(udi=product(page, sheet), ha_udi=members(sheet), unparsed=page.unparsed)


def tell(data: LicenseUdi) -> Iterator[Told]:
    """Facts."""
    if data.udi is not None:
        yield from words(FactName.UDI, f"PID:{data.udi.pid},SN:{data.udi.sn}")
    yield from redundancy_facts.members(data.ha_udi)


COMMAND: Final = Command(
    name="show license udi",
    titles=frozenset({"ha udi list"}),
    patterns=(_UDI, _HEADER, _ROW),
    read=read,
    tell=tell,
)
