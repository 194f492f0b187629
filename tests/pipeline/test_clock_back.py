"""Facts and signs of life that were stamped before our clock was set back."""

from dataclasses import replace

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKey, FactKind, FactName, fold
from monitor.domain.records import Batch
from monitor.pipeline.clock_back import ClockBack
from monitor.pipeline.presence import Presence

NOW = 1_780_000_000.0


def fact(value: int, at: float, effective: float | None = None) -> Fact:
    return Fact(
        subject="cube-1",
        name=FactName.RUM_WAITING,
        source="cli",
        value=value,
        kind=FactKind.EXACT,
        received=at,
        effective=at if effective is None else effective,
    )


def told(filed: Fact | None, *facts: Fact) -> Fact:
    """What is filed in the end."""
    sheet: dict[FactKey, Fact] = {} if filed is None else {filed.filed: filed}
    clock_back = ClockBack(sheet.get, lambda: NOW)
    fold(sheet, clock_back.lifted(Batch(facts=facts)).facts)
    (left,) = sheet.values()
    return left


def test_what_is_heard_now_follows_what_was_stamped_ahead_of_now() -> None:
    ahead = fact(1, NOW + 3_600)
    assert told(ahead, fact(2, NOW)).value == 2
    assert told(ahead, fact(2, NOW)).received == NOW
    assert told(ahead, fact(2, NOW), fact(3, NOW)).value == 3
    again = told(ahead, fact(2, NOW))
    assert told(again, fact(3, NOW)).value == 3


def test_what_is_replayed_is_as_old_as_it_says() -> None:
    ahead = fact(1, NOW + 3_600)
    assert told(ahead, fact(2, NOW, NOW - 3_600)).value == 1
    assert told(ahead, fact(2, NOW - 3_600)).value == 1


def test_nothing_is_changed_where_no_clock_was_set_back() -> None:
    batch = Batch(facts=[fact(2, NOW)])
    for filed in (None, fact(1, NOW - 60), fact(1, NOW + 60)):
        sheet = {} if filed is None else {filed.filed: filed}
        assert ClockBack(sheet.get, lambda: NOW).lifted(batch) is batch
    assert told(fact(1, NOW + 60), fact(2, NOW)).value == 1


def test_silence_counts_from_the_moment_the_clock_was_right() -> None:
    device = Device(id="cube-1", aliases=frozenset({"192.0.2.1"}))
    heard = {"192.0.2.1": NOW + 900.0}
    presence = Presence(heard)
    presence.note([replace(fact(1, NOW + 3_600), source="cli")])
    assert presence(device, NOW) == {"cli": NOW, "syslog": NOW}
    assert presence(device, NOW + 600)["cli"] == NOW
