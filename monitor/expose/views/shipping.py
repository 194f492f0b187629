"""Databases outside as JSON."""

from collections.abc import Sequence

from monitor.domain.cursors import TargetState
from monitor.expose.views.view import View, moment


class TargetView(View):
    """One database outside."""

    name: str
    kind: str
    up: bool
    """It took the last points."""
    error: str
    """Why it did not; empty while it is up."""
    failing_since: str | None
    sent: int
    """Points since the monitor started."""
    refused: int
    """Points that are in the dead letters instead."""
    confirmed_commit: int | None
    """The last commit whose readings it has; null where it gets no readings."""
    behind_commits: int
    """Commits with readings that it does not have yet."""
    oldest: str | None
    """Newest second of the oldest of these."""
    waiting: int
    """Hours, measurements and facts that it does not have yet."""
    repeating_from: str | None
    """Older readings are sent again from here on; null where none are."""
    repeating_before: str | None


class ShippingView(View):
    """All of them."""

    targets: Sequence[TargetView]


def target_view(state: TargetState) -> TargetView:
    """One as the API shows it."""
    cursor = state.cursor
    start, end = cursor.repeating or (None, None)
    return TargetView(
        name=state.name,
        kind=state.kind,
        up=state.up,
        error=state.error,
        failing_since=moment(state.failing_since),
        sent=state.sent,
        refused=state.refused,
        confirmed_commit=cursor.number,
        behind_commits=cursor.behind,
        oldest=moment(cursor.oldest),
        waiting=cursor.waiting,
        repeating_from=moment(start),
        repeating_before=moment(end),
    )
