"""Pages, notices, channels, maintenance windows and silences as JSON."""

from monitor.domain.maintenance import Window
from monitor.domain.page import ChannelStatus, Notice, PageFigures, PageRecord
from monitor.domain.silences import Silence
from monitor.expose.views.view import View, moment


class PageView(View):
    """One page: a spell of a finding that speaks."""

    id: int
    key: str
    """For receivers: `cubemon/rule/step/subject`."""
    rule: str
    step: str
    subject: str
    severity: str
    devices: list[str]
    title: str
    lines: dict[str, str]
    runbook: str
    opened: str | None
    turn: str
    """opened, worse, eased, resolved or replaced."""
    turned: str | None
    deadline: str | None
    resolved: str | None
    stops: bool
    """A device of it runs a release that stops calls at a missed deadline, or may."""
    acknowledged: str | None
    acknowledged_by: str
    mark: str | None
    """false or real, as an operator said afterwards."""
    marked_by: str
    reason: str


class FiguresView(View):
    """Critical pages of the last 30 days."""

    pages: int
    marked_false: int
    marked_real: int
    unmarked: int
    """Resolved without anybody acting, and nobody has said what they were."""
    devices: int
    false_per_100_devices: float | None


class PagesView(View):
    """Pages, newest first."""

    now: str | None
    total: int
    offset: int
    pages: list[PageView]
    figures: FiguresView


class NoticeView(View):
    """One telling of one page to one channel."""

    id: int
    channel: str
    action: str
    """trigger or resolve."""
    key: str
    severity: str
    title: str
    page: int | None
    planned: str | None
    state: str
    """waiting, sent, in digest, dead or shadow."""
    digest: str
    attempts: int
    error: str
    done: str | None


class NoticesView(View):
    """Notices, newest first."""

    total: int
    offset: int
    notices: list[NoticeView]


class ChannelView(View):
    """How it stands with one channel."""

    name: str
    kind: str
    shadow: bool
    waiting: int
    oldest_waiting: str | None
    sent: int
    """Since the monitor was started; so for `dead`."""
    dead: int
    error: str
    failing_since: str | None


class ChannelsView(View):
    """All channels."""

    channels: list[ChannelView]
    figures: FiguresView


class TestedView(View):
    """What came of a test."""

    channel: str
    taken: bool
    error: str


class TestsView(View):
    """Of several channels."""

    tests: list[TestedView]


class WindowView(View):
    """One maintenance window."""

    id: str
    subjects: list[str]
    start: str | None
    end: str | None
    open: bool
    by: str
    reason: str
    created: str | None
    ended_by: str


class WindowsView(View):
    """Windows, latest end first."""

    now: str | None
    maintenance: list[WindowView]


class SilenceView(View):
    """One silence."""

    id: str
    rule: str
    subject: str
    severity: str | None
    forced: bool
    """Also critical pages of releases that stop calls."""
    start: str | None
    end: str | None
    open: bool
    by: str
    reason: str
    created: str | None
    ended_by: str


class SilencesView(View):
    """Silences, latest end first."""

    now: str | None
    silences: list[SilenceView]


def page_view(record: PageRecord) -> PageView:
    """One page as the API shows it."""
    page = record.page
    rule, step, subject = page.key
    return PageView(
        id=page.id,
        key="/".join(("cubemon", *page.key)),
        rule=rule,
        step=step,
        subject=subject,
        severity=page.severity.word,
        devices=list(page.devices),
        title=page.text.title,
        lines=dict(page.text.lines),
        runbook=page.text.runbook,
        opened=moment(page.opened),
        turn=page.turn.value,
        turned=moment(page.turned),
        deadline=moment(page.deadline),
        resolved=moment(page.resolved),
        stops=page.stops,
        acknowledged=moment(record.acknowledged),
        acknowledged_by=record.acknowledged_by,
        mark=None if record.mark is None else record.mark.value,
        marked_by=record.marked_by,
        reason=record.reason,
    )


def figures_view(figures: PageFigures) -> FiguresView:
    """The count of false pages."""
    return FiguresView(
        pages=figures.pages,
        marked_false=figures.marked_false,
        marked_real=figures.marked_real,
        unmarked=figures.unmarked,
        devices=figures.devices,
        false_per_100_devices=figures.rate,
    )


def notice_view(notice: Notice) -> NoticeView:
    """One notice as the API shows it."""
    return NoticeView(
        id=notice.id,
        channel=notice.channel,
        action=notice.action.value,
        key=notice.key,
        severity=notice.severity.word,
        title=notice.title,
        page=notice.page or None,
        planned=moment(notice.planned),
        state=notice.state.value,
        digest=notice.digest,
        attempts=notice.attempts,
        error=notice.error,
        done=moment(notice.done),
    )


def channel_view(one: ChannelStatus) -> ChannelView:
    """One channel as the API shows it."""
    return ChannelView(
        name=one.name,
        kind=one.kind,
        shadow=one.shadow,
        waiting=one.waiting,
        oldest_waiting=moment(one.oldest),
        sent=one.sent,
        dead=one.dead,
        error=one.error,
        failing_since=moment(one.failing_since),
    )


def window_view(window: Window, now: float) -> WindowView:
    """One window as the API shows it."""
    return WindowView(
        id=window.id,
        subjects=list(window.subjects),
        start=moment(window.start),
        end=moment(window.end),
        open=window.covers(now),
        by=window.by,
        reason=window.reason,
        created=moment(window.created),
        ended_by=window.ended_by,
    )


def silence_view(silence: Silence, now: float) -> SilenceView:
    """One silence as the API shows it."""
    return SilenceView(
        id=silence.id,
        rule=silence.rule,
        subject=silence.subject,
        severity=None if silence.severity is None else silence.severity.word,
        forced=silence.forced,
        start=moment(silence.start),
        end=moment(silence.end),
        open=silence.covers(now),
        by=silence.by,
        reason=silence.reason,
        created=moment(silence.created),
        ended_by=silence.ended_by,
    )
