"""Names of the recorded series that conditions and findings have in PromQL."""

from typing import Final

ACTIVE: Final = "cube:condition:active"
"""One series for each step of a rule that is reached; the value is its place: who speaks first."""
CYCLE: Final = "cube:finding:cycle"
"""The one of the acknowledgement cycle that speaks for a device."""
OWN: Final = "cube:finding:own"
"""What speaks for a device by itself, as if it were no member of a pair."""
PAIR_PAGE: Final = "cube:finding:pair_page"
TICKET: Final = "cube:finding:ticket"
"""What wakes nobody, before maintenance."""
SPEAKING: Final = "cube:finding:speaking"
"""What a person is told."""
TOLD: Final = "cube:finding:told"
"""What speaks, with the pair and the account it belongs to."""
