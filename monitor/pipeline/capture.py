"""Captured or pasted output of one device into its facts, for commands that need no service."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactName
from monitor.domain.instants import DAY
from monitor.evaluate.wording import utc
from monitor.parse import show
from monitor.parse.show.output import ShowOutput

_NAMELESS: Final = "device"
_CLOCK_OFF_SECONDS: Final = DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What outputs of one device say, as of the moment they are judged at."""

    device: Device
    outputs: Sequence[ShowOutput]
    facts: tuple[Fact, ...]
    """With the device's clock against that moment: right only where they are of one time."""
    warnings: tuple[str, ...]

    @property
    def timeless(self) -> tuple[Fact, ...]:
        """Facts without the clock: when a paste was taken is not known, so it says nothing."""
        return tuple(fact for fact in self.facts if fact.name is not FactName.CLOCK_OFFSET)

    @property
    def recognised(self) -> bool:
        """Whether any output was understood."""
        return any(output.said for output in self.outputs)


def read_capture(texts: Sequence[str], *, zones: Mapping[str, int], now: float) -> Capture:
    """Read outputs of one device, in any mix and order.

    `zones`: offsets of zone words in seconds east of UTC. `now`: seconds since 1970 UTC; the
    outputs' own clock is never used for it, but a large difference is warned of.
    """
    outputs = tuple(show.read("\n".join(texts), zones=zones))
    names = sorted({output.host for output in outputs if output.host})
    device = Device(id=names[0] if names else _NAMELESS, zones=dict(zones))
    return Capture(
        device=device,
        outputs=outputs,
        facts=tuple(show.facts(outputs, device=device.id, received=now)),
        warnings=tuple(dict.fromkeys((*_odd(outputs, names, now), *_said_by(outputs)))),
    )


def _said_by(outputs: Sequence[ShowOutput]) -> Iterator[str]:
    for output in outputs:
        yield from (f"{output.command}: {warning}" for warning in output.warnings)


def _odd(outputs: Sequence[ShowOutput], names: Sequence[str], now: float) -> Iterator[str]:
    if not any(output.said for output in outputs):
        yield "no output of a known command was recognised"
    if len(names) > 1:
        yield f"outputs of several devices are judged as one: {', '.join(names)}"
    for output in outputs:
        clock = output.clock.earliest if output.clock is not None else None
        if clock is not None and abs(clock - now) > _CLOCK_OFF_SECONDS:
            yield (
                f"{output.command}: the device's clock said {utc(clock)}, judged is {utc(now)}; to"
                f" judge it as of then, say --now"
            )
