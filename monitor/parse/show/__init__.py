"""Output of `show` commands into typed data and facts.

A command is one module with a `Command`, one line in COMMANDS and one golden folder.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import Final

from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.instants import HOUR
from monitor.parse.show import (
    call_home,
    clock,
    cube_status,
    debugging,
    license_all,
    license_rum_id,
    license_status,
    license_summary,
    license_udi,
    license_usage,
    redundancy_application_group,
    redundancy_states,
    running_config,
    version,
    voice_sip_license_stats,
    voice_sip_license_status,
)
from monitor.parse.show.ending import open_end
from monitor.parse.show.instants import Zones
from monitor.parse.show.output import AnyCommand, ShowOutput, Told
from monitor.parse.show.page import Page
from monitor.parse.show.split import Piece, Splitter, spelt
from monitor.parse.show.text import LONGEST_INPUT, lines

__all__ = ["COMMANDS", "ShowOutput", "facts", "hosts", "named", "read"]

# Where lines fit several commands, the first of them is meant.
_COMMANDS: Final[tuple[AnyCommand, ...]] = (
    license_status.COMMAND,
    license_usage.COMMAND,
    license_summary.COMMAND,
    license_udi.COMMAND,
    license_all.ALL,
    license_all.TECH_SUPPORT,
    license_rum_id.ALL,
    license_rum_id.DETAIL,
    cube_status.COMMAND,
    voice_sip_license_status.COMMAND,
    voice_sip_license_stats.GRAPH,
    voice_sip_license_stats.TABLE,
    redundancy_states.COMMAND,
    redundancy_application_group.COMMAND,
    version.COMMAND,
    clock.COMMAND,
    running_config.COMMAND,
    call_home.COMMAND,
    debugging.COMMAND,
)
COMMANDS: Final[Mapping[str, AnyCommand]] = {command.name: command for command in _COMMANDS}

_MOST_OUTPUTS: Final = 500
_MOST_LINES: Final = 200_000


def named(words: str) -> str | None:
    """The full name of a command an operator may shorten (`sh lic stat`); None for any other."""
    return spelt(words, COMMANDS)


def read(
    text: str,
    *,
    zones: Mapping[str, int] = MappingProxyType({}),
    command: str = "",
    polled: float | None = None,
) -> Sequence[ShowOutput]:
    """The outputs in a paste of one device's `show` commands, in order; never raises.

    `zones` maps zone words to seconds east of UTC. `command` (a key of COMMANDS) says what the text
    is as far as no prompt or echo in it says otherwise; without it the content tells. `polled`:
    when it was read from the device, seconds since 1970 UTC, where that is known: the device's own
    current time then explains its zone word.
    """
    plain = list(islice(lines(text), _MOST_LINES + 1))
    known = Zones(zones)
    known.learn(plain, polled)
    splitter = Splitter(COMMANDS, named(command) or "")
    pieces = splitter.split(plain[:_MOST_LINES], _MOST_OUTPUTS)
    shown = pieces[:_MOST_OUTPUTS]
    outputs = [_output(piece, known, "") for piece in shown[:-1]]
    if shown:
        last = _output(shown[-1], known, open_end(text) or "")
        outputs.append(_with(last, *_beyond(len(text), len(plain), len(pieces))))
    return _with_hosts([replace(output, zones=known.explained()) for output in outputs])


def _beyond(characters: int, read_lines: int, pieces: int) -> Iterator[str]:
    if characters > LONGEST_INPUT:
        yield f"the input is longer than {LONGEST_INPUT} characters; the rest is not read"
    if read_lines > _MOST_LINES:
        yield f"the input holds more than {_MOST_LINES} lines; the rest is not read"
    if pieces > _MOST_OUTPUTS:
        yield f"the input holds more than {_MOST_OUTPUTS} outputs; the rest is not read"


def _output(piece: Piece, zones: Zones, end: str) -> ShowOutput:
    page = Page(piece.lines, zones)
    data = COMMANDS[piece.command].read(page)
    prompted = zones.instant(piece.clock)[0] if piece.clock else None
    if end in piece.lines[-1:] and end != page.settled:
        page.warn(f"the text ends in {end[:100]!r} without a line end: its value may be cut")
    output = ShowOutput(
        command=piece.command,
        data=data,
        warnings=page.warnings,
        host=piece.host or getattr(data, "host_name", None) or "",
        clock=getattr(data, "current_time", None) or prompted,
    )
    return output if output.said else _with(output, _empty(piece))


def _empty(piece: Piece) -> str:
    refusal = next((line for line in piece.lines if line.startswith("%")), "")
    if refusal:
        return f"the device refused {piece.command}: {refusal[:100]}"
    return f"nothing in this output of {piece.command} is understood"


def _with(output: ShowOutput, *warnings: str) -> ShowOutput:
    return replace(output, warnings=(*output.warnings, *warnings))


def _with_hosts(outputs: list[ShowOutput]) -> list[ShowOutput]:
    names = hosts(outputs)
    if len(names) < 2:  # noqa: PLR2004 - one device
        return outputs
    several = f"outputs of several devices are mixed: {', '.join(sorted(names)[:6])}"
    return [_with(output, several) for output in outputs]


def hosts(outputs: Sequence[ShowOutput]) -> frozenset[str]:
    """Names of the devices that printed these outputs, as prompts and outputs say them."""
    named_in = (getattr(output.data, "host_name", None) for output in outputs)
    return frozenset(
        name.lower() for name in (*named_in, *(output.host for output in outputs)) if name
    )


def facts(
    outputs: Sequence[ShowOutput], *, device: str, received: float, source: str = "cli"
) -> Iterator[Fact]:
    """What outputs polled at `received` (seconds since 1970 UTC) say about a device.

    A missing line gives no fact; what the device says is none has the value None. Where several
    outputs of one command say the same thing, the last is believed.
    """
    latest = {
        (output.command, told.name, told.key): (told, output)
        for output in outputs
        if output.said
        for told in _tell(output, received)
    }
    udis = {told.kind for told, _ in latest.values() if told.name is FactName.UDI}
    for told, output in latest.values():
        worse = told.name is FactName.UDI and told.kind is not FactKind.EXACT
        if not (worse and FactKind.EXACT in udis):
            yield _fact(told, output, device=device, received=received, source=source)


def _tell(output: ShowOutput, received: float) -> Iterator[Told]:
    yield from COMMANDS[output.command].tell(output.data)
    if output.clock is not None and output.clock.utc is not None:
        yield Told(FactName.CLOCK_OFFSET, output.clock.utc - received, text=output.clock.text)
    for word, (offset, by) in output.zones.items():
        yield Told(FactName.ZONE_OFFSET, offset, word, text=by)
    yield Told(FactName.POLLED, received, output.command)


def _fact(told: Told, output: ShowOutput, *, device: str, received: float, source: str) -> Fact:
    utc = output.clock.utc if output.clock is not None else None
    return Fact(
        subject=device,
        name=told.name,
        source=source,
        value=told.value,
        kind=told.kind,
        received=received,
        effective=received,
        device_time=utc,
        key=told.key,
        bound=told.bound,
        text=_words(told, output),
    )


def _words(told: Told, output: ShowOutput) -> str:
    """The device's own words, and how their zone word was resolved where the paste explained it."""
    words = told.text[:_LONGEST_TEXT]
    zone = words.rpartition(" ")[2].upper()
    if told.name is FactName.ZONE_OFFSET or zone not in output.zones:
        return words
    offset, by = output.zones[zone]
    return f"{words} ({zone} is {offset / HOUR:+g} h by {by})"


_LONGEST_TEXT: Final = 200
