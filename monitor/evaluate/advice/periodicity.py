"""How often usage is measured: 8 to 23 hours or 1 to 30 days, seven days where nobody said."""

from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import Severity
from monitor.evaluate.advice.check import FEATURES, FINE, Advice, Answer, Check, since, uses_policy
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import instant as number

_DAY: Final = 24
_FEWEST, _MOST, _DEFAULT = 8, 30 * _DAY, 7 * _DAY
_NEXT: Final = (
    "Type `configure terminal`, `voice service voip`, `mode border-element license periodicity days"
    " 1` (hours 8 to 23, or days 1 to 30)."
)


def look(case: Case) -> Answer:
    """What the router does goes before what is configured."""
    running = case.sheet.best(FactName.PERIOD_HOURS)
    element = case.sheet.best(FactName.CONFIG_BORDER_ELEMENT)
    configured = since(case.sheet.best(FactName.CONFIG_PERIOD_HOURS), element)
    for fact in (configured, running):
        if _is_out_of_range(number(fact)) and uses_policy(case) is not False:
            return (_out_of_range(fact),) if uses_policy(case) else None
    said = running if running is not None else configured
    if said is None:
        return None
    return (_default(said),) if number(said) in (None, _DEFAULT) else FINE


def _is_out_of_range(hours: float | None) -> bool:
    if hours is None:
        return False
    if hours < _DAY:
        return hours < _FEWEST
    return hours > _MOST or hours % _DAY != 0


def _out_of_range(fact: Fact | None) -> Advice:
    hours = number(fact)
    return Advice(
        step="out_of_range",
        severity=Severity.WARNING,
        why=f"Usage is measured every {hours:g} hours, which this release does not know.",
        next=_NEXT,
        facts=(fact,),
    )


def _default(fact: Fact) -> Advice:
    return Advice(
        step="default",
        severity=Severity.INFO,
        why="Usage is measured once in seven days, the default: one busy hour stands for a week,"
        " and a change is seen late.",
        next=_NEXT,
        facts=(fact,),
    )


CHECK: Final = Check(
    name="periodicity",
    rule="The licence periodicity is 8 to 23 hours or 1 to 30 days; left alone it is seven days.",
    source=FEATURES,
    steps=(("out_of_range", Severity.WARNING), ("default", Severity.INFO)),
    asks=("show voice sip license status",),
    look=look,
)
