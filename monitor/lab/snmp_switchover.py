"""What a CUBE with two processors says by itself while its standby takes over."""

from collections.abc import Iterator, Mapping
from typing import Final

from monitor.lab.snmp_agent import Agent
from monitor.lab.snmp_objects import Ticks, Value

SWITCHOVER: Final = "1.3.6.1.4.1.9.9.176.2.0.1"
PROGRESSION: Final = "1.3.6.1.4.1.9.9.176.2.0.2"
_STATUS: Final = "1.3.6.1.4.1.9.9.176.1.1"
_UPTIME: Final = "1.3.6.1.2.1.1.3.0"
_FIRST_UNIT, _SECOND_UNIT = 1, 2
_FAILED: Final = 6
"""Reason of a switchover: the active unit failed."""
_LOST: Final = 2
_TAKING_OVER: Final = (10, 11, 12, 13, 14)
"""Active-fast to active: as SNMP numbers the states, one higher than the command line does."""


async def tell_switchover(agent: Agent, to: tuple[str, int], ticks: int, *manner: str) -> list[str]:
    """Send what the processor says that takes over; what went wrong with each, or nothing.

    `ticks` is its uptime, `manner` as of `Agent.notify`.
    """
    return [
        await agent.notify(to, oid, {_UPTIME: Ticks(ticks + place), **said}, *manner)
        for place, (oid, said) in enumerate(_notifications())
    ]


def _notifications() -> Iterator[tuple[str, Mapping[str, Value]]]:
    yield SWITCHOVER, {f"{_STATUS}.1.0": _SECOND_UNIT, f"{_STATUS}.8.0": _FAILED}
    for state in _TAKING_OVER:
        yield (
            PROGRESSION,
            {
                f"{_STATUS}.1.0": _SECOND_UNIT,
                f"{_STATUS}.2.0": state,
                f"{_STATUS}.3.0": _FIRST_UNIT,
                f"{_STATUS}.4.0": _LOST,
            },
        )
