"""Which fact is believed: proof, voiding by acknowledgement, forgery, bounds, clocks, disorder."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.domain.facts import Fact, FactKind
from monitor.domain.findings import Finding, Severity
from monitor.domain.release import Stopping
from monitor.domain.state import DeviceState

D = 86_400
H = 3_600
Facts = Callable[..., list[Fact]]
Judged = Callable[..., DeviceState]
Rungs = Callable[[DeviceState], dict[str, tuple[str, Severity]]]
Speaking = Callable[[DeviceState], list[Finding]]


def test_an_exact_deadline_is_believed_before_a_newer_derived_one(
    said: Facts, told: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    exact = said(now - 5 * D, release="17.3.3", deadline=now + 60 * D, push=now + 20 * D)
    state = judged([*exact, *told(now - 60, deadline=now + 3 * D)])

    assert state.cycle.deadline is not None
    assert state.cycle.deadline.value == now + 60 * D
    assert rungs(state) == {"evidence_disagrees": ("deadline", Severity.INFO)}
    (finding,) = state.findings
    assert [line.source for line in finding.evidence] == ["cli", "syslog"]
    assert "not" in finding.why


def test_a_derived_deadline_may_differ_by_a_day(
    said: Facts, told: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    for apart, disagrees in ((D, False), (D + 1, True)):
        facts = [*said(deadline=now + 60 * D), *told(deadline=now + 60 * D - apart)]
        assert ("evidence_disagrees" in rungs(judged(facts))) is disagrees


@pytest.mark.parametrize(("apart", "disagrees"), [(60, False), (61, True)])
def test_exact_deadlines_may_differ_by_a_minute(
    said: Facts, judged: Judged, rungs: Rungs, now: int, apart: int, disagrees: bool
) -> None:
    other = [replace(fact, source="gnmi") for fact in said(deadline=now + 60 * D - apart)]
    state = judged([*said(deadline=now + 60 * D), *other])
    assert ("evidence_disagrees" in rungs(state)) is disagrees


def test_saying_that_nothing_is_due_disagrees_with_a_deadline(
    said: Facts, told: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    facts = [*said(deadline=None), *told(deadline=now + 3 * D)]
    assert rungs(judged(facts)) == {"evidence_disagrees": ("deadline", Severity.INFO)}
    nothing = [replace(fact, source="gnmi") for fact in said(deadline=None)]
    assert rungs(judged([*said(deadline=None), *nothing])) == {}


def test_a_bound_does_not_disagree_within_the_width_of_the_zones(
    said: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    bound = said(deadline=now + 60 * D, bound=True)
    other = [replace(fact, source="gnmi") for fact in said(deadline=now + 60 * D + 25 * H)]
    assert rungs(judged([*bound, *other])) == {}


def test_a_newer_acknowledgement_voids_older_deadlines_and_pushes_of_every_source(
    said: Facts, told: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    old = [
        *told(now - 3 * D, deadline=now + D),
        *said(now - 2 * D, release="17.3.3", deadline=now + D, push=now - 4 * H, sent=now - 9 * D),
    ]
    newer = [replace(fact, source="gnmi") for fact in said(now - 60, acked=now - H)]

    assert rungs(judged(old)) != {}
    state = judged([*old, *newer])
    assert state.cycle.deadline is None
    assert state.cycle.next_push is None
    assert rungs(state) == {}


def test_an_acknowledgement_of_the_same_output_voids_nothing_in_it(
    said: Facts, judged: Judged, now: int
) -> None:
    # The device's clock may run a little ahead of ours.
    state = judged(said(now - 600, acked=now - 590, deadline=now + 30 * D, push=now + D))
    assert state.cycle.deadline is not None


def test_an_acknowledgement_after_the_deadline_itself_voids_it(
    said: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    facts = said(release="17.3.3", deadline=now - D, acked=now - H, push=None, sent=None)
    assert "ack_overdue" not in rungs(judged(facts))
    assert "ack_overdue" in rungs(judged(said(deadline=now - D, acked=now - 2 * D)))


def test_a_bound_deadline_needs_an_acknowledgement_later_than_any_zone(
    said: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    deadline = said(deadline=now - 2 * D, bound=True)
    assert "ack_overdue" in rungs(judged([*deadline, *said(acked=now - D)]))
    assert "ack_overdue" not in rungs(judged([*deadline, *said(acked=now - D + 3 * H)]))


def test_an_unauthenticated_acknowledgement_voids_only_its_own_kind(
    said: Facts, told: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    forged = told(now - 60, acked=now - 120)
    exact = said(now - D, release="17.3.3", deadline=now - H)
    derived = told(now - D, deadline=now - H)

    assert rungs(judged([*exact, *forged]))["ack_overdue"] == ("overdue", Severity.CRITICAL)
    assert "ack_overdue" not in rungs(judged([*derived, *forged]))


def test_a_datagram_may_take_the_service_down_but_not_bring_it_up(
    said: Facts, told: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    for exact, claim, down in (
        ("down", "up", True),
        ("shutdown", "up", True),
        ("up", "down", True),
        ("up", "up", False),
    ):
        state = judged([*said(now - D, sip=exact), *told(now - 60, sip=claim)])
        assert ("sip_service_down" in rungs(state)) is down


def test_an_older_datagram_yields_to_what_the_router_prints(
    said: Facts, told: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    state = judged([*told(now - D, sip="down"), *said(now - 60, sip="up")])
    assert "sip_service_down" not in rungs(state)
    assert state.sip_service == "up"


def test_what_only_syslog_knows_follows_its_newest_word(
    told: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    facts = [*told(now - D, sip="down"), *told(now - 60, sip="up")]
    assert rungs(judged(facts)) == {}
    assert rungs(judged(facts[:1])) == {"sip_service_down": ("down", Severity.CRITICAL)}


def test_compliance_is_not_restored_by_a_datagram(
    said: Facts, told: Facts, judged: Judged, now: int
) -> None:
    out = said(now - D, key="", out_of_compliance=True)
    back = told(now - 60, key="", out_of_compliance=False)
    assert judged([*out, *back]).out_of_compliance is True
    assert judged([*out, *said(now - 60, out_of_compliance=False)]).out_of_compliance is False


def test_a_bound_is_judged_at_its_earliest_and_shown_as_a_bound(
    said: Facts, judged: Judged, now: int
) -> None:
    facts = said(release="17.3.3", deadline=now + 2 * H, push=now + 100 * H, bound=True)
    finding = next(f for f in judged(facts).findings if f.rule == "ack_backstop")
    assert finding.severity is Severity.CRITICAL
    assert "at the earliest" in finding.why
    shown = [line for line in finding.evidence if line.what == "next ACK deadline"]
    assert "not before" in shown[0].value
    assert shown[0].kind == "exact, bound"


@pytest.mark.parametrize(
    ("offset", "overdue"), [(2 * H, True), (-2 * H, False), (299, False), (3599, False)]
)
def test_time_left_is_counted_on_the_devices_clock(
    said: Facts, judged: Judged, rungs: Rungs, now: int, offset: int, overdue: bool
) -> None:
    facts = said(release="17.3.3", deadline=now + H, push=now + 9 * H, offset=offset)
    state = judged(facts)
    assert ("ack_overdue" in rungs(state)) is overdue
    assert any("device time" in finding.why for finding in state.findings) is (abs(offset) > 300)


def test_a_small_skew_is_none(said: Facts, judged: Judged, rungs: Rungs, now: int) -> None:
    late = said(release="17.3.3", deadline=now - 1, offset=-300)
    assert "ack_overdue" in rungs(judged(late))
    later = said(release="17.3.3", deadline=now - 1, offset=-301)
    assert "ack_overdue" not in rungs(judged(later))


def test_a_forged_clock_wins_no_time(
    said: Facts, told: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    overdue = said(release="17.3.3", deadline=now - H)
    assert "ack_overdue" in rungs(judged([*overdue, *told(offset=-10 * D)]))
    due = said(release="17.3.3", deadline=now + H)
    assert "ack_overdue" in rungs(judged([*due, *told(offset=2 * H)]))


def test_a_deadline_from_days_is_counted_on_our_clock(
    said: Facts, told: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    facts = [*told(deadline=now + H), *said(offset=2 * H)]
    assert "ack_overdue" not in rungs(judged(facts))


def test_the_release_a_router_prints_outweighs_a_claimed_one(
    said: Facts, told: Facts, judged: Judged, now: int
) -> None:
    printed = said(now - D, release="17.03.03")
    assert judged([*printed, *told(release="17.9.4")]).release == "17.3.3"
    assert judged(told(release="17.9.4")).stopping is Stopping.NEVER
    assert judged([], release="17.6.1a").stopping is Stopping.STOPS
    assert judged([]).stopping is Stopping.MAY_STOP
    assert judged(said(release=None)).release is None
    assert judged(said(release="weird build")).release == "weird build"


_VALUES = st.one_of(st.none(), st.integers(-40, 400))


@st.composite
def _facts(draw: st.DrawFn) -> list[tuple[str, str, object, int, bool]]:
    one = st.tuples(
        st.sampled_from(["deadline", "acked", "push", "sent", "trust", "offset"]),
        st.sampled_from(["cli", "gnmi", "syslog"]),
        _VALUES,
        st.integers(-60, -1),
        st.booleans(),
    )
    return draw(st.lists(one, min_size=1, max_size=14))


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), drawn=_facts())
def test_order_and_repetition_of_facts_change_nothing(
    data: st.DataObject,
    drawn: list[tuple[str, str, object, int, bool]],
    said: Facts,
    judged: Judged,
    now: int,
) -> None:
    facts = [
        replace(
            said(now + at * H, **{name: None if value is None else now + value * H})[0],  # type: ignore[operator]  # drawn
            source=source,
            authenticated=authenticated,
            kind=FactKind.EXACT if source != "syslog" else FactKind.DERIVED,
        )
        for name, source, value, at, authenticated in drawn
    ]
    again = data.draw(st.permutations([*facts, *facts]))
    assert judged(again) == judged(facts)
