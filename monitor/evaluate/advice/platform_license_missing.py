"""CUBE's licences come beside those of the platform, such as uck9 on an ISR 4000."""

from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import Severity
from monitor.evaluate.advice.check import FINE, OPERATION, Advice, Answer, Check, product, word
from monitor.evaluate.case import Case

_PLATFORMS: Final = "ISR4"
"""Platforms whose voice features stand behind the package uck9; others bundle them."""
_PACKAGE: Final = ("uck9", "unifiedcommunication")
_LISTED_BY: Final = frozenset(
    {"show license usage", "show license all", "show license tech support"}
)


def look(case: Case) -> Answer:
    """Only whole lists count: the summary cuts tags off."""
    pid = product(case)
    if not pid:
        return None
    if not pid.upper().startswith(_PLATFORMS):
        return FINE
    used = [fact for fact in case.sheet.of(FactName.USAGE_COUNT) if not fact.bound]
    level = case.sheet.best(FactName.CONFIG_BOOT_LEVEL)
    if _has_package(used, level):
        return FINE
    cubes = [fact for fact in used if fact.key.startswith("CUBE_")]
    unlisted = bool(cubes) and _is_listed(case)
    unconfigured = level is not None and level.value is None and _is_cube(case)
    if not unlisted and not unconfigured:
        return None
    return (
        Advice(
            step="uck9",
            severity=Severity.INFO,
            why=f"CUBE is in use on {pid}, and its platform licence uck9 is not.",
            next="Type `configure terminal`, `license boot level uck9`, `license accept end user"
            " agreement`; save, and reload in a quiet hour.",
            facts=(*cubes, level),
        ),
    )


def _has_package(used: list[Fact], level: Fact | None) -> bool:
    names = [fact.key.lower() for fact in used] + [word(level).lower()]
    return any(package in name for name in names for package in _PACKAGE)


def _is_listed(case: Case) -> bool:
    return any(fact.key in _LISTED_BY for fact in case.sheet.of(FactName.POLLED))


def _is_cube(case: Case) -> bool:
    element = case.sheet.best(FactName.CONFIG_BORDER_ELEMENT)
    return element is not None and element.value is True


CHECK: Final = Check(
    name="platform_license_missing",
    rule="The platform's own licences (uck9, security, DNA) are needed beside those of CUBE.",
    source=f"{OPERATION} (introduction)",
    steps=(("uck9", Severity.INFO),),
    asks=("show version", "show license usage"),
    look=look,
)
