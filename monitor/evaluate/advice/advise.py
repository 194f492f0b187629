"""All checks on one device: what to put right, what is fine, what could not be told."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.evaluate.advice.catalogue import CHECKS
from monitor.evaluate.advice.check import Advice, Check
from monitor.evaluate.case import Case
from monitor.evaluate.report import device_finding
from monitor.evaluate.rule import Rung, Words

PREFIX: Final = "advice_"
"""Rules of advice are named by the check behind this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One piece of advice with the check it comes from."""

    check: Check
    advice: Advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """What the checks say of one device; `given` has the worst first."""

    given: tuple[Given, ...] = ()
    fine: tuple[Check, ...] = ()
    unknown: tuple[Check, ...] = ()


def advise(case: Case) -> Advised:
    """Look at everything once. Unknown is never advice."""
    answers = [(check, check.look(case)) for check in CHECKS]
    given = [
        Given(check=check, advice=advice) for check, answer in answers for advice in answer or ()
    ]
    return Advised(
        given=tuple(sorted(given, key=lambda one: -one.advice.severity)),
        fine=tuple(check for check, answer in answers if answer == ()),
        unknown=tuple(check for check, answer in answers if answer is None),
    )


def own_findings(case: Case) -> tuple[Finding, ...]:
    """Advice as findings with their own severity."""
    return tuple(_finding(case, one, one.advice.severity) for one in advise(case).given)


def shown_findings(case: Case) -> tuple[Finding, ...]:
    """Advice as the service shows it: info, because nobody is to be called for it."""
    return tuple(_findings(case))


def _findings(case: Case) -> Iterator[Finding]:
    for one in advise(case).given:
        yield _finding(case, one, Severity.INFO)


def _finding(case: Case, one: Given, severity: Severity) -> Finding:
    advice = one.advice
    words = Words(f"{advice.why} {one.check.rule} ({one.check.source})", advice.next)
    rung = Rung(advice.step, severity)
    return device_finding(case, f"{PREFIX}{one.check.name}", rung, words, advice.facts)
