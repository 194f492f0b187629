"""Pages: which findings a person is told of, and what was opened or resolved in between."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from monitor.domain.findings import Severity
from monitor.domain.state import OpenFinding


class Told(NamedTuple):
    """A finding that speaks: open, behind no other, and worth telling."""

    subject: str
    severity: str
    rule: str
    step: str


class Change(NamedTuple):
    """A page that was opened, or resolved."""

    told: Told
    opened: bool


Speaking = frozenset[Told]


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


def changes(states: Sequence[Speaking]) -> Counter[Change]:
    """What was opened and resolved from the first of these states to the last, by the way too."""
    found: Counter[Change] = Counter()
    for before, after in pairwise(states):
        found.update(Change(told, opened=True) for told in after - before)
        found.update(Change(told, opened=False) for told in before - after)
    return found
