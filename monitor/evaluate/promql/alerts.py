"""The alerting rules: one alert for each rule, by what it is about."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from monitor.evaluate import (
    calls_blocked,
    out_of_compliance,
    registration_expired,
    sip_service_down,
    stale_data,
)
from monitor.evaluate.catalogue import ACCOUNT_RULES, CYCLE_RULES, PAIR_RULES, SHARED_RULES
from monitor.evaluate.limits import Limits
from monitor.evaluate.promql.names import SPEAKING
from monitor.evaluate.promql.recording import Entry
from monitor.evaluate.rule import Rule

SUBJECTS: Final[Mapping[str, Sequence[Rule[Any]]]] = {
    "ack-cycle": (*CYCLE_RULES, *SHARED_RULES),
    "service": (
        sip_service_down.RULE,
        registration_expired.RULE,
        calls_blocked.RULE,
        stale_data.RULE,
    ),
    "compliance": (out_of_compliance.RULE,),
    "pairs": PAIR_RULES,
    "accounts": ACCOUNT_RULES,
}
"""File -> the rules that alert in it. Rules that are only ever for information have no alert."""


def alert_name(rule: str) -> str:
    """`CubeAckOverdue` of `ack_overdue`."""
    return "Cube" + "".join(word.capitalize() for word in rule.split("_"))


def alerts(rules: Sequence[Rule[Any]], limits: Limits, runbooks: str) -> Iterator[Entry]:
    """One alert a rule; `runbooks`: the address before the name of each runbook."""
    for rule in rules:
        yield {
            "alert": alert_name(rule.name),
            "expr": f'{SPEAKING}{{rule="{rule.name}",severity!="info"}}',
            "for": duration(_seconds(limits, rule.raise_limit)),
            **_kept(_seconds(limits, rule.hold_limit)),
            "annotations": {
                "summary": f"{rule.summary}: {{{{ $labels.subject }}}}",
                "runbook_url": f"{runbooks}{rule.runbook}",
            },
        }


def _kept(seconds: float) -> Entry:
    return {"keep_firing_for": duration(seconds)} if seconds else {}


def _seconds(limits: Limits, field: str) -> float:
    return float(getattr(limits, field)) if field else 0.0


def duration(seconds: float) -> str:
    """As Prometheus writes it: `1h`, `90s`.

    >>> duration(0), duration(120), duration(3_600), duration(5_400)
    ('0s', '2m', '1h', '90m')
    """
    for unit, size in (("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    return f"{seconds:g}s"
