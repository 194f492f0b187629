"""Each member of a pair needs its own trust code."""

from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.findings import Severity
from monitor.evaluate.advice.check import FINE, Advice, Answer, Check, of_key, since, word
from monitor.evaluate.case import Case

_OTHER_ROUTER: Final = "application"
"""Key of a peer that is a router of its own: its trust code is installed there."""


def look(case: Case) -> Answer:
    """Members the router lists, against those with a trust code."""
    members = of_key(case, FactName.TRUST_MEMBER)
    told = {udi: fact for udi, fact in members.items() if since(fact, case.cycle.trust)}
    if not told:
        return None
    peers = of_key(case, FactName.PEER_UDI, without=_OTHER_ROUTER)
    listed = {word(fact): fact for fact in peers.values()}
    without = [udi for udi, fact in told.items() if fact.value is None]
    without += [udi for udi in listed if udi not in told]
    if not without:
        return FINE
    return (
        Advice(
            step="member",
            severity=Severity.WARNING,
            why=f"No trust code on {', '.join(without)}: after a switchover to it no report is"
            " taken.",
            next="Get an ID token from the virtual account; on the active member type `license"
            " smart trust idtoken TOKEN all` (`local` installs it on the active one only).",
            facts=(*told.values(), *listed.values()),
        ),
    )


CHECK: Final = Check(
    name="trust_missing_on_member",
    rule="Every member of a high-availability pair needs a trust code of the same virtual account.",
    source="Cisco's chapter, Smart Licensing with CUBE Box-to-Box High Availability",
    steps=(("member", Severity.WARNING),),
    asks=("show license all",),
    look=look,
)
