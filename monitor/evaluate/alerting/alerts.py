"""The alerting rules: one alert for each rule, by what it is about."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from monitor.domain.findings import Severity
from monitor.evaluate import (
    calls_blocked,
    credential_refused,
    cssm_unreachable,
    registration_expired,
    relay_silent,
    sip_service_down,
    stale_data,
)
from monitor.evaluate.alerting.recording import Entry
from monitor.evaluate.alerting.texts import texts
from monitor.evaluate.catalogue import (
    ACCOUNT_RULES,
    CYCLE_RULES,
    DEVICE_RULES,
    PAIR_RULES,
)
from monitor.evaluate.limits import Limits
from monitor.evaluate.promql.names import TOLD
from monitor.evaluate.rule import Rule

_SERVICE: Final = (
    sip_service_down.RULE,
    registration_expired.RULE,
    calls_blocked.RULE,
    stale_data.RULE,
    credential_refused.RULE,
    relay_silent.RULE,
)
SUBJECTS: Final[Mapping[str, Sequence[Rule[Any]]]] = {
    "ack-cycle": (*CYCLE_RULES, cssm_unreachable.RULE),
    "service": _SERVICE,
    "compliance": [rule for rule in DEVICE_RULES if rule not in (*CYCLE_RULES, *_SERVICE)],
    "pairs": PAIR_RULES,
    "accounts": ACCOUNT_RULES,
}
"""File -> the rules that alert in it."""


def alert_name(rule: str) -> str:
    """`CubeAckOverdue` of `ack_overdue`."""
    return "Cube" + "".join(word.capitalize() for word in rule.split("_"))


def alerts(rules: Sequence[Rule[Any]], limits: Limits, runbooks: str) -> Iterator[Entry]:
    """One alert a rule that is more than information.

    `runbooks`: the address before the name of each runbook's file.
    """
    for rule in rules:
        if is_told(rule):
            yield {
                "alert": alert_name(rule.name),
                "expr": f'{TOLD}{{rule="{rule.name}",severity!="info"}}',
                "for": duration(_seconds(limits, rule.raise_limit)),
                **_kept(_seconds(limits, rule.hold_limit)),
                "annotations": {
                    "summary": f"{rule.summary}: {{{{ $labels.subject }}}}",
                    **texts(rule),
                    "runbook_url": runbook_url(runbooks, rule.runbook),
                },
            }


def is_told(rule: Rule[Any]) -> bool:
    """Somebody may be told of it; pages of pairs are made of others' conditions."""
    return not rule.promql or any(one.severity > Severity.INFO for one in rule.promql)


def runbook_url(base: str, name: str) -> str:
    """Where the runbook of that name is read."""
    return f"{base}{name}.md"


def _kept(seconds: float) -> Entry:
    return {"keep_firing_for": duration(seconds)} if seconds else {}


def _seconds(limits: Limits, field: str) -> float:
    return float(getattr(limits, field)) if field else 0.0


def duration(seconds: float) -> str:
    """As Prometheus writes it: `1h`, `90m`.

    >>> duration(0), duration(120), duration(3_600), duration(5_400), duration(61)
    ('0s', '2m', '1h', '90m', '61s')
    """
    for unit, size in (("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    return f"{seconds:g}s"
