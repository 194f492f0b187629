"""The acknowledgement cycle of one router as a small picture: where now is before the deadline."""

from typing import Final, NamedTuple

from monitor.domain.state import DeviceState
from monitor.expose.cycle_metrics import moment, number

_WIDTH: Final = 150
_HEIGHT: Final = 20
_EDGE: Final = 7
_MIDDLE: Final = _HEIGHT // 2
_DAY: Final = 86_400


class _Scale(NamedTuple):
    """Seconds to places on the line."""

    start: float
    end: float

    def x(self, second: float) -> float:
        share = (second - self.start) / (self.end - self.start)
        return round(_EDGE + min(1.0, max(0.0, share)) * (_WIDTH - 2 * _EDGE), 1)


def cycle_line(state: DeviceState) -> str:
    """SVG: a line from the last acknowledgement to the deadline; empty without a deadline.

    A bar up to now, a triangle for the next push, a bold stroke for the deadline. What it shows
    stands beside it in words, so it is hidden from readers of the screen.
    """
    deadline = moment(state, state.cycle.deadline)
    if deadline is None or number(state.cycle.deadline) is None:
        return ""
    push = moment(state, state.cycle.next_push)
    scale = _scale(state, deadline, push)
    now = scale.x(state.now)
    parts = [
        _stroke("track", scale.x(scale.start), scale.x(scale.end)),
        _stroke("spent", scale.x(scale.start), now),
        f'<circle class="now" cx="{now}" cy="{_MIDDLE}" r="4"/>',
        f'<path class="deadline" d="M{scale.x(deadline)} 2V{_HEIGHT - 2}"/>',
    ]
    if push is not None:
        at = scale.x(push)
        parts.append(f'<path class="push" d="M{at - 4} 1h8l-4 7z"/>')
    return (
        f'<svg class="cycle" aria-hidden="true" width="{_WIDTH}" height="{_HEIGHT}"'
        f' viewBox="0 0 {_WIDTH} {_HEIGHT}">{"".join(parts)}</svg>'
    )


def _scale(state: DeviceState, deadline: float, push: float | None) -> _Scale:
    began = moment(state, state.cycle.last_ack) or moment(state, state.cycle.last_push)
    known = [deadline, state.now, *([push] if push is not None else [])]
    start = min(state.now - _DAY if began is None else began, *known)
    return _Scale(start, max(*known, start + _DAY))


def _stroke(name: str, start: float, end: float) -> str:
    return f'<path class="{name}" d="M{start} {_MIDDLE}H{end}"/>'
