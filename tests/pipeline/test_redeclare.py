"""What a registry knows after a reload is what it would know after a restart."""

from dataclasses import replace

from monitor.domain.device import Device
from monitor.pipeline.identity import Registry, Speaker

BERLIN = Device(id="berlin", aliases=frozenset({"192.0.2.1"}))
OSLO = Device(id="oslo", aliases=frozenset({"192.0.2.2"}))


def again(registry: Registry, *declared: Device, most: int = 10) -> frozenset[str]:
    return registry.redeclare(declared, relays=(), learn_at_most=most)


def called(registry: Registry, name: str) -> str | None:
    found = registry.called(name)
    return None if found is None else found.id


def test_devices_come_go_and_change_and_nothing_else() -> None:
    registry = Registry([BERLIN, OSLO])
    moved = replace(BERLIN, aliases=frozenset({"192.0.2.9"}))
    assert again(registry, moved, Device(id="rome")) == {"berlin", "oslo", "rome"}
    assert called(registry, "192.0.2.9") == "berlin"
    assert called(registry, "192.0.2.1") is None
    assert called(registry, "oslo") is None
    assert again(registry, moved, Device(id="rome")) == frozenset()


def test_what_was_learned_stays_and_counts() -> None:
    registry = Registry([BERLIN], learn_at_most=5)
    assert registry.learn(Speaker(address="192.0.2.50")) is not None
    assert again(registry, BERLIN, most=2) == frozenset()
    assert called(registry, "192.0.2.50") == "192.0.2.50"
    assert registry.learn(Speaker(address="192.0.2.51")) is not None
    assert registry.learn(Speaker(address="192.0.2.52")) is None


def test_a_learned_device_that_is_declared_now_is_declared() -> None:
    registry = Registry([], learn_at_most=5)
    registry.learn(Speaker(address="192.0.2.1"))
    assert "berlin" in again(registry, BERLIN)
    found = registry.find(Speaker(address="192.0.2.1"))
    assert found is not None
    assert found.id == "berlin"


def test_what_operators_decided_stays() -> None:
    registry = Registry([BERLIN, OSLO])
    retired = replace(BERLIN, retired_at=5.0, replaced_by="oslo", aliases=frozenset())
    registry.amend(retired)
    registry.amend(replace(OSLO, aliases=OSLO.aliases | {"berlin", "192.0.2.1"}))
    registry.hand_over("berlin", "oslo")
    again(registry, BERLIN, OSLO)
    assert [one.id for one in registry.retired] == ["berlin"]
    assert called(registry, "192.0.2.1") == "oslo"
    # It stays out of use when nobody declares it any more.
    again(registry, OSLO)
    assert [one.id for one in registry.retired] == ["berlin"]


def test_a_relay_is_trusted_from_the_reload_on() -> None:
    registry = Registry([], learn_at_most=5)
    registry.redeclare([], relays=["192.0.2.7"], learn_at_most=5)
    assert registry.learn(Speaker(address="192.0.2.7")) is None
