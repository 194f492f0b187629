"""Usage reports as metrics: how many of each router are in which state."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.state import FleetSnapshot
from monitor.expose.family import Family, Sample


def _reports(fleet: FleetSnapshot) -> Iterator[Sample]:
    shown = {state.device.id for state in fleet.devices}
    for device, counts in fleet.rum.items():
        if device in shown:
            for state, count in counts.items():
                yield (device, str(state)), float(count)


RUM_FAMILIES: Final = (
    Family(
        name="cube_rum_reports",
        help="Usage reports by state: open, closed, sent, acknowledged, lost.",
        labels=("device", "state"),
        samples=_reports,
    ),
)
