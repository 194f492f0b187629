"""kill -9 anywhere between a finding and its receiver: every page arrives, under one key.

`pytest tests/notify/test_crash.py --page-kills 60` is the long run.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# One life of a monitor with three routers past the three-day step. It kills itself at the nth time
# it comes to a place: after the commit and before planning, between planning and sending, before
# and after a receiver took a notice.
LIFE = """
import asyncio, json, os, signal, sys, traceback
from monitor.app.build import build
from monitor.app.notifier import notifier
from monitor.config import Config
from monitor.notify.webhook import Webhook
from monitor.pipeline import sending
from monitor.store.embedded.outbox import Outbox
from monitor.wire import ShowCapture

sending._EVERY = 0.02
calls = {}

def come(to):
    calls[to] = calls.get(to, 0) + 1
    if to == place and calls[to] == nth:
        os.kill(os.getpid(), signal.SIGKILL)

send, plan, settle = Webhook.send, Outbox.plan, Outbox.settle

async def sent(self, notice):
    come("before sending")
    await send(self, notice)
    come("after sending")

def planned(self, *given):
    come("before planning")
    ids = plan(self, *given)
    come("after planning")
    return ids

def settled(self, *given):
    settle(self, *given)
    come("after marking")

Webhook.send, Outbox.plan, Outbox.settle = sent, planned, settled

async def live():
    channel = {"kind": "webhook", "url": url, "secret": {"env": "CUBEMON_TEST_SECRET"}}
    names = [f"cube-{n}" for n in range(3)]
    config = Config.model_validate({
        "collect": [], "store": {"directory": directory},
        "devices": [{"name": name} for name in names], "notify": {"channels": [channel]},
    })
    parts = build(config, lambda: now, group_seconds=0)
    told = notifier(parts, lambda: now)
    loops = [asyncio.create_task(one) for one in (parts.rooms.writer.run(), *told.loops())]
    if text:
        await parts.pipeline.show(
            [ShowCapture(device=name, received=now, text=text.replace("cube-1", name))
             for name in names])
    parts.pipeline.judge_now(now)
    await parts.rooms.writer.idle()
    come("after the commit")
    rounds = told.rounds
    while told.rounds < rounds + 3 or told.channels()[0].waiting:
        await asyncio.sleep(0.005)
        assert not any(loop.done() for loop in loops), loops
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    parts.rooms.writer.close()
    parts.store.close()

# Each life is a process of its own; only what it has to import is read once.
print("ready", flush=True)
for line in sys.stdin:
    directory, url, place, nth, text, now = json.loads(line)
    child = os.fork()
    if not child:
        try:
            asyncio.run(live())
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
PLACES = (
    "after the commit", "before planning", "after planning", "before sending", "after sending",
    "after marking",
)  # fmt: skip
STEP = 1_768_435_200.0 - 3 * 86_400
KEYS = {f"cubemon/ack_backstop/3d/cube-{number}" for number in range(3)}


Life = Callable[..., int]


@pytest.fixture(scope="module")
def womb() -> Iterator[subprocess.Popen[str]]:
    """The process whose children are the lives."""
    environment = {**os.environ, "CUBEMON_TEST_SECRET": "a secret"}
    with subprocess.Popen(
        [sys.executable, "-c", LIFE],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()


@pytest.fixture
def life(receiver: Any, womb: Any) -> Life:
    """Exit status of one life: -9 where it was killed."""

    def live(directory: Path, place: str, nth: int, text: str, now: float) -> int:
        asked = [str(directory), receiver.url, place, nth, text, now]
        print(json.dumps(asked), file=womb.stdin, flush=True)
        status = int(womb.stdout.readline())
        assert status in {0, -signal.SIGKILL}
        return status

    return live


@pytest.mark.timeout(900)
def test_a_page_survives_kill_9_wherever_it_is(
    tmp_path: Path, receiver: Any, life: Life, capture: Any, pytestconfig: pytest.Config
) -> None:
    kills = int(pytestconfig.getoption("--page-kills", 6))
    for number in range(0, kills, len(PLACES)):
        directory, died = tmp_path / str(number), 0
        receiver.told.clear()
        text = capture("cube-1").text
        for place in PLACES:
            # The first life sees the routers; later ones find pages where they were left.
            died += life(directory, place, 1 + number % 2, text, STEP + 60) != 0
            text = ""
        assert life(directory, "nowhere", 0, "", STEP + 60) == 0
        assert died >= 3, "places were not come to"
        told = receiver.keys()
        assert set(told) == KEYS, "a page is lost"
        assert sum(told.values()) <= len(KEYS) + died, "told again without need"
        assert receiver.keys("resolve") == {}
        bodies = {(one.json["key"], one.body) for one in receiver.told}
        assert len(bodies) == len(KEYS), "the same page said something else the second time"


def test_killed_across_the_three_day_step_pages_once(
    tmp_path: Path, receiver: Any, life: Life, capture: Any
) -> None:
    text = capture("cube-1").text
    assert life(tmp_path, "nowhere", 0, text, STEP - 3_600) == 0
    assert receiver.told == []
    assert life(tmp_path, "after the commit", 1, "", STEP + 3_600) == -signal.SIGKILL
    assert life(tmp_path, "nowhere", 0, "", STEP + 3_700) == 0
    assert life(tmp_path, "nowhere", 0, "", STEP + 7_200) == 0
    assert receiver.keys() == dict.fromkeys(KEYS, 1)
    assert {json.loads(one.body)["severity"] for one in receiver.told} == {"critical"}
