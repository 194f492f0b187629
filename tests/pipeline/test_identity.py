from monitor.domain.device import Device
from monitor.pipeline.identity import Registry, Speaker

CUBE = Device(id="cube-1", aliases=frozenset({"192.0.2.1", "sbc-1"}))


def registry(*devices: Device, relays: tuple[str, ...] = (), learn: int = 10) -> Registry:
    return Registry(devices, relays=relays, learn_at_most=learn)


def test_a_declared_alias_is_found_whatever_its_case() -> None:
    assert registry(CUBE).find(Speaker(address="198.51.100.1", origin="SBC-1")) == CUBE


def test_the_origin_goes_before_the_relay_host_and_that_before_the_address() -> None:
    other = Device(id="other", aliases=frozenset({"198.51.100.1"}))
    third = Device(id="third", aliases=frozenset({"relayed"}))
    known = registry(CUBE, other, third)

    assert known.find(Speaker(address="198.51.100.1", origin="sbc-1", relay="relayed")) == CUBE
    assert known.find(Speaker(address="198.51.100.1", origin="?", relay="relayed")) == third
    assert known.find(Speaker(address="198.51.100.1", origin="?")) == other


def test_a_device_is_learned_by_the_name_it_gives_itself() -> None:
    known = registry()

    learned = known.learn(Speaker(address="192.0.2.9", origin="cube-9"))

    assert learned is not None
    assert (learned.id, learned.learned) == ("cube-9", True)
    assert known.find(Speaker(address="192.0.2.77", origin="cube-9")) == learned


def test_a_name_is_never_given_to_a_device_learned_from_the_address() -> None:
    known = registry()
    by_address = known.learn(Speaker(address="192.0.2.9"))

    assert known.find(Speaker(address="192.0.2.9")) == by_address
    assert known.find(Speaker(address="192.0.2.9", origin="cube-9")) is None


def test_what_comes_by_a_relay_and_names_nobody_known_is_nobodys() -> None:
    known = registry(CUBE, relays=("192.0.2.200",))
    speaker = Speaker(address="192.0.2.200", origin="stranger")

    assert known.find(speaker) is None
    assert known.learn(speaker) is None
    assert known.find(Speaker(address="192.0.2.200", origin="sbc-1")) == CUBE


def test_a_relay_that_is_a_device_itself_does_not_catch_what_it_forwards() -> None:
    relay = Device(id="relay", aliases=frozenset({"192.0.2.200"}))
    known = registry(relay, relays=("192.0.2.200",))

    assert known.find(Speaker(address="192.0.2.200", origin="stranger")) is None


def test_learning_ends_at_the_cap() -> None:
    known = registry(learn=1)

    assert known.named("a") is not None
    assert known.named("b") is None
    assert known.named("a") is not None
