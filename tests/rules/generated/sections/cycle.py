"""Section 3: the rows of the acknowledgement cycle that are true now, and which of them speaks."""

from collections.abc import Iterator
from typing import Final

from tests.rules.generated.sections.router import Router
from tests.rules.generated.sections.rows import CRITICAL, INFO, WARNING, Row
from tests.rules.generated.story import DAY, HOUR, MINUTE

WORST: Final = (CRITICAL, WARNING, INFO)
WHO_SPEAKS: Final = (
    "ack_overdue",
    "push_planned_too_late",
    "never_acknowledged",
    "push_overdue",
    "sent_not_acknowledged",
    "no_room_to_retry",
    "pull_due",
    "cycle_unknown",
    "ack_backstop",
    "communication_failed",
)
"""Where two rows are equally bad (docs/judgement.md)."""


def by(router: Router, stops: str, goes_on: str) -> str:
    """The severity of the last two columns."""
    return stops if router.stops else goes_on


def rows(router: Router) -> Iterator[Row]:
    """Every row of the table that is true now."""
    yield from failure(router)
    if not router.judged:
        return
    left = router.left
    yield from push_overdue(router, left)
    yield from not_acknowledged(router, left)
    if left is None:
        return
    if left < 0:
        yield passed(router)
        return
    yield from planned_too_late(router, left)
    yield from no_room(router, left)
    yield from backstop(router, left)
    yield from unknown(router, left)
    yield from pull(router, left)
    yield from never(router, left)


def passed(router: Router) -> Row:
    """`overdue`, and `overdue, derived only`."""
    if router.exact:
        return Row(by(router, CRITICAL, WARNING), "ack_overdue", "overdue")
    return Row(by(router, WARNING, INFO), "ack_overdue", "unknown")


def late_plan(router: Router, left: int, rule: str) -> Row:
    """Critical from 14 days before D, warning before; warning."""
    if router.stops and left <= 14 * DAY:
        return Row(CRITICAL, rule, "14d")
    return Row(WARNING, rule, "planned")


def planned_too_late(router: Router, left: int) -> Iterator[Row]:
    """P > D."""
    planned = router.planned
    if planned is not None and planned > left + router.clock(exact=router.exact):
        yield late_plan(router, left, "push_planned_too_late")


def no_room(router: Router, left: int) -> Iterator[Row]:
    """0 <= D - P < 24 h."""
    if router.planned is None:
        return
    room = left + router.clock(exact=router.exact) - router.planned
    if not 0 <= room < 24 * HOUR:
        return
    if not router.stops:
        yield Row(INFO, "no_room_to_retry", "standing")
    elif left <= 24 * HOUR:
        yield Row(CRITICAL, "no_room_to_retry", "24h")
    else:
        yield Row(WARNING, "no_room_to_retry", "standing")


def seven_days(router: Router, left: int | None, rule: str, else_step: str) -> Row:
    """Warning; critical when D - now <= 7 d on a release that stops. Warning."""
    near = left is not None and left <= 7 * DAY and (left >= 0 or router.exact)
    if router.stops and near:
        return Row(CRITICAL, rule, "7d")
    return Row(WARNING, rule, else_step)


def push_overdue(router: Router, left: int | None) -> Iterator[Row]:
    """now > P + 2 h and L not after P."""
    planned, sent = router.planned, router.sent
    if planned is None or router.clock(exact=True) <= planned + 2 * HOUR:
        return
    if sent is None or sent <= planned:
        yield seven_days(router, left, "push_overdue", "late")


def not_acknowledged(router: Router, left: int | None) -> Iterator[Row]:
    """L > A and now - L > 48 h."""
    sent = router.sent
    if sent is not None and router.waits and router.clock(exact=True) - sent > 48 * HOUR:
        yield seven_days(router, left, "sent_not_acknowledged", "sent")


def backstop(router: Router, left: int) -> Iterator[Row]:
    """3 d, warning from 7 d, while L > A or now > P; on a release that stops always at 24 h."""
    if router.stops and left <= 24 * HOUR:
        yield Row(CRITICAL, "ack_backstop", "24h")
        return
    # A healthy push is acknowledged within 5 minutes (docs/judgement.md).
    planned = router.planned
    gone = planned is not None and router.clock(exact=True) > planned + 5 * MINUTE
    if not (router.waits or gone):
        return
    if left <= 3 * DAY:
        yield Row(by(router, CRITICAL, WARNING), "ack_backstop", "3d")
    elif left <= 7 * DAY and router.stops:
        yield Row(WARNING, "ack_backstop", "7d")


def unknown(router: Router, left: int) -> Iterator[Row]:
    """Only D known: 14 d, 3 d."""
    known = [router.knows(name) for name in ("pushed", "pulled", "written")]
    if any(known) or router.not_voided("planned") or router.no_push:
        return
    if left <= 3 * DAY:
        yield Row(by(router, CRITICAL, WARNING), "cycle_unknown", "3d")
    elif left <= 14 * DAY:
        yield Row(by(router, WARNING, INFO), "cycle_unknown", "14d")


def pull(router: Router, left: int) -> Iterator[Row]:
    """No push is planned: 30, 14, 7, 3 d."""
    if not router.no_push:
        return
    if left <= 3 * DAY:
        yield Row(by(router, CRITICAL, WARNING), "pull_due", "3d")
    elif left <= 7 * DAY:
        yield Row(by(router, CRITICAL, WARNING), "pull_due", "7d")
    elif left <= 14 * DAY:
        yield Row(by(router, WARNING, WARNING), "pull_due", "14d")
    elif left <= 30 * DAY:
        yield Row(by(router, INFO, INFO), "pull_due", "30d")


def never(router: Router, left: int) -> Iterator[Row]:
    """A none, L none, trust code none: as "push planned too late"."""
    said = all(router.knows(name) for name in ("acked", "pushed", "trust"))
    if said and router.acked is None and router.sent is None and router.fact("trust") is False:
        yield late_plan(router, left, "never_acknowledged")


def failing(router: Router) -> bool:
    """A communication failure stands: the newest word, unless an ACK came since."""
    said = router.told("communication")
    newest = max(said, key=lambda one: one.at, default=None)
    if newest is None or newest.facts["communication"] != "failed":
        return False
    return router.acked is None or router.acked - router.skew <= newest.at


def failure(router: Router) -> Iterator[Row]:
    """It pages within 7 days of a D that stops calls; for information where nothing is due."""
    if not failing(router):
        return
    left = router.left
    row = seven_days(router, left, "communication_failed", "failed")
    harmless = not router.judged and not router.before_policy
    yield Row(INFO, row.rule, row.step) if harmless and row.severity == WARNING else row


def speaker(router: Router, found: list[Row]) -> Row | None:
    """One row for one deadline: the worst; the last day pages once more (docs/judgement.md)."""

    def place(row: Row) -> tuple[int, bool, int]:
        return WORST.index(row.severity), row.step != "24h", WHO_SPEAKS.index(row.rule)

    return min(found, key=place, default=None)
