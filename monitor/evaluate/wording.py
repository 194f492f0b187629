"""Instants, durations and bounds as a reader on duty wants them."""

from datetime import UTC, datetime

from monitor.domain.facts import Fact
from monitor.domain.findings import EvidenceLine
from monitor.domain.instants import DAY, HOUR, rfc3339

_EARLIEST = datetime(1, 1, 1, tzinfo=UTC).timestamp()
_LATEST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
_LONGEST_VALUE = 200


def utc(instant: float) -> str:
    """`2020-05-26 02:54:45 UTC`."""
    moment = datetime.fromtimestamp(_shown(instant), UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def _shown(instant: float) -> float:
    return min(max(instant, _EARLIEST), _LATEST)


def step_name(seconds: float) -> str:
    """Name of a rung that begins so long before the deadline: `14d`, `24h`.

    >>> step_name(14 * 86400), step_name(86400), step_name(1.5 * 86400)
    ('14d', '24h', '36h')
    """
    if seconds > DAY and seconds % DAY == 0:
        return f"{int(seconds // DAY)}d"
    return f"{seconds / HOUR:g}h"


def evidence_line(what: str, fact: Fact) -> EvidenceLine:
    """A fact as a line under a finding."""
    kind = f"{fact.kind.value}, bound" if fact.bound else fact.kind.value
    return EvidenceLine(
        what=what,
        value=_value(fact),
        source=fact.source,
        kind=kind if fact.authenticated else f"{kind}, unauthenticated",
        received=fact.received,
    )


def _value(fact: Fact) -> str:
    if fact.value is None:
        return "none"
    if isinstance(fact.value, bool):
        return "yes" if fact.value else "no"
    if isinstance(fact.value, str) or fact.name not in _INSTANTS:
        return str(fact.value)[:_LONGEST_VALUE]
    text = rfc3339(_shown(fact.value))
    return f"not before {text} (time zone word unknown)" if fact.bound else text


_INSTANTS = frozenset(
    {
        "ack_deadline",
        "last_ack",
        "next_ack_check",
        "next_push",
        "last_push",
        "last_pull",
        "last_file_write",
        "trust_code",
        "trust_member",
        "registration_expires",
        "authorization_deadline",
        "next_record",
        "polled",
    }
)
