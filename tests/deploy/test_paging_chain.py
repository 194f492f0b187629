"""From a finding to the phone with the real ones: monitors, Prometheus, Alertmanager, a receiver.

Routes, groups, inhibition, receivers and words are the shipped ones; times are a hundredth or so,
and addresses are ours.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.instants import HOUR
from tests.deploy.engines import engines
from tests.deploy.monitors import Monitor, two_monitors
from tests.deploy.receiver import Receiver
from tests.deploy.routers import doomed, saved, status

pytestmark = pytest.mark.engine("prometheus", "prometheus-alertmanager")
WHEN = "20[0-9-]+ [0-9:]+ UTC"
TITLES = {
    "cube-3": rf"CRITICAL cube-3: CALLS STOP on {WHEN} unless .+ [(]2d 2[123]h left[)]",
    "cube-5": rf"CRITICAL cube-5: CALLS STOP: .+ deadline passed on {WHEN}, 2h ago",
    "cube-6": rf"CRITICAL cube-6: CALLS MAY STOP on {WHEN} unless .+ [(]2d 2[123]h left[)]",
}
NOBODY = "CubeMonitorAbsent"


def about(page: Mapping[str, Any]) -> str:
    """Its subject; empty where it is about the monitor itself."""
    return str(page["payload"].get("component", ""))


def subjects(pages: list[Any]) -> Counter[str]:
    return Counter(about(one) for one in pages)


def keys(receiver: Receiver, subject: str) -> list[str]:
    """Of the incidents about a subject, in the order in which they were opened."""
    told = [one["dedup_key"] for one in receiver.pages("trigger") if about(one) == subject]
    return list(dict.fromkeys(told))


def ended(receiver: Receiver) -> set[str]:
    return {one["dedup_key"] for one in receiver.pages("resolve")}


def kinds(receiver: Receiver) -> set[str]:
    return {one["payload"]["class"] for one in receiver.pages("trigger")}


def check_words(page: Mapping[str, Any]) -> None:
    """Judgement of a page: what it must say."""
    title, text = page["payload"]["summary"], page["payload"]["custom_details"]["text"]
    assert re.fullmatch(
        rf"CRITICAL edge: cube-1: CALLS STOP on {WHEN}"
        r" unless a report is acknowledged before [(]2d 2[123]h left[)]",
        title,
    ), title
    for words in (
        "Calls: cube-1: CALLS STOP on ",
        "(pair_page, step ack_backstop:3d)",
        "Device: cube-1, release 17.3.2, stops calls at a missed deadline",
        "Pair: edge:",
        "cube-1 (active)",
        "cube-2 (standby)",
        "can take over",
        "Calls now: unknown",
        "ACK deadline: 20",
        "Last ACK: 20",
        "Last push: 20",
        "Next push: 20",
        "Transport: smart",
        "Evidence: deadline exact by cli; cli ",
        "Next: Type `license smart sync all` now",
        "Account: Voice Edge",
        "Runbook: https://example.com/cube-license-monitor/docs/runbooks/pair-page.md",
    ):
        assert words in text, text
    assert page["payload"]["severity"] == "critical"
    assert page["links"][0]["href"].endswith("/pair-page.md")


async def told(receiver: Receiver) -> None:
    """One page a pair and one a router; what stops no calls is a ticket."""
    await receiver.wait(
        lambda: set(subjects(receiver.pages("trigger"))) == {"edge", *TITLES}, "no pages"
    )
    pages = {about(one): one for one in receiver.pages("trigger")}
    check_words(pages["edge"])
    for subject, title in TITLES.items():
        assert re.fullmatch(title, pages[subject]["payload"]["summary"])
    await receiver.wait(lambda: bool(receiver.of("/ticket")), "no ticket")


async def worse(receiver: Receiver, monitors: list[Monitor]) -> None:
    """The next rung is an incident of its own; the one before it ends."""
    for one in monitors:
        await one.show(status("cube-3", 20 * HOUR, acked=False))
    await receiver.wait(lambda: len(keys(receiver, "cube-3")) == 2, "the worse rung is silent")
    first = keys(receiver, "cube-3")[0]
    await receiver.wait(lambda: first in ended(receiver), "the rung before it stands")


async def better(receiver: Receiver, monitors: list[Monitor]) -> None:
    for one in monitors:
        await one.show(*saved())
    (key,) = keys(receiver, "edge")
    await receiver.wait(lambda: key in ended(receiver), "the pair's page stands")


async def dead(receiver: Receiver, monitors: list[Monitor]) -> None:
    """Somebody is told that nobody watches, and nothing is called resolved for it."""
    before = len(receiver.pages("resolve"))
    for one in monitors:
        await one.stop()
    await receiver.wait(lambda: NOBODY in kinds(receiver), "nobody is told that none is left")
    beats = len(receiver.of("/beat"))
    await receiver.wait(lambda: len(receiver.of("/beat")) > beats + 2, "no heartbeat")
    assert len(receiver.pages("resolve")) == before


def test_one_page_a_pair_from_two_monitors_resolved_once(
    tmp_path: Path, receiver: Receiver
) -> None:
    async def story() -> None:
        async with two_monitors(tmp_path) as (monitors, ports):
            for one in monitors:
                await one.show(*doomed())
            async with engines(tmp_path, ports, receiver):
                await told(receiver)
                await worse(receiver, monitors)
                await better(receiver, monitors)
                await dead(receiver, monitors)

    asyncio.run(story())
    opened = Counter(one["dedup_key"] for one in receiver.pages("trigger"))
    assert set(opened.values()) == {1}, receiver.summary()
    assert subjects(receiver.pages("trigger")) == {
        "edge": 1, "cube-3": 2, "cube-5": 1, "cube-6": 1, "": 1,
    }  # fmt: skip
    assert subjects(receiver.pages("resolve")) == {"edge": 1, "cube-3": 1}
    tickets = [one["attachments"][0]["title"] for one in receiver.of("/ticket")]
    assert all("cube-4" in one for one in tickets if "Monitor" not in one), tickets
    assert any("Calls do not stop" in one for one in tickets), tickets
