"""Maintenance and what it hides, as metrics."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.state import FleetSnapshot
from monitor.expose.family import Family, Sample, word
from monitor.expose.finding_metrics import is_open


def _maintenance(fleet: FleetSnapshot) -> Iterator[Sample]:
    for subject in sorted(fleet.maintenance):
        yield (word(subject),), 1.0


def _hidden(fleet: FleetSnapshot) -> Iterator[Sample]:
    for found in fleet.findings:
        if found.finding.hidden_by and is_open(found):
            rule, step, subject = found.finding.key
            yield (rule, step, word(subject), found.finding.severity.word), 1.0


PAGING_FAMILIES: Final = (
    Family(
        name="cube_maintenance",
        help="1 while a maintenance window names the device, pair, account or shared cause.",
        labels=("subject",),
        samples=_maintenance,
    ),
    Family(
        name="cube_finding_hidden",
        help="1 while maintenance hides the finding, which pages nobody then.",
        labels=("rule", "step", "subject", "severity"),
        samples=_hidden,
    ),
)
