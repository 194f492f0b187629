"""Section 6: sources that fall silent or disagree, and routers that report nothing."""

from collections.abc import Iterator

from tests.rules.generated.sections.router import Router
from tests.rules.generated.sections.rows import INFO, WARNING, Row
from tests.rules.generated.story import DAY, HOUR, MINUTE, Said


def shown(router: Router) -> Iterator[Row]:
    """For information: sources that disagree on D, and routers that report nothing."""
    said = router.not_voided("deadline")
    best = router.best(said)
    if best is not None and any(apart(best, one) for one in said if one is not best):
        yield Row(INFO, "evidence_disagrees", "deadline")
    if router.fact("interval") == 0 and router.left is None:
        yield Row(INFO, "no_reporting", "interval")


def apart(one: Said, other: Said) -> bool:
    """Disagreement beyond one day (derived) or one minute (exact)."""
    first, second = one.facts["deadline"], other.facts["deadline"]
    if not isinstance(first, int) or not isinstance(second, int):
        return first is not second
    both = one.exact and other.exact
    return abs(first - second) > (MINUTE if both else DAY)


def patience(router: Router, source: str, seen: int) -> int:
    """A poll is late after 3 intervals; licence requests may be 7 days apart."""
    if source in ("syslog", "trap"):
        return 8 * DAY
    if source == "snmp":
        return 3 * 15 * MINUTE
    if source == "gnmi":
        return 3 * 5 * MINUTE
    said = router.deadline_said
    due = None if said is None else said.facts["deadline"]
    near = isinstance(due, int) and due - seen <= 14 * DAY
    return 3 * HOUR if near else 18 * HOUR


def silent(router: Router) -> dict[str, bool]:
    """Source that ever spoke -> whether it is late."""
    spoke = {one.source for one in router.story.said if one.device == router.name}
    spoke = {s for s in spoke if any(o.at <= router.now for o in _of(router, s))}
    since = {
        one.source: one.at
        for one in router.story.silences
        if one.device == router.name and one.at <= router.now
    }
    return {
        source: source in since
        and router.now > since[source] + patience(router, source, since[source])
        for source in spoke
    }


def _of(router: Router, source: str) -> list[Said]:
    own = [one for one in router.story.said if one.device == router.name]
    return [one for one in own if one.source == source]


def stale(router: Router) -> Iterator[Row]:
    """Stale data is a warning of its own."""
    late = silent(router)
    exact = [late[one] for one in ("cli", "gnmi") if one in late]
    polled = exact or [late[one] for one in ("snmp",) if one in late]
    words = [late[one] for one in ("syslog", "trap") if one in late]
    if polled and all(polled):
        yield Row(WARNING, "stale_data", "poll")
    elif words and all(words):
        yield Row(INFO if exact else WARNING, "stale_data", "syslog")
