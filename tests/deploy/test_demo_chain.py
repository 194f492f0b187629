"""The demo, Prometheus, Alertmanager and a receiver: as a user tries it, only faster.

Changed are times alone: Prometheus reads every 2 seconds and judges each second, and the `for` and
intervals of the rules and the waits, intervals and repeats of the routes are a 40th.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.demo import Demo, demo
from tests.deploy.engines import Pace, engines, free_port
from tests.deploy.receiver import Receiver

pytestmark = pytest.mark.engine("prometheus", "prometheus-alertmanager")

PACE = Pace(faster=40, scrapes="2s")
"""Slow enough for a monitor that is taking in thirty days meanwhile."""
PAIR, ALONE = "cube-fra", "cube-ber-1"
TICKETS = {"cube-ams-1", "cube-mad-1", "cube-rom-1", "cube-osl-1", "APAC"}
WHEN = "20[0-9-]+ [0-9:]+ UTC"
STOPS = rf"CALLS STOP on {WHEN} unless a report is acknowledged before [(]2d 11h left[)]"
TITLES = {PAIR: f"CRITICAL cube-fra: cube-fra-2: {STOPS}", ALONE: f"CRITICAL cube-ber-1: {STOPS}"}
WORDS = (
    "Calls: cube-fra-2: CALLS STOP on ",
    "(pair_page, step sent_not_acknowledged:7d)",
    "Device: cube-fra-2, release 17.3.4a, stops calls at a missed deadline",
    "Pair: cube-fra: ",
    "cube-fra-1 (standby)",
    "cube-fra-2 (active)",
    "can take over",
    "Calls now: ",
    "ACK deadline: 20",
    "Last ACK: 20",
    "Last push: 20",
    "Next push: 20",
    "Transport: smart",
    "Evidence: deadline exact by cli; cli ",
    "license smart sync all",
    "Account: EMEA",
    "/docs/runbooks/pair-page.md",
)


def about(pages: list[Any]) -> Counter[str]:
    """How many pages there are of each subject."""
    return Counter(str(one["payload"].get("component", "")) for one in pages)


def tickets(receiver: Receiver) -> set[str]:
    """Whom tickets are about; the whole title where it is none of those that must have one."""
    titles = [one["attachments"][0]["title"] for one in receiver.of("/ticket")]
    return {next((one for one in TICKETS if one in title), title) for title in titles}


async def paged(receiver: Receiver) -> None:
    await receiver.wait(lambda: set(about(receiver.pages("trigger"))) >= set(TITLES), "no pages")
    await receiver.wait(lambda: tickets(receiver) >= TICKETS, "a ticket is missing")
    pages = {one["payload"].get("component", ""): one for one in receiver.pages("trigger")}
    for subject, title in TITLES.items():
        assert re.fullmatch(title, pages[subject]["payload"]["summary"])
    check_words(pages[PAIR])


def check_words(page: Mapping[str, Any]) -> None:
    text = page["payload"]["custom_details"]["text"]
    assert [words for words in WORDS if words not in text] == [], text
    assert page["payload"]["group"] == PAIR
    assert page["links"][0]["href"].endswith("/pair-page.md")


async def acknowledged(shown: Demo, receiver: Receiver) -> None:
    """Somebody types what the page says."""
    assert "cube-fra-2#" in await shown.type("license smart sync all")
    await receiver.wait(lambda: bool(receiver.pages("resolve")), "the pair's page stands")
    beats = len(receiver.of("/beat"))
    await receiver.wait(lambda: len(receiver.of("/beat")) > beats + 2, "no heartbeat")


def test_the_demo_pages_once_a_pair_and_once_a_router_and_resolves(
    tmp_path: Path, receiver: Receiver
) -> None:
    async def story() -> None:
        port = free_port()
        async with demo(tmp_path / "demo", port) as shown:
            await shown.stands()
            async with engines(tmp_path, [port], receiver, PACE):
                await paged(receiver)
                await acknowledged(shown, receiver)

    asyncio.run(story())
    assert about(receiver.pages("trigger")) == {PAIR: 1, ALONE: 1}, receiver.summary()
    assert about(receiver.pages("resolve")) == {PAIR: 1}, receiver.summary()
    assert tickets(receiver) == TICKETS
    (ended,) = receiver.pages("resolve")
    (begun,) = [one for one in receiver.pages("trigger") if one["payload"]["component"] == PAIR]
    assert ended["dedup_key"] == begun["dedup_key"]
