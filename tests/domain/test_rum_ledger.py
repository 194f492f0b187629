"""The ledger of usage reports: folding in any order, states, gaps, what CSSM can know."""

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.rum import (
    RISING,
    RumKey,
    RumListing,
    RumMeasurement,
    RumNote,
    RumSource,
    RumState,
    fold,
    joined,
)
from monitor.domain.rum_ledger import GapKind, RumLedger, ledger, short_tag

T0 = 1_706_918_400
DAY = 86_400
REGID = "regid.2019-04.com.cisco.CUBE_T_STD,1.0_00000000-0000-4000-8000-000000000001"
OPEN, CLOSED, SENT, ACKED, LOST = RumState


def note(report_id: int, state: RumState = CLOSED, seen: float = T0, **more: Any) -> RumNote:
    plain = RumNote(
        subject="cube-1",
        report_id=report_id,
        source=RumSource.LISTING,
        state=state,
        seen=seen,
        first=seen,
        feature="CUBE_T_STD",
    )
    return replace(plain, **more)


def filed(report_id: int, *values: int, start: int = T0, **more: Any) -> RumNote:
    measured = tuple(
        RumMeasurement(start=start + at * DAY, end=start + (at + 1) * DAY, value=value, samples=96)
        for at, value in enumerate(values)
    )
    plain = {"source": RumSource.FILE, "feature": "", "entitlement": REGID, "piece": "ab"}
    return note(report_id, measurements=measured, metric="ENTITLEMENT", **(plain | more))


def listing(last: float, *, first: float = 0, first_highest: int = 0) -> RumListing:
    return RumListing(
        subject="cube-1", first=first or last, first_highest=first_highest, last=last, count=1
    )


def states(found: RumLedger) -> dict[int, RumState]:
    return {one.report_id: one.state for one in found.reports}


NOTES = st.builds(
    note,
    st.integers(1, 3),
    st.sampled_from(RISING),
    st.integers(T0, T0 + 3).map(float),
    source=st.sampled_from(RumSource),
    feature=st.sampled_from(["a", "b"]),
)


@given(st.lists(NOTES, max_size=12), st.randoms(use_true_random=False))
def test_folding_is_the_same_in_any_order_and_with_repetition(
    notes: list[RumNote], chance: random.Random
) -> None:
    one: dict[RumKey, RumNote] = {}
    fold(one, notes)
    mixed = notes + notes[: len(notes) // 2]
    chance.shuffle(mixed)
    other: dict[RumKey, RumNote] = {}
    for at in range(0, len(mixed), 3):
        fold(other, mixed[at : at + 3])
    assert one == other
    assert fold(other, notes) == []
    assert ledger("cube-1", one.values()) == ledger("cube-1", reversed(list(other.values())))


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 5)), min_size=1, max_size=6))
def test_listings_join_in_any_order(seen: list[tuple[int, int]]) -> None:
    every = [
        RumListing(subject="c", first=at, first_highest=high, last=at, count=high)
        for at, high in seen
    ]
    forth = back = None
    for one, other in zip(every, reversed(every), strict=True):
        forth, back = joined(forth, one), joined(back, other)
    assert forth == back
    assert forth is not None
    assert (forth.first, forth.last) == (min(seen)[0], max(seen)[0])


def test_a_report_rises_and_never_falls_back() -> None:
    notes = [note(1, ACKED, T0), note(1, OPEN, T0 + 9), note(2, SENT), note(3, OPEN)]
    found = ledger("cube-1", notes)
    assert states(found) == {1: ACKED, 2: SENT, 3: OPEN}
    assert dict(found.counts) == {OPEN: 1, CLOSED: 0, SENT: 1, ACKED: 1, LOST: 0}
    assert (found.reports[0].first_seen, found.reports[0].last_seen) == (T0, T0 + 9)


@pytest.mark.parametrize(
    ("state", "listed", "last_ack", "expected"),
    [
        (CLOSED, None, None, CLOSED),  # nobody ever listed all of them
        (CLOSED, T0 - 1, None, CLOSED),  # it came after the listing
        (CLOSED, T0, None, CLOSED),
        (CLOSED, T0 + 9, None, LOST),
        (OPEN, T0 + 9, None, LOST),
        (SENT, T0 + 9, T0 - 1, LOST),  # the acknowledgement came before, and not for this one
        (SENT, T0 + 9, T0 + 5, ACKED),
        (SENT, T0 + 9, T0 + 10, LOST),  # it came after the report was gone
        (ACKED, T0 + 9, None, ACKED),
    ],
)
def test_what_vanished_from_a_complete_listing_without_an_acknowledgement_is_lost(
    state: RumState, listed: float | None, last_ack: float | None, expected: RumState
) -> None:
    seen = None if listed is None else listing(listed)
    found = ledger("cube-1", [note(1, state)], seen, last_ack)
    assert states(found) == {1: expected}


def test_a_report_that_came_back_is_not_lost() -> None:
    notes = [note(1, CLOSED, T0), note(1, CLOSED, T0 + 20)]
    assert states(ledger("cube-1", notes, listing(T0 + 9))) == {1: CLOSED}


