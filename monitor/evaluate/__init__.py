"""Judge facts by rules, one file per rule; pure functions of what is known and the time."""

from monitor.evaluate.judge import advised as advised
from monitor.evaluate.judge import covered as covered
from monitor.evaluate.judge import judge_account as judge_account
from monitor.evaluate.judge import judge_device as judge_device
from monitor.evaluate.judge import judge_shared as judge_shared
from monitor.evaluate.limits import Limits as Limits
from monitor.evaluate.maintenance import hidden as hidden
from monitor.evaluate.pairs import in_pairs as in_pairs
from monitor.evaluate.pairs import judge_pair as judge_pair
from monitor.evaluate.pairs import known_pairs as known_pairs
from monitor.evaluate.pairs import spoken as spoken
from monitor.evaluate.settle import Settled as Settled
from monitor.evaluate.settle import settle as settle
