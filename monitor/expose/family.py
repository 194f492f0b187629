"""One metric family of what devices say: its name, its labels and where its samples come from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from monitor.domain.state import DeviceState, FleetSnapshot

Labels = tuple[str, ...]
Sample = tuple[Labels, float]
"""Label values in the order of the family's label names, and the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A gauge; what is unknown yields no sample, so that absence never reads as zero."""

    name: str
    help: str
    labels: tuple[str, ...]
    samples: Callable[[FleetSnapshot], Iterator[Sample]]


def per_device(name: str, help_: str, value: Callable[[DeviceState], float | None], /) -> Family:
    """A family with one sample for each device of which the value is known."""

    def samples(fleet: FleetSnapshot) -> Iterator[Sample]:
        for state in fleet.devices:
            known = value(state)
            if known is not None:
                yield (state.device.id,), known

    return Family(name=name, help=help_, labels=("device",), samples=samples)


_LONGEST_WORD = 100


def word(text: object) -> str:
    """A device's word as a label: one line, bounded, empty where unknown."""
    if text is None:
        return ""
    shown = str(text)[:_LONGEST_WORD].strip()
    if shown.isprintable():
        return shown
    return "".join(letter for letter in shown if letter.isprintable())
