"""`show voice sip license stats` of a virtual CUBE: the graph of the last 60 minutes."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from monitor.aggregate.drawing import graph_text
from monitor.aggregate.tables import StatsOf, Window, stats
from monitor.domain.instants import HOUR
from monitor.domain.readings import Series
from monitor.lab.calls import CallProfile, seconds_of_hour

_UNKNOWN: Final = -1
_SOURCE: Final = "lab"


def voice_license_stats(name: str, calls: Mapping[str, CallProfile], now: float) -> str:
    """The output at an instant; the other windows of a real router are left out."""
    start = int(now) // HOUR * HOUR - HOUR
    dense = {
        Series(name, tag, _SOURCE): np.stack(
            [seconds_of_hour(profile, start), _begun(profile, start + HOUR, int(now))]
        ).astype(np.int32)
        for tag, profile in calls.items()
    }
    drawn = [
        StatsOf(kind=one.kind, tables={Window.MINUTES: one.tables[Window.MINUTES]})
        for one in stats(dense, start, int(now))
    ]
    return graph_text(drawn, int(now))


def _begun(
    profile: CallProfile, start: int, now: int
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    seconds = seconds_of_hour(profile, start)
    seconds[max(0, now - start) :] = _UNKNOWN
    return seconds
