"""On some releases a missed acknowledgement stops all calls."""

from typing import Final

from monitor.domain.findings import Severity
from monitor.domain.release import Stopping
from monitor.evaluate.advice.check import FINE, OPERATION, Advice, Answer, Check
from monitor.evaluate.advice.releases import way_out
from monitor.evaluate.case import Case


def look(case: Case) -> Answer:
    """The release alone: voice gateway calls may go on, but trunks come back."""
    if case.release is None or case.release_name is None:
        return None
    if case.stopping not in (Stopping.STOPS, Stopping.MAY_STOP):
        return FINE
    stops = case.stopping is Stopping.STOPS
    does = "stops all SIP calls" if stops else "may stop all SIP calls (nobody documents it)"
    return (
        Advice(
            step="stops" if stops else "may_stop",
            severity=Severity.WARNING if stops else Severity.INFO,
            why=f"Release {case.release_name} {does} when an acknowledgement deadline passes.",
            next=f"{way_out(case.release_name)} `cubemon what-if` shows what changes with it.",
            facts=(case.release,),
        ),
    )


CHECK: Final = Check(
    name="release_stops_calls",
    rule="17.3.2, 17.3.3, 17.3.4a, 17.6.1a and any 17.4 or 17.5 release shut CUBE down when an"
    " acknowledgement deadline is missed; later releases do not.",
    source=f"{OPERATION}, warning",
    steps=(("stops", Severity.WARNING), ("may_stop", Severity.INFO)),
    asks=("show version",),
    look=look,
)
