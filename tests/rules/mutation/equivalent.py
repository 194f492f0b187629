"""Changes that no scenario notices, each with the reason."""

from collections.abc import Mapping
from typing import Final

_RULES: Final = "monitor.evaluate"
_SHOWN: Final = "only what is shown beside a balance; what is told goes by the number CSSM counts"
_REHEARSED: Final = "only what a rehearsal shows as fine or unknown; no finding comes of either"
_UNRANKED: Final = "sources without a rank tell nothing that ranked ones tell, too"
_STATUS: Final = "the status that CSSM prints beside a licence is shown and judged by nobody"
_AT_ONCE: Final = "a rule that is not listed waits for nothing: none of its findings is pending"
_ITSELF: Final = (
    "nothing changes in the second of a deadline itself, and the next is looked at either way"
)

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
    f"{_RULES}.pair_checks._deadline: standby.stopping is not Stopping.BEFORE_POLICY with Is": (
        _REHEARSED
    ),
    f"{_RULES}.evidence.order: 1 for 0": _UNRANKED,
    f"{_RULES}.evidence.order: -1 for 0": _UNRANKED,
    f"{_RULES}.evidence.last_acknowledgement: later.effective > believed.effective with GtE": (
        "of two words of one second the newest is the believed one"
    ),
    f"{_RULES}.ownership._statements: fact.name is FactName.ACCOUNT_STATUS with IsNot": _STATUS,
    f"{_RULES}.ownership._together: one.status in COMPLIANT with NotIn": _STATUS,
    f"{_RULES}.settle._raise: 1 for 0": _AT_ONCE,
    f"{_RULES}.settle._raise: -1 for 0": _AT_ONCE,
    f"{_RULES}.settle._hold: -1 for 0": "what is held for no time is resolved at once either way",
    f"{_RULES}.pair_checks._deadline: deadline is None with IsNot": _REHEARSED,
    f"{_RULES}.pair_checks._deadline: moment >= case.now with Gt": _REHEARSED,
    f"{_RULES}.pair_checks._deadline: moment >= case.now with Lt": _REHEARSED,
    f"{_RULES}.no_licensed_takeover.is_ready: peer_state(case) is None with IsNot": (
        "ready or unknown is shown; of either nothing is told, by PromQL neither"
    ),
    f"{_RULES}.due._thresholds: 1 for 0": _ITSELF,
    f"{_RULES}.due._thresholds: 1 for 0 (2)": _ITSELF,
    f"{_RULES}.not_one_active._finding: member.said is not None with Is": (
        "only the evidence that is listed under the page"
    ),
}
