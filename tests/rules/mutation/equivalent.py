"""Changes that no scenario notices, each with the reason."""

from collections.abc import Mapping
from typing import Final

_RULES: Final = "monitor.evaluate"
_SHOWN: Final = "only what is shown beside a balance; what is told goes by the number CSSM counts"
_REHEARSED: Final = "only what a rehearsal shows as fine or unknown; no finding comes of either"

EQUIVALENT: Final[Mapping[str, str]] = {
    f"{_RULES}.evidence._worse: badness(claimed) > badness(held) with GtE": (
        "of two words that are equally bad either may stand: the finding is the same"
    ),
    f"{_RULES}.evidence._later: first > second with GtE": "the same instant by either word",
    f"{_RULES}.accounts._note: peaks is not None with Is": _SHOWN,
    f"{_RULES}.accounts._note: state.cssm_counts is not None with Is": _SHOWN,
    f"{_RULES}.accounts._note_said: owned not in uses with In": (
        "a row more, or less, of a tag of which nothing is bought and nothing used"
    ),
    f"{_RULES}.accounts._highest: need.count > before[1].count with GtE": (
        "of two members that use the same either may be named"
    ),
    f"{_RULES}.pair_checks._untold_trust: standby.stopping is Stopping.BEFORE_POLICY with IsNot": (
        _REHEARSED
    ),
    f"{_RULES}.pair_checks._deadline: standby.stopping is not Stopping.BEFORE_POLICY with Is": (
        _REHEARSED
    ),
}
