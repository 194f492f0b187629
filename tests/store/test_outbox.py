"""Pages and notices in the embedded store: written once, read in order, forgotten in time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.findings import FindingKey, Severity, Standing
from monitor.domain.instants import DAY
from monitor.domain.maintenance import Window
from monitor.domain.page import Action, Mark, Notice, NoticeState, Page, PageText, Turn, dedup_key
from monitor.domain.records import Batch
from monitor.domain.silences import Silence
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig

NOW = 1_700_000_000.0
KEY = FindingKey("ack_backstop", "3d", "küche \udcff")
PAGE = Page(
    key=KEY, opened=NOW, severity=Severity.WARNING, text=PageText(title="t", lines={"a": "b"}),
    turned=NOW, deadline=NOW + DAY, devices=("cube-1",), stops=True,
)  # fmt: skip
OVER = replace(PAGE, turn=Turn.RESOLVED, turned=NOW + 5, resolved=NOW + 5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStoreConfig(directory=tmp_path).build() as opened:
        yield opened


def notice(page: int, action: Action = Action.TRIGGER) -> Notice:
    return Notice(
        channel="hook", action=action, key=dedup_key(KEY), severity=Severity.WARNING, planned=NOW,
        title="t", text=PAGE.text, finding=KEY, page=page, before=Severity.CRITICAL,
    )  # fmt: skip


def test_a_batch_that_is_committed_again_says_nothing_twice(store: EmbeddedStore) -> None:
    batch = Batch(
        standings=[Standing(key=KEY, since=NOW, opened=NOW)],
        pages=[PAGE, replace(PAGE, turn=Turn.WORSE, turned=NOW + 1, severity=Severity.CRITICAL)],
    )
    for _ in range(2):
        store.commit(batch)
    turns = store.outbox.turns_after(0, 10)
    assert [(one.serial, one.page.turn, one.page.severity) for one in turns] == [
        (1, Turn.OPENED, Severity.WARNING), (2, Turn.WORSE, Severity.CRITICAL)
    ]  # fmt: skip
    (record,) = store.outbox.open_pages()
    assert record.page.text == PAGE.text
    assert (record.page.deadline, record.page.devices, record.page.stops) == (
        PAGE.deadline, PAGE.devices, True
    )  # fmt: skip
    assert store.outbox.turns_after(1, 10) == turns[1:]


def test_a_new_spell_is_a_new_page(store: EmbeddedStore) -> None:
    store.commit(Batch(pages=[PAGE, OVER, replace(PAGE, opened=NOW + 9, turned=NOW + 9)]))
    total, records = store.outbox.pages(limit=10, offset=0)
    assert (total, [one.page.opened for one in records]) == (2, [NOW + 9, NOW])
    assert [one.page.opened for one in store.outbox.open_pages()] == [NOW + 9]


def test_a_channel_begins_at_the_end_and_goes_on_where_it_was(store: EmbeddedStore) -> None:
    store.commit(Batch(pages=[PAGE]))
    assert store.outbox.cursor("hook") == 1
    store.commit(Batch(pages=[OVER]))
    assert store.outbox.cursor("hook") == 1
    (number,) = store.outbox.plan("hook", 2, [notice(1)])
    assert store.outbox.cursor("hook") == 2
    (waiting,) = store.outbox.waiting("hook", 10)
    (page,) = [one.page for one in store.outbox.turns_after(0, 1)]
    assert page.key.subject == "küche \\udcff"
    assert waiting == replace(notice(1), id=number, finding=KEY)
    assert store.outbox.waits("hook") == (1, NOW)
    store.outbox.failed(number, "away")
    store.outbox.settle({number: NoticeState.SENT}, NOW + 1)
    (told,) = store.outbox.told("hook", [NoticeState.SENT]).values()
    assert (told.attempts, told.done, told.error) == (2, NOW + 1, "")
    store.outbox.plan("hook", 2, [notice(1, Action.RESOLVE)])
    assert store.outbox.told("hook", list(NoticeState)) == {}


def test_what_people_say_stays(store: EmbeddedStore) -> None:
    store.commit(Batch(pages=[PAGE]))
    assert store.outbox.acknowledge(1, "anna", NOW + 1) is not None
    record = store.outbox.acknowledge(1, "bert", NOW + 2)
    assert record is not None
    assert (record.acknowledged, record.acknowledged_by) == (NOW + 1, "anna")
    assert store.outbox.acknowledge(2, "bert", NOW) is None
    store.commit(Batch(pages=[OVER]))
    assert store.outbox.acknowledge(1, "bert", NOW + 9) is None
    marked = store.outbox.mark(1, Mark.FALSE, "anna", "a drill", NOW + 3)
    assert marked is not None
    assert (marked.mark, marked.reason, marked.acknowledged_by) == (Mark.FALSE, "a drill", "anna")


def test_only_critical_pages_of_a_month_are_counted(store: EmbeddedStore) -> None:
    critical = replace(PAGE, severity=Severity.CRITICAL)
    old = replace(critical, key=KEY._replace(step="old"), opened=NOW - 31 * DAY)
    eased = replace(critical, turn=Turn.EASED, turned=NOW + 1, severity=Severity.WARNING)
    warning = replace(PAGE, key=KEY._replace(step="7d"))
    store.commit(Batch(pages=[critical, eased, old, warning]))
    figures = store.outbox.figures(NOW, 200)
    assert (figures.pages, figures.unmarked, figures.rate) == (1, 0, 0.0)
    store.commit(Batch(pages=[OVER]))
    assert store.outbox.figures(NOW, 0).unmarked == 1
    assert store.outbox.figures(NOW, 0).rate is None


def test_old_pages_are_forgotten_and_open_ones_never(store: EmbeddedStore) -> None:
    open_ = replace(PAGE, key=KEY._replace(step="7d"))
    store.commit(Batch(pages=[PAGE, OVER, open_]))
    sent, waits, other = store.outbox.plan("hook", 9, [notice(1), notice(1), notice(2)])
    store.outbox.settle({sent: NoticeState.SENT, other: NoticeState.SENT}, NOW)

    store.outbox.tidy(NOW + 91 * DAY)
    _, notices = store.outbox.notices(channel="hook", state=None, limit=9, offset=0)
    assert [one.id for one in notices] == [other, waits]
    store.outbox.tidy(NOW + 401 * DAY)
    assert [one.page.key.step for one in store.outbox.pages(limit=9, offset=0)[1]] == ["7d"]
    assert [one.page.key.step for one in store.outbox.turns_after(0, 9)] == ["7d"]


def test_windows_and_silences_keep_the_last_word(store: EmbeddedStore) -> None:
    window = Window(id="m-1", subjects=("a", "b"), start=NOW, end=NOW + 9, by="anna", reason="x")
    silence = Silence(
        id="s-1", start=NOW, end=NOW + 9, by="anna", reason="x", severity=Severity.CRITICAL,
        forced=True,
    )  # fmt: skip
    store.commit(Batch(windows=[window], silences=[silence]))
    ended = replace(window, end=NOW + 1, ended_by="bert")
    store.commit(Batch(windows=[ended], silences=[replace(silence, rule="r", severity=None)]))
    assert store.windows() == [ended]
    assert store.silences() == [replace(silence, rule="r", severity=None)]
