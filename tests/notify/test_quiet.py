"""Silences, maintenance and upgrades: what is held back, what is not, and what is said after."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.instants import DAY
from monitor.domain.maintenance import Window
from monitor.domain.silences import Silence
from monitor.errors import OperationError

DEADLINE = 1_768_435_200.0  # 2026-01-15T00:00:00Z
CRITICAL = "cubemon/ack_backstop/3d/cube-1"


def webhook(receiver: Any, secret: str, **other: Any) -> dict[str, Any]:
    return {"kind": "webhook", "url": receiver.url, "secret": {"env": secret}} | other


def test_a_silence_holds_a_page_back_until_it_ends(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    notify = {"channels": [webhook(receiver, secret, severities=["critical", "warning"])]}
    now = DEADLINE - 6.9 * DAY

    async def story() -> None:
        async with monitor(notify, now=now) as it:
            asked = Silence(
                id="", start=now, end=now + 4 * DAY, by="anna", reason="known", subject="cube-*"
            )
            silence = await it.notifier.silence(asked)
            await it.show(capture("cube-1"))
            await it.sent()
            assert len(it.parts.store.outbox.open_pages()) == 1
            assert receiver.told == []
            # Critical on a release that stops calls: not without force.
            await it.at(DEADLINE - 3 * DAY + 60)
            await it.sent()
            assert receiver.keys() == {CRITICAL: 1}
            assert silence.id in [one.id for one in it.notifier.silences()]
            await it.notifier.end_silence(silence.id, "anna")
        async with monitor(notify, now=now) as it:
            (kept,) = it.notifier.silences()
            assert (kept.by, kept.ended_by, kept.reason) == ("anna", "anna", "known")

    asyncio.run(story())


def test_maintenance_hides_the_warning_and_not_the_page(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    notify = {"channels": [webhook(receiver, secret, severities=["critical", "warning"])]}
    now = DEADLINE - 6.9 * DAY

    async def story() -> None:
        async with monitor(notify, now=now) as it:
            asked = Window(id="", subjects=("cube-1",), start=now, end=now + 4 * DAY, by="anna")
            window = await it.notifier.maintain(asked)
            await it.show(capture("cube-1"))
            await it.sent()
            (found,) = [
                one.finding for one in it.parts.pipeline.judge_now(now).findings
                if one.finding.severity.word == "warning" and not one.finding.inhibited_by
            ]  # fmt: skip
            assert found.hidden_by == window.id
            assert receiver.told == []
            await it.at(DEADLINE - 3 * DAY + 60)
            await it.sent()
            assert receiver.keys() == {CRITICAL: 1}
        async with monitor(notify, now=now) as it:
            assert [one.id for one in it.notifier.windows()] == [window.id]
            await it.notifier.end_window(window.id, "bert")
            await it.judge()
            await it.sent()

    asyncio.run(story())


def test_an_upgrade_eases_a_page_and_does_not_call_it_resolved(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    page = webhook(receiver, secret, name="page")
    ticket = webhook(receiver, secret, name="ticket", severities=["warning"])

    async def story() -> None:
        async with monitor({"channels": [page, ticket]}, now=DEADLINE - 3 * DAY + 60) as it:
            await it.show(capture("cube-1"))
            await it.sent()
            await it.show(capture("cube-1", release="17.9.4a"))
            await it.sent()

    asyncio.run(story())
    words = [
        (one.json["action"], one.json["severity"], one.json["resolved"]) for one in receiver.told
    ]
    assert words[0] == ("trigger", "critical", None)
    assert sorted(words[1:], key=str) == [
        ("resolve", "critical", None), ("trigger", "warning", None)
    ]  # fmt: skip
    (eased,) = [one.json for one in receiver.told if one.json["action"] == "resolve"]
    assert eased["title"].startswith("EASED to warning, still open")


def test_off_by_default_and_windows_work_all_the_same(monitor: Any, capture: Any) -> None:
    now = DEADLINE - 3 * DAY + 60

    async def story() -> None:
        async with monitor(None, now=now) as it:
            await it.show(capture("cube-1"))
            assert it.notifier.channels() == []
            assert it.parts.store.outbox.open_pages() == []
            asked = Window(id="", subjects=("cube-1",), start=now, end=now + DAY, by="anna")
            await it.notifier.maintain(asked)
            assert len(it.notifier.windows()) == 1

    asyncio.run(story())


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [(0, -1, "not after its start"), (0, 8, "7 days at most"), (5, 4, "not after its start")],
)
def test_a_silence_has_bounds(monitor: Any, start: float, end: float, why: str) -> None:
    now = DEADLINE

    async def story() -> None:
        async with monitor(None, now=now) as it:
            asked = Silence(
                id="", start=now + start * DAY, end=now + end * DAY, by="a", reason="b", rule="c"
            )
            with pytest.raises(OperationError, match=why):
                await it.notifier.silence(asked)
            with pytest.raises(OperationError, match="say why"):
                await it.notifier.silence(replace(asked, reason=""))
            with pytest.raises(OperationError, match="silence of all"):
                await it.notifier.silence(replace(asked, rule=""))
            with pytest.raises(OperationError, match="no silence 'x'"):
                await it.notifier.end_silence("x", "a")
            with pytest.raises(OperationError, match="no maintenance window 'x'"):
                await it.notifier.end_window("x", "a")

    asyncio.run(story())
