"""Telemetry on its way to the store."""

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKey, FactKind, FactName
from monitor.instrument import Instruments
from monitor.parse.gnmi import Reader
from monitor.pipeline.identity import Registry
from monitor.pipeline.telemetry import TelemetryDesk
from monitor.wire import TelemetryNotification, YangElements

RECEIVED = 1_700_000_000.0
STATE = (("cisco-smart-license:licensing", ()), ("state", ()), ("state-info", ()))
CALLS: YangElements = (
    ("Cisco-IOS-XE-voice-oper:voice-oper-data", ()),
    ("active-voip-call-summary", ()),
    ("sip-call-legs", ()),
)
TRANSPORT: YangElements = (*STATE, ("transport", ()), ("transport-type", ()))


def _desk(*, sheet: dict[FactKey, Fact] | None = None, learn: int = 0) -> TelemetryDesk:
    registry = Registry([Device(id="cube-1"), Device(id="cube-2")], learn_at_most=learn)
    return TelemetryDesk(registry, lambda _: sheet or {}, Instruments(CollectorRegistry()))


def _calls(device: str, legs: int, late: float = 0.0) -> TelemetryNotification:
    return TelemetryNotification(
        device=device,
        source="gnmi",
        received=RECEIVED + late,
        authenticated=True,
        updates=[(CALLS, legs)],
    )


def test_calls_of_many_devices_become_one_batch_of_columns() -> None:
    batch = _desk().understand([_calls("cube-1", 4), _calls("cube-2", 6), _calls("cube-1", 8, 10)])
    (columns,) = batch.readings
    assert [one.device for one in columns.series] == ["cube-1", "cube-2"]
    assert list(columns.which) == [0, 1, 0]
    assert list(columns.counts) == [4, 6, 8]


def test_a_device_nobody_knows_is_learned_or_kept_aside() -> None:
    assert [one.id for one in _desk(learn=1).understand([_calls("new", 1)]).devices] == ["new"]
    (letter,) = _desk().understand([_calls("new", 1)]).dead_letters
    assert letter.reason == "too_many_devices"


def test_a_mistake_of_ours_costs_one_notification(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Reader, notification: TelemetryNotification) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Reader, "read", fail)
    (letter,) = _desk().understand([_calls("cube-1", 1)]).dead_letters
    assert letter.reason == "internal_error"


def test_what_was_in_use_before_a_restart_can_vanish_after_it() -> None:
    fact = Fact(
        subject="cube-1",
        name=FactName.USAGE_COUNT,
        key="CUBE_T_STD",
        source="gnmi",
        value=7,
        kind=FactKind.EXACT,
        received=RECEIVED - 900,
        effective=RECEIVED - 900,
    )
    first = replace(_calls("cube-1", 1), begins=True, updates=[(TRANSPORT, "transport-type-smart")])
    synced = replace(_calls("cube-1", 1), updates=(), synced=True)
    batch = _desk(sheet={fact.filed: fact}).understand([first, synced])
    gone = [one for one in batch.facts if one.name is FactName.USAGE_COUNT]
    assert [(one.key, one.value) for one in gone] == [("CUBE_T_STD", 0)]
