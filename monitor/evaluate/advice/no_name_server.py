"""Without a name server the router does not find CSSM, On-Prem or CSLU by name."""

from dataclasses import replace
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import Severity
from monitor.evaluate.advice.check import FINE, TRANSPORT_STEPS, Advice, Answer, Check, by_name
from monitor.evaluate.case import Case

_LOOKUP: Final = Advice(
    step="lookup_off",
    severity=Severity.WARNING,
    why="Name lookup is switched off (`no ip domain lookup`), so no licensing server is found.",
    next="Type `configure terminal`, then `ip domain lookup`.",
)
_MISSING: Final = Advice(
    step="missing",
    severity=Severity.WARNING,
    why="No name server is configured, so the licensing server's name does not resolve.",
    next="Type `configure terminal`, then `ip name-server ADDRESS`.",
)


def look(case: Case) -> Answer:
    """Only a whole configuration shows that there is none."""
    servers = case.sheet.best(FactName.CONFIG_NAME_SERVERS)
    lookup = case.sheet.best(FactName.CONFIG_DOMAIN_LOOKUP)
    if not by_name(case):
        return FINE
    if servers is not None and servers.value is None:
        return (_with(_MISSING, servers),)
    if lookup is not None and lookup.value is False:
        return (_with(_LOOKUP, lookup),)
    return None if servers is None else FINE


def _with(advice: Advice, fact: Fact) -> Advice:
    return replace(advice, facts=(fact,))


CHECK: Final = Check(
    name="no_name_server",
    rule="A valid name server must be configured, so that the licensing server's name resolves.",
    source=f"{TRANSPORT_STEPS}, step 2",
    steps=(("missing", Severity.WARNING), ("lookup_off", Severity.WARNING)),
    asks=("show running-config",),
    look=look,
)
