"""Show captures to facts."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from monitor.domain.device import Device
from monitor.domain.facts import Fact
from monitor.domain.readings import ReadingColumns
from monitor.domain.records import DeadLetter
from monitor.domain.rum import RumRecords
from monitor.instrument import Instruments
from monitor.parse import show
from monitor.parse.rum_listing import listed
from monitor.parse.show.device_minutes import Newest, device_minutes
from monitor.parse.show.running_config_lines import holds_configuration
from monitor.pipeline.identity import Registry
from monitor.wire import ShowCapture

logger = logging.getLogger(__name__)

_LONGEST_DEAD_LETTER: Final = 65_536
_NOT_KEPT: Final = "(a configuration is not kept: it may hold secrets)"
_PROMPT: Final = re.compile(r"\S{1,80}[#>]\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Records made of captures."""

    facts: list[Fact]
    dead_letters: list[DeadLetter]
    learned: list[Device]
    readings: list[ReadingColumns]
    """Device minutes."""
    rum: list[RumRecords]
    """Usage reports."""


def understand(
    captures: Sequence[ShowCapture],
    registry: Registry,
    instruments: Instruments,
    newest: Newest = Newest.FIRST,
) -> Shown:
    """Facts of captures; one in which nothing was recognised is a dead letter.

    Captures of one device and moment are read together: a zone word that one output explains is
    known in the others.
    """
    shown = Shown(facts=[], dead_letters=[], learned=[], readings=[], rum=[])
    by_session = groupby(captures, key=lambda capture: (capture.device, capture.source))
    for (name, _), session in by_session:
        device = registry.named(name)
        together = list(session)
        if device is None:
            shown.dead_letters.extend(_unread(one, "too_many_learned_devices") for one in together)
            continue
        if device.learned:
            shown.learned.append(device)
        _read(together, device, shown, instruments, newest)
    return shown


def _read(
    session: Sequence[ShowCapture],
    device: Device,
    shown: Shown,
    instruments: Instruments,
    newest: Newest,
) -> None:
    last = session[-1]
    try:
        outputs = _outputs(session, device, instruments)
        facts = list(
            show.facts(outputs, device=device.id, received=last.received, source=last.source)
        )
        minutes = device_minutes(
            outputs,
            device=device.id,
            source=last.source,
            received=last.received,
            live=last.live,
            newest=newest,
        )
        reports = listed(outputs, device=device.id, received=last.received, whole=_ended(last))
    except Exception:  # one mistake of ours must not blind the fleet
        logger.exception("show output could not be read", extra={"device": device.id})
        shown.dead_letters.extend(_unread(one, "internal_error") for one in session)
        return
    shown.facts.extend(facts)
    if minutes:
        shown.readings.append(minutes)
    if reports.notes or reports.listings:
        shown.rum.append(reports)
    if not facts and not reports.notes:
        reason = "no_show_output_recognised"
        shown.dead_letters.extend(_unread(one, reason) for one in session)


def _outputs(
    session: Sequence[ShowCapture], device: Device, instruments: Instruments
) -> Sequence[show.ShowOutput]:
    text = "\n".join(_as_typed(capture) for capture in session)
    zones = dict(device.zones)
    for capture in session:
        zones.update(capture.zones)
    last = session[-1]
    outputs = show.read(text, zones=zones, polled=last.received if last.live else None)
    for output in outputs:
        instruments.parse_warnings.labels(command=output.command).inc(len(output.warnings))
    return outputs


def _ended(capture: ShowCapture) -> bool:
    """Whether the output has its end: a poll waits for the prompt, a paste may show it."""
    last = capture.text.rstrip().rpartition("\n")[2]
    return bool(capture.command) or _PROMPT.fullmatch(last) is not None


def _as_typed(capture: ShowCapture) -> str:
    """As it would be pasted: the command, then its output."""
    return f"{capture.command}\n{capture.text}" if capture.command else capture.text


def _unread(capture: ShowCapture, reason: str) -> DeadLetter:
    return DeadLetter(
        source=capture.source,
        origin=capture.device,
        received=capture.received,
        reason=reason,
        payload=_kept(capture).encode()[:_LONGEST_DEAD_LETTER],
    )


def _kept(capture: ShowCapture) -> str:
    return _NOT_KEPT if holds_configuration(capture.text) else capture.text
