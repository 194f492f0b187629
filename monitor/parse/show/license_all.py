"""`show license all` and `show license tech support`: the smaller commands' sections in one.

Each section is read by the code of the smaller command.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from monitor.domain.facts import FactName
from monitor.parse.show import license_facts, license_status, license_usage, redundancy_facts
from monitor.parse.show.license_data import (
    LicenseAll,
    LicenseStatus,
    LicenseUsage,
    Member,
    Rum,
    Udi,
)
from monitor.parse.show.license_sheet import Sheet, udi, walk
from monitor.parse.show.output import Command, Told, words
from monitor.parse.show.page import Page

_PAIR = re.compile(
    r"(\d{1,9})(?:\(\d{1,9}\))?(?:,? ([A-Z][A-Za-z ]{1,30}): ?(\d{1,9})(?:\(\d{1,9}\))?)?"
)


def read(page: Page) -> LicenseAll:
    """The output's values."""
    sheet = walk(page)
    own = product(page, sheet)
    return LicenseAll(
        status=_owned(license_status.status(page, sheet), own),
        usage=LicenseUsage(
            entitlements=license_usage.entitlements(page, sheet),
            authorization=license_status.authorization(page, sheet.values),
        ),
        udi=own,
        ha_udi=members(sheet),
        agent_version=sheet.values.get("agent_version"),
        rum=_rum(page, sheet.values),
        current_time=page.instant("Current time", sheet.values.get("current_time")),
        unparsed=page.unparsed,
    )


def _owned(status: LicenseStatus, own: Udi | None) -> LicenseStatus:
    """A trust code that names nobody is the device's own."""
    if own is None or not status.trust:
        return status
    owned = tuple(replace(code, udi=code.udi or own) for code in status.trust)
    return replace(status, trust=owned)


def product(page: Page, sheet: Sheet) -> Udi | None:
    """The UDI of a sheet."""
    text = sheet.values.get("udi")
    if text is None:
        return None
    found = udi(text)
    if found is None:
        page.unclear("UDI", text, "a PID and a serial number")
        return None
    return Udi(pid=found[0], sn=found[1])


def members(sheet: Sheet) -> tuple[Member, ...] | None:
    """The HA UDI list of a sheet."""
    return tuple(Member(role=role, pid=pid, sn=sn) for role, pid, sn in sheet.members) or None


def _rum(page: Page, values: dict[str, str]) -> Rum | None:
    if not any(key.startswith("rum.") for key in values):
        return None
    total, purged = _two(page, values, "rum.total", "purged")
    acknowledged, waiting = _two(page, values, "rum.acknowledged", "waiting for ack")
    available, collecting = _two(page, values, "rum.available", "collecting data")
    return Rum(
        total=total,
        purged=purged,
        acknowledged=acknowledged,
        waiting_for_ack=waiting,
        available=available,
        collecting=collecting,
    )


def _two(
    page: Page, values: dict[str, str], key: str, second: str
) -> tuple[int | None, int | None]:
    text = values.get(key)
    if text is None:
        return None, None
    found = _PAIR.fullmatch(text)
    if found is None or (found[2] or second).lower() != second:
        page.unclear(f"Usage Report Summary, {key[4:]}", text, "two numbers")
        return None, None
    return int(found[1]), int(found[3]) if found[3] else None


def tell(data: LicenseAll) -> Iterator[Told]:
    """Facts."""
    yield from license_facts.status(data.status)
    yield from license_facts.entitlements(data.usage.entitlements)
    yield from license_facts.reports(data.rum)
    yield from words(FactName.AGENT_VERSION, data.agent_version)
    if data.udi is not None:
        yield from words(FactName.UDI, f"PID:{data.udi.pid},SN:{data.udi.sn}")
    yield from redundancy_facts.members(data.ha_udi)
    yield from redundancy_facts.application(data.usage.entitlements)


ALL: Final = Command(
    name="show license all",
    titles=frozenset(
        {
            "smart licensing status",
            "product information",
            "agent version",
            "license authorizations",
            "usage report summary",
        }
    ),
    begins="smart licensing status",
    read=read,
    tell=tell,
)
TECH_SUPPORT: Final = Command(
    name="show license tech support",
    marks=frozenset({"handle", "entitlement tag"}),
    titles=frozenset(
        {
            "smart licensing tech support info",
            "upcoming scheduled jobs",
            "communication statistics",
        }
    ),
    begins="smart licensing tech support info",
    read=read,
    tell=tell,
)
