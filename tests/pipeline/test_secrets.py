"""What could not be read is kept to be looked at, but never a configuration."""

import pytest
from prometheus_client import CollectorRegistry

from monitor.instrument import Instruments
from monitor.parse import show
from monitor.pipeline.identity import Registry
from monitor.pipeline.reading import understand
from monitor.wire import ShowCapture


def capture(text: str) -> ShowCapture:
    return ShowCapture(device="r1", received=1.0, text=text)


@pytest.mark.parametrize(
    "text",
    [
        "Building configuration...\n% no\nusername a secret hunter2\n",
        "  snmp-server community hunter2 RO\n",
        "enable secret hunter2\n",
    ],
)
def test_a_configuration_that_could_not_be_read_is_not_kept(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("a mistake of ours")

    monkeypatch.setattr(show, "read", broken)
    registry = Registry((), relays=(), learn_at_most=5)
    shown = understand([capture(text)], registry, Instruments(CollectorRegistry()))
    (letter,) = shown.dead_letters
    assert letter.payload == b"(a configuration is not kept: it may hold secrets)"


def test_other_output_that_could_not_be_read_is_kept() -> None:
    registry = Registry((), relays=(), learn_at_most=5)
    instruments = Instruments(CollectorRegistry())
    shown = understand([capture("good morning")], registry, instruments)
    assert shown.dead_letters[0].payload == b"good morning"
