"""From a finding to a receiver on loopback: once, under one key, resolved once."""

import asyncio
from typing import Any

from monitor.domain.instants import DAY

DEADLINE = 1_768_435_200.0  # 2026-01-15T00:00:00Z
CRITICAL = "cubemon/ack_backstop/3d/cube-1"
LAST_DAY = "cubemon/ack_backstop/24h/cube-1"


def webhook(receiver: Any, secret: str, **other: Any) -> dict[str, Any]:
    return {"kind": "webhook", "url": receiver.url, "secret": {"env": secret}} | other


def test_one_page_a_rung_and_one_resolve(
    monitor: Any, receiver: Any, secret: str, capture: Any
) -> None:
    async def story() -> None:
        async with monitor({"channels": [webhook(receiver, secret)]}, now=DEADLINE - 4.4 * DAY) as it:
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
    for one in receiver.told:
        print(one.json["title"], one.json["text"])
