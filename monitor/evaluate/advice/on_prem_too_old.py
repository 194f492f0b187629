"""An old On-Prem server does not take usage reports."""

from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.findings import Severity
from monitor.evaluate.advice.check import FINE, OPERATION, Advice, Answer, Check
from monitor.evaluate.case import Case


def look(case: Case) -> Answer:
    """The router says so in its messages (`REPORTING_NOT_SUPPORTED`)."""
    said = case.sheet.best(FactName.REPORTING_SUPPORTED)
    if said is None:
        return None
    if said.value is not False:
        return FINE
    return (
        Advice(
            step="too_old",
            severity=Severity.WARNING,
            why="The router says that its On-Prem server does not know usage reports.",
            next="Update SSM On-Prem to 8-202102 or later, then type `license smart sync all`.",
            facts=(said,),
        ),
    )


CHECK: Final = Check(
    name="on_prem_too_old",
    rule="SSM On-Prem must be version 8 release 202102 or later for routers that report by policy.",
    source=f"{OPERATION}, note",
    steps=(("too_old", Severity.WARNING),),
    asks=("show logging | include SMART_LIC",),
    look=look,
)
