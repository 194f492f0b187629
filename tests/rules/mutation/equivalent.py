"""Changes that no scenario can notice, each with the reason."""

from collections.abc import Mapping
from typing import Final

_LISTED: Final = "only how many names a text lists"
_EXPOSED: Final = "read by PromQL alone: both judges together notice it, this one does not"
_RULES: Final = "monitor.evaluate"

EQUIVALENT: Final[Mapping[str, str]] = {
    f"{_RULES}.cssm_unreachable._finding: len(names) > _SHOWN with GtE": _LISTED,
    f"{_RULES}.cssm_unreachable._finding: len(names) > _SHOWN with Lt": _LISTED,
    f"{_RULES}.registration_expired.registration_of: words == ['registered', 'authorized']"
    " with NotEq": _EXPOSED,
    f"{_RULES}.pair_grouping._softened: CRITICAL for WARNING": (
        "a page of a standby always stands behind `takeover_at_risk`, which tells of it"
    ),
}
