"""Whose word for a zone is believed: the caller, the clock, the configuration, the epoch."""

from datetime import UTC, datetime

import pytest

from monitor.domain.facts import Fact, FactName
from monitor.parse.show import facts, read

POLLED = datetime(2021, 10, 22, 0, 0, 40, tzinfo=UTC).timestamp()
DEADLINE = "Usage Reporting:\n  Next ACK deadline: Dec 07 13:56:07 2021 {zone}\n"
EPOCH = "Policy:\n  Installed Time: Jan 01 05:30:00 1970 {zone}\n"


def told(text: str, *, polled: float | None = POLLED, **zones: int) -> dict[FactName, Fact]:
    outputs = read("show license status\n" + text, zones=zones, polled=polled)
    return {fact.name: fact for fact in facts(outputs, device="cube", received=POLLED)}


def deadline(text: str, *, polled: float | None = POLLED, **zones: int) -> Fact:
    return told(text, polled=polled, **zones)[FactName.ACK_DEADLINE]


def test_the_devices_own_clock_tells_the_zone_to_the_quarter_hour() -> None:
    clock = "Time source is NTP, 05:45:55.102 NPT Fri Oct 22 2021\n"

    fact = deadline(clock + DEADLINE.format(zone="NPT"))

    assert fact.value == datetime(2021, 12, 7, 8, 11, 7, tzinfo=UTC).timestamp()
    assert not fact.bound
    assert fact.text == "Dec 07 13:56:07 2021 NPT (NPT is +5.75 h by the device's clock)"
    both = told(clock + DEADLINE.format(zone="NPT"))
    assert both[FactName.ZONE_OFFSET].value == 20_700


@pytest.mark.parametrize(
    "clock",
    [
        "Time source is NTP, 05:49:55.102 NPT Fri Oct 22 2021\n",
        "Time source is NTP, *05:45:55.102 NPT Fri Oct 22 2021\n",
        "Time source is NTP, 05:45:55.102 NPT Sat Oct 23 2021\n",
    ],
    ids=["minutes off", "never set right", "a day off"],
)
def test_a_clock_that_is_off_explains_nothing(clock: str) -> None:
    fact = deadline(clock + DEADLINE.format(zone="NPT"))

    assert fact.bound


def test_a_clock_says_nothing_where_nobody_knows_when_it_was_read() -> None:
    clock = "Time source is NTP, 05:45:55.102 NPT Fri Oct 22 2021\n"

    assert deadline(clock + DEADLINE.format(zone="NPT"), polled=None).bound


def test_the_clock_goes_before_the_epoch_and_the_caller_before_both() -> None:
    clock = "Time source is NTP, 02:00:55.102 IST Fri Oct 22 2021\n"
    text = clock + EPOCH.format(zone="IST") + DEADLINE.format(zone="IST")

    by_clock = deadline(text)
    by_caller = deadline(text, IST=3_600)
    by_epoch = deadline(text, polled=None)

    local = datetime(2021, 12, 7, 13, 56, 7, tzinfo=UTC).timestamp()
    assert by_clock.value == local - 2 * 3_600
    assert by_caller.value == local - 3_600
    assert by_epoch.value == local - 19_800
