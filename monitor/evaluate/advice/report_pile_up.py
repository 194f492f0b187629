"""Usage reports that nobody acknowledges pile up and eat processor and memory (FN72578)."""

from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.field_notice import mended
from monitor.domain.findings import Severity
from monitor.evaluate.advice.check import FINE, Advice, Answer, Check
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import instant as number

_MANY: Final = 500
"""Half of the thousand reports at which the field notice sees trouble."""


def look(case: Case) -> Answer:
    """The release, and how many reports are kept."""
    waiting = case.sheet.best(FactName.RUM_WAITING)
    total = case.sheet.best(FactName.RUM_TOTAL)
    if case.release is None or case.release_name is None:
        return None
    fixed = mended(case.release_name)
    if fixed is None:
        return FINE
    kept = max(number(waiting) or 0, number(total) or 0)
    if kept >= _MANY:
        return (
            Advice(
                step="piling",
                severity=Severity.WARNING,
                why=f"{kept:g} usage reports are kept on the router, and release"
                f" {case.release_name} slows down and runs out of memory at about 1000.",
                next=f"Get reports acknowledged (`license smart sync all`), and update to {fixed}"
                " or later. Leave `show license all`, `tech support` and `rum id` alone meanwhile.",
                facts=(case.release, waiting, total),
            ),
        )
    return (
        Advice(
            step="release",
            severity=Severity.INFO,
            why=f"Release {case.release_name} keeps usage reports that are not acknowledged, until"
            " processor and memory run out (FN72578).",
            next=f"Update to {fixed} or later.",
            facts=(case.release, waiting, total),
        ),
    )


CHECK: Final = Check(
    name="report_pile_up",
    rule="17.3.2a to 17.3.6, 17.4.1, 17.5.1, 17.6.1 to 17.6.4 and 17.7.1 pile up reports that are"
    " not acknowledged; 17.3.7, 17.6.5 and 17.9.1 do not.",
    source="Cisco field notice FN72578",
    steps=(("piling", Severity.WARNING), ("release", Severity.INFO)),
    asks=("show version",),
    look=look,
)
