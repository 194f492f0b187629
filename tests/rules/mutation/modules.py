"""Which modules of monitor/evaluate judge, and why the others and some functions do not."""

from collections.abc import Mapping
from typing import Final

MODULES: Final = (
    "ack_overdue",
    "push_planned_too_late",
    "never_acknowledged",
    "push_overdue",
    "sent_not_acknowledged",
    "no_room_to_retry",
    "pull_due",
    "cycle_unknown",
    "ack_backstop",
    "communication_failed",
    "cssm_unreachable",
    "credential_refused",
    "relay_silent",
    "shared",
    "sip_service_down",
    "out_of_compliance",
    "registration_expired",
    "calls_blocked",
    "evidence_disagrees",
    "no_reporting",
    "usage_drift",
    "usage",
    "cssm_counts",
    "accounts",
    "ownership",
    "insufficient_licenses",
    "stale_data",
    "silence",
    "ladder",
    "case",
    "evidence",
    "inhibition",
    "settle",
    "judge",
    "due",
    "maintenance",
    "not_one_active",
    "no_licensed_takeover",
    "role_conflict",
    "takeover_at_risk",
    "pair_page",
    "pair_grouping",
    "pair_case",
    "pair_checks",
    "pair_rehearsal",
    "pairs",
    "redundancy",
)
LEFT_OUT: Final[Mapping[str, str]] = {
    "calibration": "what `cubemon doctor` says of sources that count",
    "diagnosis": "what `cubemon doctor` says",
    "remedies": "what `cubemon doctor` says",
    "forecast": "shown beside a balance, told to nobody",
    "trend": "the arithmetic of the forecast",
    "transfers": "advice to move licences, for information",
    "purchases_disagree": "for information, shown with an account",
    "need": "licences a pair needs, shown with it",
    "what_if": "`cubemon what-if`",
    "report": "puts findings into words",
    "wording": "puts instants and durations into words",
    "thresholds": "the limits as metrics: PromQL alone reads them",
    "catalogue": "lists the rules",
    "limits": "every default is changed by itself",
    "rule": "types",
}
"""Module -> what it does instead of deciding whether anything is told or shown as a finding."""
_TEXTS: Final = frozenset(
    {
        "words",
        "why",
        "other_cause",
        "open_end",
        "when",
        "blames_licence",
        "told",
        "others",
        "standing_words",
        "what",
        "reason",
    }
)
SAYING: Final[Mapping[str, str]] = {
    "shared.named": "how many names a text lists",
    "stale_data._refused": "a sentence of its text",
    "registration_expired.registration_of": "metrics: PromQL alone reads them",
    "pair_checks.redundancy": "shown in a rehearsal; the finding has a rule of its own",
    "pair_checks._release": "shown in a rehearsal; no finding comes of it",
    "pair_checks._untold_trust": "shown in a rehearsal as fine or unknown; no finding comes of it",
    "pair_rehearsal.needs": "licences a pair needs, shown with it",
    "pair_rehearsal._in_box": "what a rehearsal says of two processors",
    "pair_rehearsal._lives": "the headline of a rehearsal",
    "pair_rehearsal._next": "what to type",
    "pair_rehearsal._poll": "what to type",
    "judge.advised": "advice beside an account, for information",
    "ownership.disputed": "purchases that disagree, shown beside an account",
    "ownership._word": "the name of the Smart Account, shown",
    "ownership._unknown": "how many devices CSSM knows besides ours, shown",
}
"""Module and function -> what it says, deciding nothing."""


def decides(module: str, function: str) -> bool:
    """False where it writes what a finding says, and decides nothing."""
    short = module.rpartition(".")[2]
    return function.lstrip("_") not in _TEXTS and f"{short}.{function}" not in SAYING
