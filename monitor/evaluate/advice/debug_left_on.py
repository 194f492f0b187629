"""A licence debug that was left on."""

from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.findings import Severity
from monitor.domain.instants import DAY
from monitor.evaluate.advice.check import FINE, Advice, Answer, Check
from monitor.evaluate.case import Case


def look(case: Case) -> Answer:
    """What `show debugging` lists, or debug lines in the capture itself."""
    on = case.sheet.best(FactName.DEBUG_LICENSE)
    if on is None or case.now - on.effective > DAY:
        # A router that has no debug on prints nothing, so that an old word is none.
        return None
    if on.value is not True:
        return FINE
    return (
        Advice(
            step="on",
            severity=Severity.INFO,
            why="A licence debug is on; it costs processor time and floods the log.",
            next="Type `no debug license feature cube all` (or `undebug all`).",
            facts=(on,),
        ),
    )


CHECK: Final = Check(
    name="debug_left_on",
    rule="`debug license feature cube all` is for finding a fault, and is switched off after.",
    source="Cisco's chapter, Verify Smart Licensing Operation for CUBE",
    steps=(("on", Severity.INFO),),
    asks=("show debugging",),
    look=look,
)
