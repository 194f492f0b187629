"""Changes that no scenario notices, each with the reason."""

from collections.abc import Mapping
from typing import Final

_LISTED: Final = "only how many names a text lists"
_EXPOSED: Final = "read by PromQL alone: both judges together notice it, this one does not"
_INFO: Final = (
    "usage drift is shown and told to nobody: tests/evaluate/test_usage_drift.py holds it"
)
_HALF: Final = "two words of one second: the other half of the condition decides"
_RULES: Final = "monitor.evaluate"
_EVIDENCE: Final = f"{_RULES}.evidence"

EQUIVALENT: Final[Mapping[str, str]] = {
    "limits.drift_licenses: 2": _INFO,
    "limits.drift_licenses: 0": _INFO,
    "limits.drift_percent: 3": _INFO,
    "limits.drift_percent: 1": _INFO,
    "limits.drift_settle_minutes: 11": _INFO,
    "limits.drift_settle_minutes: 9": _INFO,
    f"{_RULES}.shared.named: len(names) > _SHOWN with GtE": _LISTED,
    f"{_RULES}.shared.named: len(names) > _SHOWN with Lt": _LISTED,
    f"{_RULES}.stale_data._refused: sources == TOLD with NotEq": "only a sentence of its text",
    f"{_RULES}.registration_expired.registration_of: words == ['registered', 'authorized']"
    " with NotEq": _EXPOSED,
    f"{_RULES}.pair_grouping._softened: CRITICAL for WARNING": (
        "a page of a standby always stands behind `takeover_at_risk`, which tells of it"
    ),
    f"{_RULES}.case.Case.near: left >= 0 with Gt": (
        "in the very second of a derived deadline the step of the last day speaks anyway"
    ),
    f"{_EVIDENCE}._voids: ack.effective > fact.effective with GtE": _HALF,
    f"{_EVIDENCE}._voids: acknowledged - skew > fact.effective with GtE": _HALF,
    f"{_EVIDENCE}._worse: claimed.effective > held.effective with GtE": _HALF,
    f"{_EVIDENCE}._worse: badness(claimed) > badness(held) with GtE": (
        "of two words that are equally bad either may stand"
    ),
    f"{_EVIDENCE}.last_acknowledgement: later.effective > believed.effective with GtE": _HALF,
    f"{_EVIDENCE}._later: first > second with GtE": "the same instant by either word",
    f"{_EVIDENCE}._after_deadline: acknowledged > deadline + margin with GtE": (
        "an acknowledgement said after its deadline voids that by the order of time already"
    ),
}
