"""Reports leave by the interface the HTTP client is bound to."""

from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.findings import Severity
from monitor.evaluate.advice.check import (
    FINE,
    TRANSPORT_STEPS,
    Advice,
    Answer,
    Check,
    by_name,
    since,
    word,
)
from monitor.evaluate.case import Case

_STATES: Final = {
    "shutdown": ("down", "is shut down", "`no shutdown`"),
    "no_address": ("no_address", "has no address", "`ip address ADDRESS MASK`"),
}


def look(case: Case) -> Answer:
    """Whether it is bound, and to an interface that can be used."""
    source = case.sheet.best(FactName.CONFIG_HTTP_SOURCE)
    state = since(case.sheet.best(FactName.CONFIG_HTTP_SOURCE_STATE), source)
    if not by_name(case):
        return FINE
    if source is None:
        return None
    if source.value is None:
        why = (
            "No `ip http client source-interface` is configured: reports may leave by any address."
        )
        fix = "Type `configure terminal`, then `ip http client source-interface INTERFACE`."
        return (
            Advice(step="missing", severity=Severity.WARNING, why=why, next=fix, facts=(source,)),
        )
    if word(state) not in _STATES:
        return FINE if state is not None else None
    step, what, cure = _STATES[word(state)]
    return (
        Advice(
            step=step,
            severity=Severity.WARNING,
            why=f"The HTTP client is bound to {word(source)}, which {what}: no report leaves.",
            next=f"Type `configure terminal`, `interface {word(source)}`, {cure}, or bind another.",
            facts=(source, state),
        ),
    )


CHECK: Final = Check(
    name="http_source_interface",
    rule="The HTTP client must be bound to an interface that reaches the licensing server.",
    source=f"{TRANSPORT_STEPS}, step 3",
    steps=(
        ("missing", Severity.WARNING),
        ("down", Severity.WARNING),
        ("no_address", Severity.WARNING),
    ),
    asks=("show running-config",),
    look=look,
)
