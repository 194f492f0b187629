"""What the rules of pairs share in PromQL: how many members are active, or unknown."""

from typing import Final

from monitor.evaluate.promql import held

ACTIVES: Final = f'(sum without (device, role) ({held.ROLE}{{role="active"}}))'
TWO: Final = f'(count without (device, role) ({held.ROLE}{{role="active"}}) == 2)'
"""Box to box; in-box pairs have one member."""
UNKNOWN: Final = f'(sum without (device, role) ({held.ROLE}{{role="unknown"}}) > 0)'
