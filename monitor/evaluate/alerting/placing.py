"""Where a finding belongs: the pair and the virtual account of its subject, as labels.

Whoever routes alerts groups by these. Each join takes one series a device or pair, whatever two
monitors say: one that fails would take every alert with it.
"""

from typing import Final

from monitor.evaluate.promql import held
from monitor.evaluate.promql.names import SPEAKING, TOLD

_PAIR: Final = "cube:device:pair"
_ACCOUNT: Final = "cube:device:account"
_ACCOUNT_OF_PAIR: Final = "cube:pair:account"
_PAIRED: Final = "cube:finding:paired"

_MEMBERS: Final = f"max without (instance, job) ({held.PROVEN})"
_ACCOUNTS: Final = f"max without (instance, job) ({held.ACCOUNT})"
_OF_MEMBERS: Final = (
    f"count by (pair, account) ({_ACCOUNT} * on (device) group_left (pair) {_PAIR})"
)
_WITH_PAIR: Final = (
    f"({SPEAKING} * on (device) group_left (pair) {_PAIR})"
    f" or ({SPEAKING} unless on (device) {_PAIR})"
)
_OF_DEVICES: Final = f"({_PAIRED} * on (device) group_left (account) {_ACCOUNT})"
_OF_PAIRS: Final = f"({_PAIRED} * on (device, pair) group_left (account) {_ACCOUNT_OF_PAIR})"
_OTHERS: Final = (
    f"({_PAIRED} unless on (device) {_ACCOUNT} unless on (device, pair) {_ACCOUNT_OF_PAIR})"
)

PLACING: Final = (
    (_PAIR, f"topk by (device) (1, {_MEMBERS}) * 0 + 1"),
    (_ACCOUNT, f"topk by (device) (1, {_ACCOUNTS}) * 0 + 1"),
    (_ACCOUNT_OF_PAIR, f"topk by (pair) (1, {_OF_MEMBERS}) * 0 + 1"),
    (_PAIRED, _WITH_PAIR),
    (TOLD, f"{_OF_DEVICES} or {_OF_PAIRS} or {_OTHERS}"),
)
"""(series, expression) in the order in which they are recorded, after what speaks."""
