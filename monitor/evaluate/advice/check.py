"""What a check is: a rule of Cisco's task flow, what it needs to know, and a pure `look`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import Severity
from monitor.domain.release import Stopping
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import order

TRANSPORT_STEPS: Final = "Cisco's chapter, Configure Smart Licensing Transport Settings"
ASSOCIATE: Final = "Cisco's chapter, Associate the Host Platform with CSSM"
OPERATION: Final = "Cisco's chapter, Smart License Operation"
FEATURES: Final = "Cisco's chapter, Configure CUBE Licensed Features"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Something to put right: which case of the rule it is, how bad, why, and what to type."""

    step: str
    severity: Severity
    """warning or info; advice is never critical."""
    why: str
    next: str
    facts: tuple[Fact | None, ...] = ()
    """What it rests on."""


Answer = tuple[Advice, ...] | None
"""What to put right, empty where all is well; None where the facts do not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check; the file it lives in carries its name."""

    name: str
    rule: str
    """The rule in one sentence."""
    source: str
    steps: tuple[tuple[str, Severity], ...]
    """Its cases, and how bad each is."""
    asks: tuple[str, ...]
    """The commands whose output tells."""
    look: Callable[[Case], Answer]


FINE: Final[tuple[Advice, ...]] = ()


def word(fact: Fact | None) -> str:
    """Its text; empty where there is none."""
    return fact.value if fact is not None and isinstance(fact.value, str) else ""


def of_key(case: Case, name: FactName, *, without: str | None = None) -> dict[str, Fact]:
    """The believed fact of each key that was said when this was last spoken of.

    What a later output no longer lists, an URL or a member, is gone. `without` leaves a key out.
    """
    told = [fact for fact in case.sheet.of(name) if fact.key != without]
    last = max((fact.received for fact in told), default=0.0)
    newest = (fact for fact in told if fact.received == last)
    return {fact.key: fact for fact in sorted(newest, key=lambda one: (one.key, order(one)))}


def since(fact: Fact | None, other: Fact | None) -> Fact | None:
    """The fact, unless the other is newer: the output that says that one no longer says this."""
    older = fact is not None and other is not None and fact.received < other.received
    return None if older else fact


def transport(case: Case) -> Fact | None:
    """How reports leave: as the router says, else as it is configured."""
    said = case.sheet.best(FactName.TRANSPORT)
    return said if said is not None else case.sheet.best(FactName.CONFIG_TRANSPORT)


def by_name(case: Case) -> bool:
    """Whether the router itself must find a server: not where nothing is sent by it."""
    return word(transport(case)) != "off"


def uses_policy(case: Case) -> bool | None:
    """Whether the release has Smart Licensing Using Policy; None where the router says none.

    A release that is only declared in the configuration is no evidence.
    """
    if case.release is None:
        return None
    return case.stopping is not Stopping.BEFORE_POLICY


def product(case: Case) -> str:
    """PID of the router as it prints it; empty where it does not."""
    platform = word(case.sheet.best(FactName.PLATFORM))
    udi = word(case.sheet.best(FactName.UDI))
    return platform or udi.removeprefix("PID:").partition(",")[0]
