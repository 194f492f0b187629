"""`show license usage`: the licences in use, by entitlement tag.

Source: Cisco's chapter "CUBE Smart Licensing". The tag is what counts: a chapter sample prints the
name of the Standard licence beside the tag of the Redundant one.
"""

import re
from collections.abc import Iterator
from typing import Final

from monitor.domain.tags import TAGS
from monitor.parse.show import license_facts, redundancy_facts
from monitor.parse.show.license_data import Application, Entitlement, LicenseUsage
from monitor.parse.show.license_sheet import ENTITLEMENT_HEADING, NOTHING_IN_USE, Sheet, value, walk
from monitor.parse.show.license_status import authorization
from monitor.parse.show.output import Command, Told
from monitor.parse.show.page import Block, Page

_REGID = re.compile(r"regid\.[\d-]{4,10}\.com\.cisco\.(.{1,120}?),[\w.]{1,20}_[\w-]{8,64}")
_NUMBERED = re.compile(r"(.{1,60}?) ?\(\d{1,3}\)")
STATUSES: Final = frozenset(
    {
        "in use",
        "not in use",
        "authorized",
        "not authorized",
        "out of compliance",
        "in compliance",
        "pending",
        "waiting",
        "init",
        "invalid tag",
        "no enforcement",
        "eval mode",
        "evaluation mode",
        "eval expired",
        "evaluation expired",
        "authorization expired",
        "reserved",
        "reserved authorized",
        "authorized - reserved",
        "grace period",
    }
)


def read(page: Page) -> LicenseUsage:
    """The output's values."""
    sheet = walk(page)
    return LicenseUsage(
        entitlements=entitlements(page, sheet),
        authorization=authorization(page, sheet.values),
        unparsed=page.unparsed,
    )


def entitlements(page: Page, sheet: Sheet) -> tuple[Entitlement, ...] | None:
    """The licences of a sheet; empty where the device says there are none, else None."""
    found = tuple(_entitlement(page, block) for block in sheet.entitlements)
    warn_about_tags(page, found)
    return found or (() if sheet.nothing_in_use else None)


def _entitlement(page: Page, block: Block) -> Entitlement:
    values = block.values
    name = values.get("name")
    return Entitlement(
        name=name,
        tag=_tag(values.get("tag"), name),
        description=value(values, "description"),
        count=page.number("Count", values.get("count")),
        version=values.get("version"),
        status=_status(page, values.get("status")),
        export_status=values.get("export_status"),
        feature_name=value(values, "feature_name"),
        feature_description=value(values, "feature_description"),
        enforcement_type=values.get("enforcement_type"),
        license_type=values.get("license_type"),
        application=_application(values, "application"),
        peer=_application(values, "peer"),
    )


def _tag(text: str | None, name: str | None) -> str | None:
    found = _REGID.fullmatch(text or "")
    if found is None:
        return text
    # `show license tech support` prints the tag's registered id; its middle is the short tag.
    return name if name in TAGS else found[1]


def _status(page: Page, text: str | None) -> str | None:
    if text is None:
        return None
    numbered = _NUMBERED.fullmatch(text)
    status = numbered[1] if numbered else text
    if status.lower() not in STATUSES:
        page.unclear("Status", status, "a known state of a licence")
    return status


def _application(values: dict[str, str], section: str) -> Application | None:
    if not any(key.startswith(f"{section}.") for key in values):
        return None
    return Application(
        name=values.get(f"{section}.name"),
        role=values.get(f"{section}.role"),
        host_name=values.get(f"{section}.host_name"),
        udi=values.get(f"{section}.udi"),
    )


def warn_about_tags(page: Page, found: tuple[Entitlement, ...]) -> None:
    """Say which tags are not known here or come twice."""
    seen: set[str] = set()
    for entitlement in found:
        tag = entitlement.tag or ""
        names = {entitlement.name, entitlement.feature_name}
        if tag not in TAGS and (tag.upper().startswith("CUBE") or names & TAGS.keys()):
            page.warn(f"tag {tag} is not among the tags of CUBE known here; it is kept as it is")
        if tag and tag in seen:
            page.warn(f"tag {tag} is printed twice")
        seen.add(tag)


def tell(data: LicenseUsage) -> Iterator[Told]:
    """Facts."""
    yield from license_facts.entitlements(data.entitlements)
    yield from license_facts.authorization(data.authorization)
    yield from redundancy_facts.application(data.entitlements)


COMMAND: Final = Command(
    name="show license usage",
    marks=frozenset({"enforcement type", "feature name", "export status"}),
    titles=frozenset({"license authorization"}),
    patterns=(ENTITLEMENT_HEADING, NOTHING_IN_USE),
    read=read,
    tell=tell,
)
