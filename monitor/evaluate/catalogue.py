"""Every rule, one line each; the order settles who speaks where two are equally bad."""

from typing import Final

from monitor.evaluate import (
    ack_backstop,
    ack_overdue,
    calls_blocked,
    communication_failed,
    credential_refused,
    cssm_unreachable,
    cycle_unknown,
    evidence_disagrees,
    insufficient_licenses,
    never_acknowledged,
    no_licensed_takeover,
    no_reporting,
    no_room_to_retry,
    not_one_active,
    out_of_compliance,
    pair_page,
    pull_due,
    push_overdue,
    push_planned_too_late,
    registration_expired,
    relay_silent,
    role_conflict,
    sent_not_acknowledged,
    sip_service_down,
    stale_data,
    takeover_at_risk,
    usage_drift,
)
from monitor.evaluate.accounts import AccountCase
from monitor.evaluate.case import Case
from monitor.evaluate.pair_case import PairCase
from monitor.evaluate.rule import Rule
from monitor.evaluate.shared import SharedCase

CYCLE_RULES: Final[tuple[Rule[Case], ...]] = (
    ack_overdue.RULE,
    push_planned_too_late.RULE,
    never_acknowledged.RULE,
    push_overdue.RULE,
    sent_not_acknowledged.RULE,
    no_room_to_retry.RULE,
    pull_due.RULE,
    cycle_unknown.RULE,
    ack_backstop.RULE,
    communication_failed.RULE,
)
"""One deadline stands behind all of these, so one of them speaks for a device."""

DEVICE_RULES: Final[tuple[Rule[Case], ...]] = (
    sip_service_down.RULE,
    *CYCLE_RULES,
    registration_expired.RULE,
    calls_blocked.RULE,
    out_of_compliance.RULE,
    evidence_disagrees.RULE,
    no_reporting.RULE,
    usage_drift.RULE,
    stale_data.RULE,
)
ACCOUNT_RULES: Final[tuple[Rule[AccountCase], ...]] = (insufficient_licenses.RULE,)
SHARED_RULES: Final[tuple[Rule[SharedCase], ...]] = (
    cssm_unreachable.RULE,
    credential_refused.RULE,
    relay_silent.RULE,
)
PAIR_RULES: Final[tuple[Rule[PairCase], ...]] = (
    not_one_active.RULE,
    no_licensed_takeover.RULE,
    role_conflict.RULE,
    takeover_at_risk.RULE,
    pair_page.RULE,
)

SUMMARIES: Final[dict[str, str]] = {
    **{rule.name: rule.summary for rule in DEVICE_RULES},
    **{rule.name: rule.summary for rule in ACCOUNT_RULES},
    **{rule.name: rule.summary for rule in SHARED_RULES},
    **{rule.name: rule.summary for rule in PAIR_RULES},
}
"""Rule -> what it says in a few words, for listings."""
