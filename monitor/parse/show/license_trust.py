"""Trust codes in license output: of the device, or of each member and type."""

from monitor.parse.show.instants import Instant
from monitor.parse.show.license_data import Trust, Trusted, Udi
from monitor.parse.show.license_sheet import Sheet, TrustCode
from monitor.parse.show.page import Page


def codes_of(page: Page, codes: list[TrustCode]) -> tuple[Trust, ...]:
    """The codes the lines told of, times read."""
    return tuple(
        Trust(
            role=code.role,
            udi=f"PID:{code.pid},SN:{code.sn}" if code.pid else "",
            installed=page.instant("Trust Code Installed", code.installed),
            type=code.kind,
        )
        for code in codes
    )


def trusted(sheet: Sheet, codes: tuple[Trust, ...]) -> tuple[Trusted, ...] | None:
    """Installed codes; empty where the device says there is none, None where it says nothing."""
    if not codes:
        return None if sheet.trust_none is None else ()
    return tuple(
        Trusted(
            udi=Udi(pid=code.pid, sn=code.sn) if code.pid else None, installed_at=told.installed
        )
        for code, told in zip(sheet.trust, codes, strict=True)
        if told.installed is not None
    )


def active_code(page: Page, sheet: Sheet, codes: tuple[Trust, ...]) -> Instant | None:
    """When the active member's code, or the only one, was installed."""
    if not codes:
        return page.instant("Trust Code Installed", sheet.trust_none)
    active = next((code for code in codes if code.role.lower() == "active"), None)
    if active is None and any(code.role for code in codes):
        page.warn("Trust Code Installed names members, but none of them is active")
        return None
    return (active or codes[0]).installed
