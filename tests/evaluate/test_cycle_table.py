"""The acknowledgement table read a second time, slowly and plainly, against random routers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.domain.facts import Fact
from monitor.domain.findings import Severity
from monitor.domain.state import DeviceState

D = 86_400
H = 3_600
Rung = tuple[str, str, Severity]
INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL

_RULES = {
    "ack_overdue",
    "push_planned_too_late",
    "never_acknowledged",
    "push_overdue",
    "sent_not_acknowledged",
    "no_room_to_retry",
    "pull_due",
    "cycle_unknown",
    "ack_backstop",
}


@dataclass(frozen=True, kw_only=True)
class Router:
    """None: printed as none; "?": never said. Times in hours from now."""

    stops: bool
    exact: bool
    deadline: float
    push: float | str | None
    sent: float | str | None
    acked: float | str | None
    trust: bool

    @property
    def past(self) -> bool:
        return self.deadline < 0

    @property
    def planned(self) -> float | None:
        return self.push if isinstance(self.push, float) else None

    @property
    def reported(self) -> float | None:
        return self.sent if isinstance(self.sent, float) else None

    @property
    def waiting(self) -> bool:
        if self.reported is None or self.acked == "?":
            return False
        return not isinstance(self.acked, float) or self.reported > self.acked

    @property
    def close(self) -> bool:
        return self.deadline <= 7 * 24 and (self.exact or not self.past)


def _overdue(r: Router) -> Iterator[Rung]:
    if r.past and r.exact:
        yield "ack_overdue", "overdue", CRITICAL if r.stops else WARNING
    if r.past and not r.exact:
        yield "ack_overdue", "unknown", WARNING if r.stops else INFO


def _too_late(r: Router) -> Iterator[Rung]:
    rung = ("14d", CRITICAL) if r.stops and r.deadline <= 14 * 24 else ("planned", WARNING)
    if r.planned is not None and r.planned > r.deadline and not r.past:
        yield "push_planned_too_late", *rung
    if r.acked is None and r.sent is None and not r.trust and not r.past:
        yield "never_acknowledged", *rung


def _no_room(r: Router) -> Iterator[Rung]:
    if r.planned is None or not 0 <= r.deadline - r.planned < 24 or r.past:
        return
    if not r.stops:
        yield "no_room_to_retry", "standing", INFO
    elif r.deadline <= 24:
        yield "no_room_to_retry", "24h", CRITICAL
    else:
        yield "no_room_to_retry", "standing", WARNING


def _push_overdue(r: Router) -> Iterator[Rung]:
    if r.planned is None or r.planned >= -2:
        return
    if r.reported is None or r.reported <= r.planned:
        yield "push_overdue", *(("7d", CRITICAL) if r.stops and r.close else ("late", WARNING))


def _unanswered(r: Router) -> Iterator[Rung]:
    if r.waiting and r.reported is not None and r.reported < -48:
        rung = ("7d", CRITICAL) if r.stops and r.close else ("sent", WARNING)
        yield "sent_not_acknowledged", *rung


def _backstop(r: Router) -> Iterator[Rung]:
    # Timeline 1: in the minutes between a healthy push and its ACK nothing is wrong yet.
    open_end = r.waiting or (r.planned is not None and r.planned < -5 / 60)
    if r.past:
        return
    if r.stops and r.deadline <= 24:
        yield "ack_backstop", "24h", CRITICAL
    elif open_end and r.deadline <= 3 * 24:
        yield "ack_backstop", "3d", CRITICAL if r.stops else WARNING
    elif open_end and r.stops and r.deadline <= 7 * 24:
        yield "ack_backstop", "7d", WARNING


def _unknown(r: Router) -> Iterator[Rung]:
    if r.past or r.push != "?" or r.sent != "?":
        return
    if r.deadline <= 3 * 24:
        yield "cycle_unknown", "3d", CRITICAL if r.stops else WARNING
    elif r.deadline <= 14 * 24:
        yield "cycle_unknown", "14d", WARNING if r.stops else INFO


def _pull(r: Router) -> Iterator[Rung]:
    if r.push is not None or r.past:
        return
    severe = CRITICAL if r.stops else WARNING
    for days, severity in ((3, severe), (7, severe), (14, WARNING), (30, INFO)):
        if r.deadline <= days * 24:
            yield "pull_due", f"{days}d", severity
            return


_ROWS = (_overdue, _too_late, _no_room, _push_overdue, _unanswered, _backstop, _unknown, _pull)


def _reading(r: Router) -> Iterator[Rung]:
    for row in _ROWS:
        yield from row(r)


def _hours(low: int, high: int) -> st.SearchStrategy[float]:
    edges = [7 * 24, 14 * 24, 3 * 24, 24, 0, -2, -48, 30 * 24]
    near = st.builds(
        lambda edge, by: float(edge) + by, st.sampled_from(edges), st.sampled_from([-0.5, 0, 0.5])
    )
    inside = near.filter(lambda hours: low <= hours <= high)
    return st.one_of(st.integers(low, high).map(float), inside)


routers = st.builds(
    Router,
    stops=st.booleans(),
    exact=st.just(True) | st.booleans(),
    deadline=_hours(-100, 1000),
    push=st.none() | st.just("?") | _hours(-100, 1000),
    sent=st.none() | st.just("?") | _hours(-300, -1),
    acked=st.none() | st.just("?") | _hours(-300, -1),
    trust=st.booleans(),
).filter(lambda r: not isinstance(r.acked, float) or r.acked < r.deadline)
"""An acknowledgement that is not before the deadline voids it; that is tested with the evidence."""


@settings(
    max_examples=800,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(router=routers)
def test_every_row_of_the_table_stands_as_a_slow_reading_says(
    router: Router,
    said: Callable[..., list[Fact]],
    told: Callable[..., list[Fact]],
    judged: Callable[..., DeviceState],
    now: int,
) -> None:
    printed: dict[str, object] = {
        "release": "17.3.3" if router.stops else "17.9.4",
        "trust": True if router.trust else None,
    }
    for name in ("push", "sent", "acked"):
        hours = getattr(router, name)
        if hours != "?":
            printed[name] = None if hours is None else now + hours * H
    deadline = (said if router.exact else told)(now - 60, deadline=now + router.deadline * H)

    state = judged([*said(now - 60, **printed), *deadline])

    found = {(f.rule, f.step, f.severity) for f in state.findings if f.rule in _RULES}
    assert found == set(_reading(router))
    pages = [f for f in state.findings if f.rule in _RULES and not f.inhibited_by]
    assert len(pages) == min(len(found), 1)
    assert all(page.severity == max(f[2] for f in found) for page in pages)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(router=routers, probes=st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_nothing_changes_by_the_clock_alone_before_it_is_said_to(
    router: Router,
    probes: list[float],
    said: Callable[..., list[Fact]],
    judged: Callable[..., DeviceState],
    rungs: Callable[[DeviceState], object],
    now: int,
) -> None:
    printed: dict[str, object] = {"release": "17.3.3" if router.stops else "17.9.4"}
    printed["deadline"] = now + router.deadline * H
    for name in ("push", "sent", "acked"):
        hours = getattr(router, name)
        if hours != "?":
            printed[name] = None if hours is None else now + hours * H
    facts = said(now - 60, **printed)
    seen = {"cli": now - 60.0}
    state = judged(facts, last_seen=seen)
    horizon = now + 60 * D if state.next_due is None else state.next_due

    assert horizon > now
    for probe in probes:
        # Strict thresholds are passed within the second after them.
        moment = min(now + probe * (horizon - now), horizon - 1)
        later = judged(facts, now=max(moment, now), last_seen=seen)
        assert rungs(later) == rungs(state)


@pytest.mark.parametrize("days", [30, 14, 7, 3, 1, 0])
def test_each_rung_begins_exactly_at_its_instant(
    days: int,
    said: Callable[..., list[Fact]],
    judged: Callable[..., DeviceState],
    now: int,
) -> None:
    facts = said(now - 60, release="17.3.3", deadline=now + 40 * D, push=None, sent=now - 10 * D)
    begins = now + (40 - days) * D

    before = judged(facts, now=begins - 1)
    after = judged(facts, now=begins + 1)

    assert before.next_due in (begins, begins - 1)
    assert {f.key for f in before.findings} != {f.key for f in after.findings}
