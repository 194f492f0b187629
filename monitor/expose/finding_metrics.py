"""Open findings as metrics: 1 while open; inhibited ones stand apart, so one device pages once."""

from collections.abc import Callable, Iterator
from typing import Final

from monitor.domain.state import FleetSnapshot, OpenFinding
from monitor.expose.family import Family, Sample, word

_KEY = ("rule", "step", "subject")


def is_open(found: OpenFinding) -> bool:
    """Whether it has lasted long enough and has not been resolved."""
    return found.standing.opened is not None and found.standing.resolved is None


def speaks(found: OpenFinding) -> bool:
    """Whether it is open, no other finding of its subject speaks for it, and nothing hides it."""
    return is_open(found) and not found.finding.inhibited_by and not found.finding.hidden_by


def _key(found: OpenFinding) -> tuple[str, str, str]:
    rule, step, subject = found.finding.key
    return rule, step, word(subject)


def _open(wanted: Callable[[OpenFinding], bool]) -> Callable[[FleetSnapshot], Iterator[Sample]]:
    def samples(fleet: FleetSnapshot) -> Iterator[Sample]:
        for found in fleet.findings:
            if wanted(found):
                yield (*_key(found), found.finding.severity.word), 1.0

    return samples


def _inhibited(found: OpenFinding) -> bool:
    return bool(found.finding.inhibited_by) and found.standing.resolved is None


def _moment(name: str, help_: str, value: Callable[[OpenFinding], float | None], /) -> Family:
    def samples(fleet: FleetSnapshot) -> Iterator[Sample]:
        for found in filter(speaks, fleet.findings):
            moment = value(found)
            if moment is not None:
                yield _key(found), moment

    return Family(name=name, help=help_, labels=_KEY, samples=samples)


FINDING_FAMILIES: Final = (
    Family(
        name="cube_finding",
        help="1 while the finding is open and nothing of its subject speaks for it.",
        labels=(*_KEY, "severity"),
        samples=_open(speaks),
    ),
    Family(
        name="cube_finding_inhibited",
        help="1 while another finding of the same subject speaks for this one; pages nobody.",
        labels=(*_KEY, "severity"),
        samples=_open(_inhibited),
    ),
    _moment(
        "cube_finding_opened_timestamp_seconds",
        "When the finding was opened.",
        lambda found: found.standing.opened,
    ),
    _moment(
        "cube_finding_deadline_timestamp_seconds",
        "When it gets worse or calls stop; absent where there is no such moment.",
        lambda found: found.finding.deadline,
    ),
    _moment(
        "cube_finding_stale",
        "1 while the evidence of the finding is older than it should be.",
        lambda found: float(found.finding.stale),
    ),
)
