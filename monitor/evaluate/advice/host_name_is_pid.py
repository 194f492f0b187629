"""A router named like its product cannot be told from it."""

from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.findings import Severity
from monitor.evaluate.advice.check import (
    FINE,
    TRANSPORT_STEPS,
    Advice,
    Answer,
    Check,
    product,
    word,
)
from monitor.evaluate.case import Case


def look(case: Case) -> Answer:
    """Compare name and PID; `ISR4351` stands for `ISR4351/K9` too."""
    host = case.sheet.best(FactName.HOST_NAME)
    pid = product(case)
    if not word(host) or not pid:
        return None
    if word(host).casefold() not in {pid.casefold(), pid.casefold().partition("/")[0]}:
        return FINE
    why = f"The host name {word(host)} is the product's own name {pid}: registration fails with it."
    platform = case.sheet.best(FactName.PLATFORM) or case.sheet.best(FactName.UDI)
    return (
        Advice(
            step="same",
            severity=Severity.WARNING,
            why=why,
            next="Type `configure terminal`, then `hostname NAME` with a name of its own.",
            facts=(host, platform),
        ),
    )


CHECK: Final = Check(
    name="host_name_is_pid",
    rule="The host name must not be the PID of the platform.",
    source=f"{TRANSPORT_STEPS}, step 1",
    steps=(("same", Severity.WARNING),),
    asks=("show version",),
    look=look,
)
