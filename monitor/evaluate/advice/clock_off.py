"""A clock that is an hour off keeps a trust code from being installed."""

from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.findings import Severity
from monitor.domain.instants import HOUR, span
from monitor.evaluate.advice.check import FINE, Advice, Answer, Check
from monitor.evaluate.case import Case
from monitor.evaluate.evidence import instant as number


def look(case: Case) -> Answer:
    """The router's clock against ours."""
    offset = case.sheet.best(FactName.CLOCK_OFFSET)
    seconds = number(offset)
    if seconds is None:
        return None
    if abs(seconds) <= HOUR:
        return FINE
    way = "ahead" if seconds > 0 else "behind"
    return (
        Advice(
            step="hour",
            severity=Severity.WARNING,
            why=f"The router's clock is {span(seconds)} {way}: trust codes are refused, and"
            " deadlines are counted on it.",
            next="Type `show clock detail`, `show ntp associations`; set up `ntp server ADDRESS`.",
            facts=(offset,),
        ),
    )


CHECK: Final = Check(
    name="clock_off",
    rule="The router's clock must be within an hour of Cisco's.",
    source="Cisco's troubleshooting pages for Smart Licensing Using Policy, trust installation",
    steps=(("hour", Severity.WARNING),),
    asks=("show clock",),
    look=look,
)
