"""A device has not been heard for longer than its sources allow."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.evaluate.case import Case
from monitor.evaluate.report import consequence, device_finding
from monitor.evaluate.rule import Rule, Rung, Scope, Words
from monitor.evaluate.silence import EXACT, TOLD
from monitor.evaluate.wording import span, utc

NAME: Final = "stale_data"


def find(case: Case) -> Iterator[Finding]:
    """The clock goes on judging what was last known; this says that it is old."""
    silence = case.silence
    if silence.all_late(silence.polled):
        rung = Rung("poll", Severity.WARNING)
        advice = "See why polling fails: reachability, credential, host key; then poll this device."
        yield _finding(case, rung, silence.polled, advice)
    elif silence.all_late(TOLD):
        fresher = bool(silence.of(EXACT))
        rung = Rung("syslog", Severity.INFO if fresher else Severity.WARNING)
        advice = "See `show logging` on the router and the path to this monitor; poll this device."
        yield _finding(case, rung, TOLD, advice)


def _finding(case: Case, rung: Rung, sources: frozenset[str], advice: str) -> Finding:
    silence = case.silence
    source = max(silence.of(sources), key=lambda name: (silence.last_seen[name], name))
    seen = silence.last_seen[source]
    why = (
        f"Nothing was heard by {source} for {span(case.now - seen)} (since {utc(seen)}); what is"
        f" judged is what was known then. {consequence(case)}"
    )
    return device_finding(case, NAME, rung, Words(why, advice))


RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="The device has not been heard for too long",
    runbook="stale-data",
    steps=("syslog", "poll"),
    find=find,
)
