"""How far the time of a device has come."""

import numpy as np
import pytest

from monitor.aggregate.clocks import CATCHING_UP, NEVER, SILENCE, Clocks

NOW = 1_700_000_000.0


class Device:
    """One device with some sources."""

    def __init__(self, sources: int = 1) -> None:
        self.clocks = Clocks()
        self.clocks.add([0] * sources)

    def hears(self, newest: float, received: float, source: int = 0) -> None:
        self.clocks.hear(np.array([source]), np.array([int(newest)]), received)

    def reads(self, now: float) -> float:
        return float(self.clocks.read(1, now, NOW)[0])


@pytest.fixture
def device() -> Device:
    return Device()


def test_it_is_the_lower_of_newest_reading_and_reception(device: Device) -> None:
    device.hears(NOW - 30, NOW)
    assert device.reads(NOW + 20) == NOW - 30
    device.hears(NOW + 500, NOW + 30)
    assert device.reads(NOW + 40) == NOW + 30


def test_an_older_reading_does_not_set_it_back(device: Device) -> None:
    device.hears(NOW, NOW)
    device.hears(NOW - 5000, NOW + 1)
    assert device.reads(NOW + 2) == NOW


def test_a_silent_source_has_the_wall_clock(device: Device) -> None:
    device.hears(NOW - 30, NOW)
    assert device.reads(NOW + SILENCE) == NOW - 30
    assert device.reads(NOW + SILENCE + 1) == NOW + SILENCE + 1


def test_the_slowest_source_counts() -> None:
    device = Device(2)
    device.hears(NOW - 60, NOW, 0)
    device.hears(NOW - 1, NOW, 1)
    assert device.reads(NOW + 1) == NOW - 60


def test_a_device_never_heard_of_waits_as_long_as_a_silent_one() -> None:
    clocks = Clocks()
    assert clocks.read(1, NOW + SILENCE, NOW).tolist() == [NEVER]
    assert clocks.read(1, NOW + SILENCE + 1, NOW).tolist() == [NOW + SILENCE + 1]
    assert len(clocks) == 0


def test_it_stands_still_while_the_past_is_brought(device: Device) -> None:
    month = 30 * 86_400
    for at in range(60):
        # Half a day of readings each second, later ones too short after another to be watched.
        device.hears(NOW - month + at * 43_200, NOW + at)
        assert device.reads(NOW + at) == NEVER
    last = NOW + 59
    newest = NOW - month + 59 * 43_200
    assert device.reads(last + CATCHING_UP + 1) == newest


def test_it_runs_on_when_the_past_reaches_the_present(device: Device) -> None:
    device.hears(NOW - 86_400, NOW)
    assert device.reads(NOW) == NEVER
    device.hears(NOW, NOW + 1)
    assert device.reads(NOW + 1) == NOW


def test_a_source_that_lags_but_keeps_pace_runs(device: Device) -> None:
    device.hears(NOW - 7_200, NOW)
    for at in range(1, 60):
        device.hears(NOW - 7_200 + at, NOW + at + 0.3 * (at % 2))
    assert device.reads(NOW + 60) == NOW - 7_200 + 59


def test_a_batch_after_an_outage_is_no_race(device: Device) -> None:
    device.hears(NOW, NOW)
    device.hears(NOW + 3_000, NOW + 3_200)
    assert device.reads(NOW + 3_201) == NOW + 3_000


def test_a_jump_through_the_past_holds_what_was_reached(device: Device) -> None:
    device.hears(NOW, NOW)
    device.hears(NOW + 10, NOW + 40_000)
    device.hears(NOW + 20_000, NOW + 40_001)
    assert device.reads(NOW + 40_002) == NOW + 10
