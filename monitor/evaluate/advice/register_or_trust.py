"""Older releases are registered with CSSM; from 17.3.2 on they need a trust code instead."""

from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.findings import Severity
from monitor.domain.release import rank
from monitor.evaluate.advice.check import (
    ASSOCIATE,
    FINE,
    Advice,
    Answer,
    Check,
    transport,
    uses_policy,
    word,
)
from monitor.evaluate.case import Case

_FIRST_REGISTERED: Final = (16, 10, 1, "")
_WITHOUT_TRUST: Final = frozenset({"cslu", "off"})


def look(case: Case) -> Answer:
    """By release."""
    if uses_policy(case) is None:
        return None
    return _trust(case) if uses_policy(case) else _register(case)


def _register(case: Case) -> Answer:
    said = case.sheet.best(FactName.REGISTRATION)
    release = rank(case.release_name)
    if said is None or release is None:
        return None
    if word(said).startswith("registered") or release < _FIRST_REGISTERED:
        return FINE
    return (
        Advice(
            step="register",
            severity=Severity.WARNING,
            why=f"The router is {word(said) or 'not registered'}, and release {case.release_name}"
            " is licensed by registration: it does not know trust codes.",
            next="Get an ID token from the virtual account; type `license smart register idtoken"
            " TOKEN`.",
            facts=(case.release, said),
        ),
    )


def _trust(case: Case) -> Answer:
    trust, way = case.cycle.trust, transport(case)
    if word(way) in _WITHOUT_TRUST:
        return FINE
    if trust is None:
        return None
    if trust.value is not None:
        return FINE
    return (
        Advice(
            step="trust",
            severity=Severity.WARNING,
            why=f"No trust code is installed, and release {case.release_name} reports by trust:"
            " `license smart register` does nothing for it.",
            next="Get an ID token from the virtual account; type `license smart trust idtoken TOKEN"
            " local`, with `all` in place of `local` where two processors or members share it.",
            facts=(case.release, trust, way),
        ),
    )


CHECK: Final = Check(
    name="register_or_trust",
    rule="From 16.10.1 (16.11.1a for CUBE) to 17.3.1a a router is registered with `license smart"
    " register`; from 17.3.2 on it gets a trust code with `license smart trust`.",
    source=ASSOCIATE,
    steps=(("register", Severity.WARNING), ("trust", Severity.WARNING)),
    asks=("show version", "show license status"),
    look=look,
)
