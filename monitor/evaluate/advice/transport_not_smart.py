"""Smart transport to Cisco's own URL is the preferred way for usage reports."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import Severity
from monitor.evaluate.advice.check import (
    FINE,
    TRANSPORT_STEPS,
    Advice,
    Answer,
    Check,
    of_key,
    since,
    transport,
    uses_policy,
    word,
)
from monitor.evaluate.case import Case

_STAGING: Final = "-stage."
_SMART: Final = (
    "Type `configure terminal`, `license smart transport smart`, `license smart url default`."
)


def look(case: Case) -> Answer:
    """Transport, its URL, and the Call Home profile where that is the transport."""
    if transport(case) is None and not _urls(case):
        return None
    return tuple(_found(case)) or FINE


def _found(case: Case) -> Iterator[Advice]:
    said = transport(case)
    yield from _staging(case)
    if word(said) == "callhome":
        yield from _call_home(case, said)
    elif word(said) == "smart":
        yield from _url_missing(case, said)


def _urls(case: Case) -> list[Fact]:
    return [*_set_urls(case), *of_key(case, FactName.CALL_HOME_URL).values()]


def _set_urls(case: Case) -> list[Fact]:
    said = case.sheet.best(FactName.TRANSPORT)
    shown = since(case.sheet.best(FactName.TRANSPORT_URL), said)
    configured = of_key(case, FactName.CONFIG_URL).values()
    return [*configured] if shown is None else [shown, *configured]


def _staging(case: Case) -> Iterator[Advice]:
    staged = [fact for fact in _urls(case) if _STAGING in word(fact)]
    if staged:
        yield Advice(
            step="staging",
            severity=Severity.WARNING,
            why=f"{word(staged[0])} is a staging server: the account never sees what goes there.",
            next="Type `configure terminal`, then `license smart url default`.",
            facts=tuple(staged),
        )


def _call_home(case: Case, said: Fact | None) -> Iterator[Advice]:
    if uses_policy(case):
        yield Advice(
            step="callhome",
            severity=Severity.INFO,
            why="Usage reports go by Call Home; smart transport is preferred.",
            next=_SMART,
            facts=(said,),
        )
    profiles = of_key(case, FactName.CALL_HOME_ACTIVE)
    if profiles and not any(fact.value for fact in profiles.values()):
        yield Advice(
            step="profile_inactive",
            severity=Severity.WARNING,
            why=f"Transport is Call Home, but no profile is active ({', '.join(profiles)}).",
            next=f"Type `configure terminal`, `call-home`, `profile {next(iter(profiles))}`,"
            " `active`; or use smart transport.",
            facts=(said, *profiles.values()),
        )


def _url_missing(case: Case, said: Fact | None) -> Iterator[Advice]:
    told = _set_urls(case)
    if told and not any(word(fact) for fact in told):
        yield Advice(
            step="url_missing",
            severity=Severity.WARNING,
            why="Transport is smart, but no URL is set for it: there is nowhere to report to.",
            next="Type `configure terminal`, then `license smart url default`.",
            facts=(said, *told),
        )


CHECK: Final = Check(
    name="transport_not_smart",
    rule="Smart transport is preferred, with the default URL, and never with a staging URL.",
    source=f"{TRANSPORT_STEPS}, steps 4 and 7",
    steps=(
        ("callhome", Severity.INFO),
        ("profile_inactive", Severity.WARNING),
        ("staging", Severity.WARNING),
        ("url_missing", Severity.WARNING),
    ),
    asks=("show license status",),
    look=look,
)