def test_ids_that_never_appeared_are_told_and_counted_where_they_must_be_lost() -> None:
    notes = [note(T0 + at) for at in (0, 1, 4, 8)]
    (first, second) = ledger("cube-1", notes).gaps
    assert (first.kind, first.count, first.lost) == (GapKind.IDS, 2, 0)
    assert (first.after, first.before, second.count) == (T0 + 1, T0 + 4, 3)
    # We looked when +2 was the highest: what came after and never appeared is lost.
    watched = listing(T0, first_highest=T0 + 2)
    found = ledger("cube-1", notes, watched)
    assert [gap.lost for gap in found.gaps] == [1, 3]
    assert found.counts[LOST] == 4
    assert "never appeared" in found.gaps[0].text
    # Except where something later was acknowledged: then the router may have dropped them.
    found = ledger("cube-1", [*notes, note(T0 + 8, ACKED)], watched)
    assert [gap.lost for gap in found.gaps] == [0, 0]


def test_a_leap_in_ids_is_a_new_beginning() -> None:
    notes = [note(T0), note(T0 + 1_002)]
    assert ledger("cube-1", notes, listing(T0, first_highest=1)).gaps == ()
    assert len(ledger("cube-1", [note(T0), note(T0 + 1_001)]).gaps) == 1


def test_times_that_no_report_covers_and_times_that_two_cover() -> None:
    notes = [
        filed(1, 5, 7, start=T0),
        filed(2, 6, start=T0 + 2 * DAY + 900),
        filed(3, 6, start=T0 + 4 * DAY),
        filed(4, 6, start=T0 + 5 * DAY - 61),
        filed(5, 6, start=T0 + 6 * DAY - 121),
        filed(6, entitlement="regid.2019-04.com.cisco.CUBE_T_ENH,1.0_1"),
    ]
    gaps = ledger("cube-1", notes).gaps
    told = [(gap.kind, gap.after, gap.before, gap.count) for gap in gaps]
    assert told == [
        (GapKind.TIME, 2, 3, DAY - 900),
        (GapKind.OVERLAP, 3, 4, 61),
    ]


def test_a_clock_that_was_set_is_told_with_what_it_did() -> None:
    turned = filed(1, 5)
    measured = replace(turned.measurements[0], clock_change=-3_433, close_reason="ProductReload")
    notes = [replace(turned, measurements=(measured,)), filed(2, 5, start=T0 + DAY - 3_433)]
    clock, overlap = ledger("cube-1", notes).gaps
    assert (clock.kind, clock.count) == (GapKind.CLOCK, 3_433)
    assert (overlap.kind, overlap.count) == (GapKind.OVERLAP, 3_433)
    assert "set by -3433 s" in overlap.text
    report = ledger("cube-1", notes).reports[0]
    assert (report.reasons, report.clock_change) == (("ProductReload",), -3_433)


def test_the_better_informed_source_says_what_a_report_holds() -> None:
    detail = note(1, SENT, T0 + 5, source=RumSource.DETAIL, entitlement=REGID, reason="REPORTING",
                  start=T0, end=T0 + 9, previous=7, following=8)  # fmt: skip
    (one,) = ledger("cube-1", [filed(1, 5, 9, 7), note(1, OPEN), detail]).reports
    assert (one.tag, one.state, one.value, one.peak, one.samples) == ("CUBE_T_STD", SENT, 7, 9, 288)
    assert (one.start, one.end) == (T0, T0 + 3 * DAY)
    assert (one.previous, one.following, one.piece, one.reasons) == (7, 8, "ab", ("REPORTING",))
    assert one.sources == ("file", "detail", "listing")


def test_what_cssm_can_know() -> None:
    notes = [
        filed(1, 5),
        note(1, ACKED),
        filed(2, 9, 8, start=T0 + DAY),
        filed(3, 4, start=T0 + 3 * DAY, piece=""),
        note(4, OPEN),
        note(5, metric="TELEMETRY", entitlement="x"),
    ]
    (told,) = ledger("cube-1", notes).told
    assert (told.tag, told.value, told.until) == ("CUBE_T_STD", 5, T0 + DAY)
    assert (told.waiting, told.waiting_since, told.waiting_peak, told.held) == (3, T0 + DAY, 9, 1)
    (nothing,) = ledger("cube-1", [note(1)]).told
    assert (nothing.value, nothing.until, nothing.waiting) == (None, None, 1)
    (bound,) = ledger("cube-1", [note(1, ACKED)], None, T0 + 5).told
    assert (bound.acknowledged, bound.until) == (1, None)
    assert ledger("cube-1", [note(1, ACKED)], None, T0 + 5).last_ack == T0 + 5


def test_an_acknowledgement_of_a_report_nobody_saw_is_kept() -> None:
    (one,) = ledger("cube-1", [note(9, ACKED, source=RumSource.ACK, feature="")]).reports
    assert (one.state, one.tag, one.start, one.value) == (ACKED, "", None, None)


def test_other_texts_than_regids_stay() -> None:
    assert short_tag("DNA advantage") == "DNA advantage"
    assert short_tag("regid.2018-06.com.cisco.DNA_NWStack,1.0_e7") == "DNA_NWStack"
