"""What a channel has to be told: pure functions of turns, open pages and what it was told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from monitor.domain.findings import FindingKey, Severity
from monitor.domain.instants import MINUTE, rfc3339, span
from monitor.domain.page import Action, Notice, NoticeState, Page, PageText, dedup_key
from monitor.domain.silences import Silence, silenced_by

_MOST_LISTED: Final = 10
_TIMES: Final = 2
"""Of the times under "When": what is left, and the first clock."""
_DIGEST: Final = "cubemon/digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """What a channel wants to hear at one moment."""

    channel: str
    severities: frozenset[Severity]
    now: float
    quiet: bool = False
    """Warnings wait until the quiet hours are over."""
    escalated: frozenset[int] = frozenset()
    """Pages (ids) that come to it because nobody acknowledged them elsewhere."""
    numbered: bool = True
    """Its receiver shows each page once: two monitors' numbers do not change its words."""
    otherwise: str = ""
    """Who is told of a page that nobody takes, and after how long."""
    silences: Sequence[Silence] = ()
    state: NoticeState = NoticeState.WAITING
    """In which new notices are: SHADOW where nothing is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """Beyond so many pages in so many seconds one digest tells the rest."""

    most: int = 10
    seconds: float = 5 * MINUTE

    @property
    def pace(self) -> float:
        """Seconds between digests."""
        return self.seconds / 5


def plan(
    ear: Ear, turns: Iterable[Page], pages: Iterable[Page], told: Mapping[int, Notice]
) -> list[Notice]:
    """Notices to queue, in order.

    `turns`: pages as they were at their turns since the last plan, so that a short one is not
    lost. `pages`: those that matter now. `told`: page id -> the last notice, where a trigger.
    """
    known = dict(told)
    notices = []
    for page in (*turns, *pages):
        notice = _next(ear, page, known.get(page.id))
        if notice is not None:
            notices.append(notice)
            if notice.action is Action.TRIGGER:
                known[page.id] = notice
            else:
                known.pop(page.id, None)
    return notices


def _next(ear: Ear, page: Page, last: Notice | None) -> Notice | None:
    if page.resolved is not None:
        return None if last is None else _resolve(ear, page, last)
    if page.severity not in ear.severities and page.id not in ear.escalated:
        eased = last is not None and page.severity < last.severity
        return _resolve(ear, page, last) if eased and last is not None else None
    if last is not None and last.severity == page.severity:
        return None
    return None if _held_back(ear, page, last) else _trigger(ear, page, last)


def _held_back(ear: Ear, page: Page, last: Notice | None) -> bool:
    waits = ear.quiet and page.severity < Severity.CRITICAL and last is None
    return waits or silenced_by(page, ear.silences, ear.now) is not None


def _trigger(ear: Ear, page: Page, last: Notice | None) -> Notice:
    title = f"ESCALATED {page.text.title}" if page.id in ear.escalated else page.text.title
    before = None if last is None else last.severity
    notice = _notice(ear, page, Action.TRIGGER, title)
    text = _with_number(page, ear.otherwise) if ear.numbered and page.id else page.text
    if page.id in ear.escalated:
        since = f"Nobody has taken it for {span(ear.now - page.opened)}."
        text = replace(text, lines={"Escalated": since, **text.lines})
    return replace(notice, before=before, text=text)


def _with_number(page: Page, otherwise: str) -> PageText:
    """What to type to take it, behind what to do."""
    words = f"Type `cubemon ack {page.id}`"
    lines = {}
    for name, said in page.text.lines.items():
        lines[name] = said
        if name == "Next":
            lines["Take it"] = f"{words}, or {otherwise}." if otherwise else f"{words}."
    return replace(page.text, lines=lines)


def _resolve(ear: Ear, page: Page, last: Notice) -> Notice:
    title = page.text.title
    if page.resolved is None:
        title = f"EASED to {page.severity.word}, still open: {title}"
    notice = _notice(ear, page, Action.RESOLVE, title)
    # The receiver closes what it was told, so it hears of that severity.
    return replace(notice, severity=last.severity, digest=last.digest, before=last.severity)


def _notice(ear: Ear, page: Page, action: Action, title: str) -> Notice:
    return Notice(
        channel=ear.channel,
        action=action,
        key=dedup_key(page.key),
        severity=page.severity,
        planned=ear.now,
        title=title,
        text=page.text,
        finding=page.key,
        devices=page.devices,
        opened=page.opened,
        resolved=page.resolved if page.turn.ends else None,
        deadline=page.deadline,
        page=page.id,
        state=ear.state,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What a channel sends next."""

    single: Sequence[Notice] = ()
    digest: Notice | None = None
    """To be queued, with its members."""
    members: Sequence[Notice] = field(default_factory=tuple)


