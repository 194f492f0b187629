"""What a reader keeps between notifications."""

from dataclasses import replace

from monitor.domain.facts import FactName
from monitor.parse.gnmi import Reader
from monitor.wire import TelemetryNotification, TelemetryValue, YangElements

RECEIVED = 1_700_000_000.0
STATE = (("cisco-smart-license:licensing", ()), ("state", ()), ("state-info", ()))
TRANSPORT: YangElements = (*STATE, ("transport", ()), ("transport-type", ()))


def _said(value: TelemetryValue, *, path: YangElements = TRANSPORT) -> TelemetryNotification:
    return TelemetryNotification(
        device="cube-1",
        source="gnmi",
        received=RECEIVED,
        authenticated=False,
        updates=[(path, value)],
    )


def test_an_unchanged_value_is_told_again_after_a_minute_and_a_changed_one_at_once() -> None:
    reader = Reader("cube-1", "gnmi")
    first = _said("transport-type-smart")
    told = [
        len(reader.read(replace(first, received=RECEIVED + late)).facts) for late in (0, 59, 60, 61)
    ]
    assert told == [1, 0, 1, 0]
    changed = replace(_said("transport-type-cslu"), received=RECEIVED + 62)
    assert [fact.value for fact in reader.read(changed).facts] == ["cslu"]


def test_facts_carry_their_times_and_whether_they_can_be_trusted() -> None:
    stamp = int((RECEIVED - 2.5) * 1e9)
    near = Reader("cube-1", "gnmi").read(replace(_said("transport-type-off"), timestamp=stamp))
    (fact,) = near.facts
    assert (fact.effective, fact.device_time) == (RECEIVED - 2.5, RECEIVED - 2.5)
    assert (fact.received, fact.authenticated, fact.source) == (RECEIVED, False, "gnmi")
    far = replace(_said("transport-type-off"), timestamp=int((RECEIVED - 900) * 1e9))
    (fact,) = Reader("cube-1", "gnmi").read(far).facts
    assert (fact.effective, fact.device_time) == (RECEIVED, RECEIVED - 900)


def test_a_new_stream_forgets_what_the_old_one_said_of_containers() -> None:
    reader = Reader("cube-1", "gnmi")
    path = (*STATE, ("udi", ()), ("pid", ()))
    serial = (*STATE, ("udi", ()), ("sn", ()))
    assert reader.read(_said("C8000V", path=path)).facts == []
    again = replace(_said("9X", path=serial), begins=True)
    assert reader.read(again).facts == []
    (fact,) = reader.read(_said("C8000V", path=path)).facts
    assert (fact.name, fact.value) == (FactName.UDI, "PID:C8000V,SN:9X")
