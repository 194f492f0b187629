"""Readings under the internal ids of their devices."""

from array import array
from dataclasses import dataclass

from monitor.domain.device import Device
from monitor.domain.readings import ReadingColumns, Series
from monitor.pipeline.identity import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributed:
    """Readings of known devices, and the devices to remember."""

    columns: ReadingColumns
    learned: list[Device]


def attribute(columns: ReadingColumns, registry: Registry) -> Attributed:
    """Name each series by device id; readings of devices beyond the learning cap are left out."""
    devices = [registry.named(series.device) for series in columns.series]
    learned = [device for device in devices if device is not None and device.learned]
    if _as_they_are(columns, devices):
        return Attributed(columns=columns, learned=learned)
    return Attributed(columns=_renamed(columns, devices), learned=learned)


def _as_they_are(columns: ReadingColumns, devices: list[Device | None]) -> bool:
    return all(
        device is not None and device.id == series.device
        for device, series in zip(devices, columns.series, strict=True)
    )


def _renamed(columns: ReadingColumns, devices: list[Device | None]) -> ReadingColumns:
    places: dict[Series, int] = {}
    place_of: list[int | None] = []
    for device, series in zip(devices, columns.series, strict=True):
        renamed = None if device is None else series._replace(device=device.id)
        place_of.append(None if renamed is None else places.setdefault(renamed, len(places)))
    kept = [
        (place, second, count)
        for which, second, count in zip(columns.which, columns.seconds, columns.counts, strict=True)
        if (place := place_of[which]) is not None
    ]
    return ReadingColumns(
        series=tuple(places),
        which=array("I", (place for place, _, _ in kept)),
        seconds=array("q", (second for _, second, _ in kept)),
        counts=array("q", (count for _, _, count in kept)),
    )
