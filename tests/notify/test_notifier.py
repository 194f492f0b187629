"""From a finding to a receiver on loopback: once, under one key, resolved once."""

import asyncio
from typing import Any

import pytest

from monitor.domain.instants import DAY
from monitor.domain.page import Mark
from monitor.errors import OperationError

DEADLINE = 1_768_435_200.0  # 2026-01-15T00:00:00Z
CRITICAL = "cubemon/ack_backstop/3d/cube-1"
LAST_DAY = "cubemon/ack_backstop/24h/cube-1"


def webhook(receiver: Any, secret: str, **other: Any) -> dict[str, Any]:
    return {"kind": "webhook", "url": receiver.url, "secret": {"env": secret}} | other


def test_one_page_a_rung_and_one_resolve(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    async def story() -> None:
        async with monitor(
            {"channels": [webhook(receiver, secret)]}, now=DEADLINE - 4.4 * DAY
        ) as it:
            await it.show(capture("cube-1"))
            await it.sent()
            assert receiver.told == []  # a warning only

            await it.at(DEADLINE - 3 * DAY + 60)
            await it.sent()
            assert receiver.keys() == {CRITICAL: 1}

            await it.at(DEADLINE - DAY + 60)
            await it.sent()
            assert receiver.keys() == {CRITICAL: 1, LAST_DAY: 1}
            assert receiver.keys("resolve") == {CRITICAL: 1}  # the better rung

            later = capture(
                "cube-1", deadline="Feb 14 00:00:00 2026 UTC", acked="Jan 14 23:00:00 2026 UTC"
            )
            await it.show(later)
            await it.sent()
            assert receiver.keys() == {CRITICAL: 1, LAST_DAY: 1}
            assert receiver.keys("resolve") == {CRITICAL: 1, LAST_DAY: 1}

    asyncio.run(story())


def test_two_monitors_say_one_key(monitor: Any, receiver: Any, secret: str, capture: Any) -> None:
    """Whoever counts by key, as PagerDuty does, has one page."""
    notify = {"channels": [webhook(receiver, secret)]}

    async def story() -> None:
        now = DEADLINE - 3 * DAY + 60
        async with (
            monitor(notify, now=now, name="left") as left,
            monitor(notify, now=now + 11, name="right") as right,
        ):
            for one in (left, right):
                await one.show(capture("cube-1"))
                await one.sent()

    asyncio.run(story())
    assert receiver.keys() == {CRITICAL: 2}  # each said it: at least once, whoever dies


def test_a_receiver_that_is_away_gets_everything_later(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    receiver.answers += [503, 500, 404, 401]

    async def story() -> None:
        async with monitor(
            {"channels": [webhook(receiver, secret)]}, now=DEADLINE - 3 * DAY + 60
        ) as it:
            await it.show(capture("cube-1"))
            await it.sent()
            (channel,) = it.notifier.channels()
            assert (channel.sent, channel.dead, channel.error) == (1, 0, "")
            (notice,) = it.parts.store.outbox.notices(channel=None, state=None, limit=9, offset=0)[
                1
            ]
            assert notice.attempts == 5

    asyncio.run(story())
    assert receiver.keys() == {CRITICAL: 1}


def test_poison_goes_to_the_dead_letters_and_holds_nothing_up(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    receiver.answers += [422]

    async def story() -> None:
        async with monitor(
            {"channels": [webhook(receiver, secret)]}, now=DEADLINE - 3 * DAY + 60, devices=2
        ) as it:
            await it.show(capture("cube-1"), capture("cube-2"))
            await it.sent()
            (channel,) = it.notifier.channels()
            assert (channel.sent, channel.dead) == (1, 1)
            (letter,) = it.parts.store.dead_letters(limit=9)
            assert letter.source == "notify"
            assert "answered 422" in letter.reason
            await it.planned()
            assert channel.waiting == 0  # it is not planned again and again

    asyncio.run(story())
    assert sum(receiver.keys().values()) == 1


def test_a_short_page_is_told_though_the_receiver_was_away(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    notify = {"channels": [webhook(receiver, secret)]}
    now = DEADLINE - 3 * DAY + 60

    async def story() -> None:
        async with monitor(notify, now=now) as it:
            await it.planned()  # the channel is known
        async with monitor(notify | {"shadow": False}, now=now) as it:
            receiver.answers += [503] * 5
            await it.show(capture("cube-1"))
            await it.show(
                capture(
                    "cube-1", deadline="Feb 14 00:00:00 2026 UTC", acked="Jan 14 23:00:00 2026 UTC"
                )
            )
            await it.sent()

    asyncio.run(story())
    assert [one[:2] for one in receiver.summary()] == [("trigger", CRITICAL), ("resolve", CRITICAL)]


def test_a_storm_is_one_digest_with_one_end(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    notify = {"channels": [webhook(receiver, secret)], "storm": {"pages": 3, "minutes": 5}}
    names = [f"cube-{number + 1}" for number in range(10)]

    async def story() -> None:
        async with monitor(notify, now=DEADLINE - 3 * DAY + 60, devices=10) as it:
            await it.show(*(capture(name) for name in names))
            await it.sent()
            singles = {key for key in dict(receiver.keys()) if "digest" not in key}
            (digest,) = [one.json for one in receiver.told if "digest" in one.json["key"]]
            assert len(singles) == 3
            assert digest["severity"] == "critical"
            assert digest["title"].startswith(
                "7 more pages in a storm (7 critical); worst: CRITICAL"
            )
            assert (
                "cube-9 2 days 23 h left, 2026-01-15 00:00" in digest["lines"]["Earliest deadlines"]
            )
            assert len(digest["devices"]) == 7

            good = "Feb 14 00:00:00 2026 UTC", "Jan 14 23:00:00 2026 UTC"
            for name in names:
                await it.show(capture(name, deadline=good[0], acked=good[1]))
            await it.sent()
            ends = receiver.keys("resolve")
            assert ends == dict.fromkeys([*singles, digest["key"]], 1)

    asyncio.run(story())


def test_a_digest_is_kept_over_a_restart(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    notify = {"channels": [webhook(receiver, secret)], "storm": {"pages": 1, "minutes": 5}}
    now = DEADLINE - 3 * DAY + 60

    async def story() -> None:
        async with monitor(notify, now=now, devices=3) as it:
            await it.show(*(capture(f"cube-{number + 1}") for number in range(3)))
            await it.sent()
        before = len(receiver.told)
        assert before == 2
        async with monitor(notify, now=now + 60, devices=3) as it:
            await it.judge()
            await it.sent()
            assert len(receiver.told) == before
            good = "Feb 14 00:00:00 2026 UTC", "Jan 14 23:00:00 2026 UTC"
            for number in range(3):
                await it.show(capture(f"cube-{number + 1}", deadline=good[0], acked=good[1]))
            await it.sent()

    asyncio.run(story())
    assert len(receiver.keys("resolve")) == 2


def test_what_nobody_acknowledges_goes_to_the_next(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    first = webhook(receiver, secret, name="first", escalate_to="boss", escalate_after_minutes=15)
    boss = webhook(receiver, secret, name="boss", severities=[])
    now = DEADLINE - 3 * DAY + 60

    async def story() -> None:
        async with monitor({"channels": [first, boss]}, now=now, devices=2) as it:
            await it.show(capture("cube-1"), capture("cube-2"))
            await it.sent()
            assert len(receiver.told) == 2
            page = next(
                one.page for one in it.parts.store.outbox.open_pages()
                if one.page.key.subject == "cube-1"
            )  # fmt: skip
            taken = await it.notifier.acknowledge(page.id, "anna")
            assert (taken.acknowledged, taken.acknowledged_by) == (now, "anna")

            await it.at(now + 14 * 60)
            await it.sent()
            assert len(receiver.told) == 2
            await it.at(now + 16 * 60)
            await it.sent()
            assert receiver.keys() == {CRITICAL: 1, CRITICAL.replace("cube-1", "cube-2"): 2}
            assert receiver.told[-1].json["title"].startswith("ESCALATED CRITICAL cube-2")
            (standing,) = [
                one.standing for one in it.parts.pipeline.judge_now(now + 17 * 60).findings
                if one.standing.key == page.key
            ]  # fmt: skip
            assert (standing.acknowledged, standing.notified) == (now, now)

    asyncio.run(story())


def test_warnings_wait_for_the_morning_and_criticals_do_not(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    notify = {
        "channels": [webhook(receiver, secret, severities=["critical", "warning"])],
        "zone": "Europe/Berlin",
        "quiet": {"begin": "18:00", "end": "07:00", "weekends": False},
    }
    evening = DEADLINE - 5 * DAY + 20 * 3_600  # 21:00 in Berlin

    async def story() -> None:
        async with monitor(notify, now=evening, devices=2) as it:
            await it.show(capture("cube-1"))
            await it.sent()
            (page,) = it.parts.store.outbox.open_pages()
            assert page.page.severity.word == "warning"
            assert receiver.told == []
            await it.at(evening + 9.5 * 3_600)
            await it.sent()
            assert receiver.told == []
            await it.at(evening + 10.5 * 3_600)
            await it.sent()
            assert {one.json["severity"] for one in receiver.told} == {"warning"}
            await it.at(DEADLINE - 3 * DAY + 60)  # one at night
            await it.sent()
            assert receiver.keys()[CRITICAL] == 1

    asyncio.run(story())


def test_shadow_records_and_sends_nothing_until_it_is_switched_off(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    notify = {"channels": [webhook(receiver, secret)]}
    now = DEADLINE - 3 * DAY + 60

    async def story() -> None:
        async with monitor(notify | {"shadow": True}, now=now) as it:
            await it.show(capture("cube-1"))
            await it.planned()
            total, (notice,) = it.parts.store.outbox.notices(
                channel=None, state=None, limit=9, offset=0
            )
            assert (total, notice.state.value, notice.key) == (1, "shadow", CRITICAL)
            assert "CALLS STOP" in notice.title
        assert receiver.told == []
        async with monitor(notify, now=now + 60) as it:
            await it.judge()
            await it.sent()
        assert receiver.keys() == {CRITICAL: 1}

    asyncio.run(story())


def test_a_channel_that_is_new_hears_what_is_open(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    now = DEADLINE - 3 * DAY + 60

    async def story() -> None:
        async with monitor({"channels": []}, now=now) as it:
            await it.show(capture("cube-1"))
        async with monitor({"channels": [webhook(receiver, secret)]}, now=now) as it:
            await it.judge()
            await it.sent()

    asyncio.run(story())
    assert receiver.keys() == {CRITICAL: 1}


def test_marks_are_counted(monitor: Any, receiver: Any, secret: str, capture: Any) -> None:
    async def story() -> None:
        async with monitor(
            {"channels": [webhook(receiver, secret)]}, now=DEADLINE - 3 * DAY + 60, devices=2
        ) as it:
            await it.show(capture("cube-1"), capture("cube-2"))
            first, second = (one.page.id for one in it.parts.store.outbox.open_pages())
            await it.notifier.mark(first, Mark.FALSE, "anna", "planned")
            await it.notifier.mark(second, Mark.FALSE, "anna", "")
            await it.notifier.mark(second, Mark.REAL, "bert", "it was real")
            figures = it.notifier.figures(50)
            assert (figures.pages, figures.marked_false, figures.marked_real) == (2, 1, 1)
            assert figures.rate == 2.0
            with pytest.raises(OperationError, match="no page has the number 99"):
                await it.notifier.mark(99, Mark.REAL, "anna", "")
            with pytest.raises(OperationError, match="no open page has the number 99"):
                await it.notifier.acknowledge(99, "anna")

    asyncio.run(story())


def test_a_test_says_whether_it_was_taken(monitor: Any, receiver: Any, secret: str) -> None:
    async def story() -> None:
        async with monitor({"channels": [webhook(receiver, secret)]}) as it:
            assert await it.notifier.test("webhook") == ""
            receiver.answers += [500]
            assert "answered 500" in await it.notifier.test("webhook")
            with pytest.raises(OperationError, match="no channel is called 'x': webhook"):
                await it.notifier.test("x")

    asyncio.run(story())
    assert receiver.keys() == {"cubemon/test/test/webhook": 1}
    assert receiver.keys("resolve") == {"cubemon/test/test/webhook": 1}


def test_the_ping_stands_for_a_monitor_that_judges(
    monitor: Any, receiver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUBEMON_TEST_PING", f"{receiver.url}/ping/a-secret-id")
    notify = {"heartbeat": {"url": {"env": "CUBEMON_TEST_PING"}, "every_seconds": 1}}

    async def story() -> None:
        async with monitor(notify):
            await asyncio.to_thread(receiver.wait, lambda it: len(it.told) >= 2)

    asyncio.run(story())
    assert {one.path for one in receiver.told} == {"/ping/a-secret-id"}


def test_a_ping_that_is_not_taken_is_counted(
    monitor: Any, receiver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUBEMON_TEST_PING", receiver.url)
    notify = {"heartbeat": {"url": {"env": "CUBEMON_TEST_PING"}, "every_seconds": 1}}
    receiver.answers += [500]

    async def story() -> None:
        async with monitor(notify) as it:
            await asyncio.to_thread(receiver.wait, lambda it: len(it.told) >= 1)
            beats = it.parts.instruments.pages.heartbeats
            assert beats.labels(result="failed")._value.get() == 1

    asyncio.run(story())
