"""The listing of usage reports of a virtual CUBE reads back, and loses nothing over the months."""

from monitor.domain.instants import DAY, HOUR
from monitor.domain.rum import RumKey, RumListing, RumNote, RumState, fold, joined
from monitor.domain.rum_ledger import ledger
from monitor.lab.agent import Pushing, Unanswered
from monitor.lab.usage_reports import listing, lists_reports
from monitor.parse import show
from monitor.parse.rum_listing import listed

BORN = 1_700_006_400
TAGS = ("CUBE_T_ENH", "CUBE_T_STD")


def test_a_router_polled_daily_loses_no_report() -> None:
    cycle = Pushing(
        first_push=BORN + 10 * DAY, interval_days=30, deadline_days=90, trusted_since=BORN
    )
    sheet: dict[RumKey, RumNote] = {}
    seen: RumListing | None = None
    for day in range(15, 100):
        now = BORN + day * DAY + HOUR
        outputs = show.read(listing(BORN, TAGS, cycle.state(now), now))
        found = listed(outputs, device="cube-1", received=now, whole=True)
        fold(sheet, found.notes)
        seen = joined(seen, found.listings[0])
    last_ack = cycle.state(BORN + 99 * DAY + HOUR).last_ack
    read = ledger("cube-1", sheet.values(), seen, last_ack)
    assert read.gaps == ()
    assert read.counts[RumState.LOST] == 0
    assert read.counts[RumState.OPEN] == 2
    assert read.counts[RumState.ACKNOWLEDGED] > 100


def test_reports_pile_up_where_nobody_answers() -> None:
    cycle = Unanswered(
        last_ack=BORN, deadline=BORN + DAY, last_push=BORN + 30 * DAY, trusted_since=BORN,
        interval_days=30,
    )  # fmt: skip
    now = BORN + 40 * DAY + HOUR
    text = listing(BORN, TAGS, cycle.state(now), now)
    assert [text.count(f" {state} ") for state in ("UNACK", "CLOSED", "OPEN")] == [60, 20, 2]


def test_older_releases_do_not_know_the_command() -> None:
    assert [lists_reports(one) for one in ("17.3.2", "17.9.4a", "x")] == [False, True, False]
