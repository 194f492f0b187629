"""Usage as the API shows it: readings, measurements, kept messages."""

from collections.abc import Mapping

from monitor.domain.measurement import WEAK_BELOW, Measurement
from monitor.domain.readings import Series
from monitor.domain.records import EventRecord, Json
from monitor.expose.views.view import View, moment


class SessionsView(View):
    """The newest reading of one series."""

    tag: str
    source: str
    time: str | None
    count: int


class MeasurementView(View):
    """One period of one (device, tag)."""

    device: str
    tag: str
    start: str | None
    end: str | None
    value: float | None
    """Sessions before rounding; null where nothing was read."""
    count: int | None
    """Licences after rounding; null while the period runs."""
    coverage: float
    """Share of its seconds that had a reading."""
    minute_coverage: float
    """Share of its minutes that had a value."""
    weak: bool
    """Too little was read for it to count in balances."""
    reason: str
    """Why it ended: periodic, change, failover; open while it runs."""
    changed: bool
    profile: str
    version: int


class MeasurementsView(View):
    """The newest measurements, by time; `truncated` where the limit cut older ones off."""

    truncated: bool
    measurements: list[MeasurementView]


class SeriesView(View):
    """Readings of one series, by time: `counts[i]` sessions in second `seconds[i]`."""

    device: str
    tag: str
    source: str
    seconds: list[int]
    counts: list[int]


class ReadingsView(View):
    """Readings as columns."""

    series: list[SeriesView]


class EventView(View):
    """One message of a device that was kept."""

    device: str
    source: str
    received: str | None
    device_time: str | None
    clock: str
    """synchronised, unsynchronised, lost or unknown."""
    counter: int | None
    severity: int | None
    mnemonic: str
    text: str
    events: list[dict[str, Json]]


class EventsView(View):
    """The newest kept messages, by time; `truncated` where the limit cut older ones off."""

    truncated: bool
    events: list[EventView]


def sessions_view(series: Series, newest: tuple[int, int]) -> SessionsView:
    """The newest reading of a series."""
    second, count = newest
    return SessionsView(tag=series.tag, source=series.source, time=moment(second), count=count)


def measurement_view(measurement: Measurement) -> MeasurementView:
    """One measurement."""
    return MeasurementView(
        device=measurement.device,
        tag=measurement.tag,
        start=moment(measurement.start),
        end=moment(measurement.end),
        value=measurement.value,
        count=measurement.count,
        coverage=measurement.coverage,
        minute_coverage=measurement.minute_coverage,
        weak=measurement.minute_coverage < WEAK_BELOW,
        reason=measurement.reason.value,
        changed=measurement.changed,
        profile=measurement.profile,
        version=measurement.version,
    )


def series_view(series: Series, counts: Mapping[int, int]) -> SeriesView:
    """Second -> count of one series as two columns."""
    seconds = sorted(counts)
    return SeriesView(
        device=series.device,
        tag=series.tag,
        source=series.source,
        seconds=seconds,
        counts=[counts[second] for second in seconds],
    )


def event_view(record: EventRecord) -> EventView:
    """One kept message; its raw bytes stay in the store."""
    return EventView(
        device=record.device,
        source=record.source,
        received=moment(record.received),
        device_time=moment(record.device_time),
        clock=record.clock,
        counter=record.counter,
        severity=record.severity,
        mnemonic=record.mnemonic,
        text=record.text,
        events=[dict(event) for event in record.events],
    )
