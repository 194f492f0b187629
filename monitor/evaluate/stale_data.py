"""A device has not been heard for longer than its sources allow."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import span
from monitor.evaluate.case import Case
from monitor.evaluate.credential_refused import causes_of, refusals_of
from monitor.evaluate.report import consequence, device_finding
from monitor.evaluate.rule import Condition, Rule, Rung, Scope, Words
from monitor.evaluate.silence import EXACT, POLLED, TOLD
from monitor.evaluate.wording import utc

NAME: Final = "stale_data"
POLL: Final = "poll"
SYSLOG: Final = "syslog"
_POLLING_FAILS: Final = (
    "See why polling fails: reachability, credential, host key; then poll this device."
)
_LOG_IS_SILENT: Final = (
    "See `show logging` on the router and the path to this monitor; poll this device."
)


def find(case: Case) -> Iterator[Finding]:
    """The clock goes on judging what was last known; this says that it is old."""
    silence = case.silence
    if silence.all_late(silence.polled):
        rung = Rung(POLL, Severity.WARNING)
        yield _finding(case, rung, silence.polled, _POLLING_FAILS)
    elif silence.all_late(TOLD):
        fresher = bool(silence.of(EXACT))
        rung = Rung(SYSLOG, Severity.INFO if fresher else Severity.WARNING)
        yield _finding(case, rung, TOLD, _LOG_IS_SILENT)


def _finding(case: Case, rung: Rung, sources: frozenset[str], advice: str) -> Finding:
    silence = case.silence
    source = max(silence.of(sources), key=lambda name: (silence.last_seen[name], name))
    seen = silence.last_seen[source]
    why = (
        f"Nothing was heard by {source} for {span(case.now - seen)} (since {utc(seen)}); what is"
        f" judged is what was known then. {_refused(case, sources)}{consequence(case)}"
    )
    return device_finding(case, NAME, rung, Words(why, advice))


def _refused(case: Case, sources: frozenset[str]) -> str:
    if sources == TOLD:
        return ""
    causes = sorted(causes_of(refusals_of(case.sheet)))
    return f"It refuses {' and '.join(causes)}. " if causes else ""


_SEEN: Final = "cube_last_seen_timestamp_seconds"
_PATIENCE: Final = "cube_silence_threshold_seconds"


def _source(sources: frozenset[str]) -> str:
    return f'{{source=~"{"|".join(sorted(sources))}"}}'


def _ever(sources: frozenset[str]) -> str:
    return f"(max without (source) ({_PATIENCE}{_source(sources)}))"


def _fresh(sources: frozenset[str]) -> str:
    age = f"(time() - {_SEEN}{_source(sources)})"
    return f"(max without (source) ({age} <= {_PATIENCE}{_source(sources)}))"


def _late(sources: frozenset[str]) -> str:
    return f"({_ever(sources)} unless {_fresh(sources)})"


_OTHERWISE: Final = _late(POLLED - EXACT)
_POLL: Final = f"{_late(EXACT)} or ({_OTHERWISE} unless {_ever(EXACT)})"


def _stale(expr: str, severity: Severity, step: str) -> Condition:
    return Condition(expr=expr, severity=severity, step=step, frozen=True)


RULE: Final = Rule(
    name=NAME,
    scope=Scope.DEVICE,
    summary="The device has not been heard for too long",
    runbook="stale-data",
    steps=(SYSLOG, POLL),
    find=find,
    next=f"{_POLLING_FAILS} For syslog: {_LOG_IS_SILENT}",
    promql=(
        _stale(f"{_late(TOLD)} and {_fresh(EXACT)}", Severity.INFO, SYSLOG),
        _stale(
            f"{_late(TOLD)} unless {_ever(EXACT)} unless {_OTHERWISE}", Severity.WARNING, SYSLOG
        ),
        _stale(_POLL, Severity.WARNING, POLL),
    ),
)
