"""A balance below 0 in PromQL: open after it has lasted, resolved after it was good for long.

`for` and `keep_firing_for` cannot say it: a spell, bad or good, that ends at the very moment at
which it has lasted long enough counts, and a balance of 0 raises nothing but holds what is open.
"""

from typing import Final

from monitor.evaluate.promql import held

OPEN: Final = "account:short:open"
"""1 while open, else 0."""
_SHORT_SINCE: Final = "account:short:since_timestamp_seconds"
_GOOD_SINCE: Final = "account:good:since_timestamp_seconds"
_SHORT: Final = "account:balance:short"
_GOOD: Final = "account:balance:good"
_USED_UP: Final = f"({held.BALANCE} == 0 and {held.IN_USE} > 0)"
_LIMIT: Final = "on (instance, job) group_left ()"


def _lasted(since: str, limit: str) -> str:
    return f'(time() - {since} >= {_LIMIT} {held.LIMIT}{{limit="{limit}"}})'


_OPENS: Final = _lasted(_SHORT_SINCE, "balance_raise")
_RESOLVES: Final = _lasted(_GOOD_SINCE, "balance_hold")
_WAS_OPEN: Final = f"(last_over_time({OPEN}[{held.MEMORY}]) == 1)"

_STATE: Final = f"({_OPENS} * 0 + 1) or ({_WAS_OPEN} unless {_RESOLVES})"

SHARED: Final = (
    (_SHORT, f"{held.BALANCE} < 0"),
    (_GOOD, f"{held.BALANCE} unless {_SHORT} unless {_USED_UP}"),
    # What is open comes first: it reads since when it lasts as it was known a moment ago.
    (OPEN, f"(({_STATE}) and {held.BALANCE}) or {held.BALANCE} * 0"),
    (_SHORT_SINCE, f"({_SHORT_SINCE} and {_SHORT}) or ({_SHORT} * 0 + time())"),
    (_GOOD_SINCE, f"({_GOOD_SINCE} and {_GOOD}) or ({_GOOD} * 0 + time())"),
)
"""(series, expression) in the order in which they are recorded."""


def short(tags: str) -> str:
    """Open shortages of tags that a label matcher picks, the tag as step."""
    return f'label_replace({OPEN}{{{tags}}} == 1, "step", "$1", "tag", "(.*)")'
