"""Pages: which findings a person is told of, and what was opened or resolved in between."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from monitor.domain.findings import Severity
from monitor.domain.state import OpenFinding
from monitor.play.scenario import Page, Scenario


class Told(NamedTuple):
    """A finding that speaks: open, behind no other, not hidden, and worth telling."""

    subject: str
    severity: str
    rule: str
    step: str


class Change(NamedTuple):
    """A page that was opened, or resolved."""

    told: Told
    opened: bool


Speaking = frozenset[Told]
Pages = Mapping[int, Counter[Change]]
"""Number of a step with `pages` -> what was opened and resolved since the last such step."""


def speaking(findings: Iterable[OpenFinding]) -> Speaking:
    """Those of severity warning and worse that no other finding speaks for."""
    return frozenset(
        Told(one.finding.subject, one.finding.severity.word, one.finding.rule, one.finding.step)
        for one in findings
        if one.finding.severity > Severity.INFO
        and not one.finding.inhibited_by
        and not one.finding.hidden_by
        and one.standing.opened is not None
    )


def pages_of(scenario: Scenario, states: Sequence[tuple[int, Speaking]]) -> Pages:
    """What was paged, of (step, what speaks) in the order of time."""
    found: dict[int, Counter[Change]] = {}
    before: Speaking = frozenset()
    begin = 0
    for number, step in enumerate(scenario.steps):
        if step.pages is not None:
            own = [told for at, told in states if begin <= at <= number]
            found[number] = _changes([before, *own])
            before, begin = own[-1] if own else before, number + 1
    return found


def _changes(states: Sequence[Speaking]) -> Counter[Change]:
    """From the first of these states to the last, by the way too."""
    found: Counter[Change] = Counter()
    for before, after in pairwise(states):
        found.update(Change(told, opened=True) for told in after - before)
        found.update(Change(told, opened=False) for told in before - after)
    return found


def compare_pages(
    expected: Sequence[Page], found: Counter[Change]
) -> tuple[tuple[Page, ...], tuple[Change, ...]]:
    """What is missing, and what came unasked; each page answers one expectation."""
    left = Counter(found)
    missing = []
    # Those that name a rule choose first, so that a plain one takes what they leave.
    for page in sorted(expected, key=lambda page: (page.rule is None, page.step is None)):
        match = next((change for change in sorted(left) if _is(page, change)), None)
        if match is None:
            missing.append(page)
        else:
            left -= Counter([match])
    return tuple(missing), tuple(sorted(left.elements()))


def _is(page: Page, change: Change) -> bool:
    told = change.told
    return (
        page.opened == change.opened
        and (page.subject, page.severity) == (told.subject, told.severity)
        and page.rule in (None, told.rule)
        and page.step in (None, told.step)
    )
