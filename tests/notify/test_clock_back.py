"""Our clock is set back: what is heard after that is newer than what was heard before it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.instants import DAY, HOUR
from monitor.wire import ShowCapture

DEADLINE = 1_768_435_200.0  # 2026-01-15T00:00:00Z
NOW = DEADLINE - 3 * DAY + 60
NEXT: dict[str, str] = {
    "deadline": "Feb 14 00:00:00 2026 UTC", "acked": "Jan 12 00:00:00 2026 UTC"
}  # fmt: skip


def acknowledged(capture: Any) -> ShowCapture:
    shown: ShowCapture = capture("cube-1", **NEXT)
    pushes = (
        ("Next report push: Jan 14 00:00:00", "Next report push: Feb 10 00:00:00"),
        ("Last report push: Jan 10 12:00:00", "Last report push: Jan 11 23:00:00"),
    )
    text = shown.text
    for before, after in pushes:
        text = text.replace(before, after)
    return replace(shown, text=text)


@pytest.mark.parametrize("back", [HOUR, 400 * DAY])
@pytest.mark.parametrize("restarted", [False, True])
def test_an_acknowledgement_heard_after_it_resolves_its_page_at_once(
    monitor: Any, receiver: Any, secret: str, capture: Any, *, back: float, restarted: bool
) -> None:
    hook = {"kind": "webhook", "url": receiver.url, "secret": {"env": secret}}
    notify = {"channels": [hook]}

    async def after(it: Any) -> None:
        await it.at(NOW + 60)
        await it.show(acknowledged(capture))
        await it.sent()

    async def story() -> None:
        # The clock was ahead, and judged the deadline accordingly; now it is right.
        async with monitor(notify, now=NOW + back) as it:
            await it.show(capture("cube-1"))
            await it.sent()
            if not restarted:
                return await after(it)
        async with monitor(notify, now=NOW) as it:
            return await after(it)

    asyncio.run(story())
    assert receiver.keys()
    assert receiver.keys() == receiver.keys("resolve")