def arrange(
    waiting: Sequence[Notice], *, recent: int, storm: Storm | None, last_digest: float, now: float
) -> Next:
    """Choose among what waits: each page in its order, the least tried first.

    `recent`: pages sent within the storm's seconds. `last_digest`: when the last one was queued.
    """
    ready = [one for one in waiting if not one.digest]
    firsts = _firsts(ready)
    triggers = [one for one in firsts if one.action is Action.TRIGGER and one.page]
    room = len(triggers) if storm is None else max(0, storm.most - recent)
    if storm is None or len(triggers) <= room:
        return Next(single=firsts)
    ranked = sorted(triggers, key=_worst)
    rest = {one.id for one in ranked[room:]}
    single = [one for one in firsts if one.id not in rest]
    if now - last_digest < storm.pace:
        return Next(single=single)
    members = [one for one in ranked if one.id in rest]
    return Next(single=single, digest=digest(members, storm, now), members=members)


def _firsts(waiting: Sequence[Notice]) -> list[Notice]:
    """The oldest of each page: it is resolved only after it was told."""
    first: dict[str, Notice] = {}
    for one in waiting:
        first.setdefault(one.key, one)
    return sorted(first.values(), key=lambda one: (one.attempts, one.id))


def _worst(notice: Notice) -> tuple[int, float, int]:
    deadline = float("inf") if notice.deadline is None else notice.deadline
    return (-notice.severity, deadline, notice.id)


def digest(members: Sequence[Notice], storm: Storm, now: float) -> Notice:
    """One notice for many: how many of what, the worst, the earliest deadlines.

    Its key names the stretch of time, so that two monitors in one storm have the same.
    """
    worst = members[0]
    start = now // storm.seconds * storm.seconds
    counts = {
        severity: sum(one.severity is severity for one in members)
        for severity in sorted({one.severity for one in members}, reverse=True)
    }
    told = ", ".join(f"{many} {severity.word}" for severity, many in counts.items())
    lines = {"Pages": f"{told}, beside those that were told by themselves", "Worst": worst.title}
    due = sorted(
        (one for one in members if one.deadline is not None),
        key=lambda one: (one.deadline or 0.0, one.id),
    )
    if due:
        lines["Earliest deadlines"] = "; ".join(_due(one) for one in due[:_MOST_LISTED])
    lines["Subjects"] = _subjects(members)
    lines["Next"] = (
        "Look for what they share, then type `cubemon status`: the worst stands first."
        " `cubemon page list` has their numbers for `cubemon ack`."
    )
    return Notice(
        channel=worst.channel,
        action=Action.TRIGGER,
        key=f"{_DIGEST}/{rfc3339(start)}",
        severity=worst.severity,
        planned=now,
        title=f"{_more(len(members))} in a storm ({told}); worst: {worst.title}"[:250],
        text=PageText(title="", lines=lines, runbook=worst.text.runbook),
        finding=FindingKey("digest", rfc3339(start), "fleet"),
        devices=tuple(dict.fromkeys(device for one in members for device in one.devices)),
        opened=now,
        deadline=due[0].deadline if due else None,
        digest="",
    )


def _more(many: int) -> str:
    return "1 more page" if many == 1 else f"{many} more pages"


def _due(notice: Notice) -> str:
    """As its own page says it: how long is left, and when that is by the clock of those on duty."""
    said = notice.text.lines.get("When", rfc3339(notice.deadline or 0.0))
    return f"{notice.finding.subject} {', '.join(said.split(', ')[:_TIMES])}"


def _subjects(members: Sequence[Notice]) -> str:
    names = list(dict.fromkeys(one.finding.subject for one in members))
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more


def ended(told: Notice, now: float) -> Notice:
    """A digest's own end, once all that it told is over."""
    return replace(
        told,
        id=0,
        action=Action.RESOLVE,
        planned=now,
        resolved=now,
        title=f"RESOLVED: {told.title}",
        text=replace(told.text, lines={"Now": "All of them are over.", **told.text.lines}),
        state=NoticeState.WAITING,
        attempts=0,
        error="",
        done=None,
    )
