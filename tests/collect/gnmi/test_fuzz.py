"""Mutated messages: whatever a device sends, nothing breaks and nothing grows.

CUBEMON_FUZZ=200000 makes it the long run.
"""

import os
import random
import tracemalloc
from pathlib import Path

from google.protobuf import text_format  # type: ignore[import-untyped]  # ships no types
from pygnmi.spec.v080 import gnmi_pb2  # type: ignore[import-untyped]  # ships no types

from monitor.collect.gnmi.collector import read
from monitor.collect.gnmi.queue import Frame, Kind
from monitor.errors import ParseError
from monitor.parse.gnmi import Reader

GOLDEN = Path(__file__).parents[2] / "golden" / "gnmi"
ROUNDS = int(os.environ.get("CUBEMON_FUZZ", "4000"))
RECEIVED = 1_700_000_000.0


def _seeds() -> list[bytes]:
    texts = [path.read_text() for path in sorted(GOLDEN.glob("*/stream.textproto"))]
    parts = [part for text in texts for part in text.split("\n---\n")]
    return [
        text_format.Parse(part, gnmi_pb2.SubscribeResponse()).SerializeToString() for part in parts
    ]


def _mutated(payload: bytes, chance: random.Random) -> bytes:
    data = bytearray(payload)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[place : place + chance.randint(1, 9)]
            case 2:
                data[place:place] = chance.randbytes(chance.randint(1, 9))
            case _:
                data[place:place] = data[place : place + chance.randint(1, 64)]
    return bytes(data)


def test_mutated_messages_break_nothing() -> None:
    chance = random.Random(20231114)  # noqa: S311 - to be the same each time
    seeds = _seeds()
    reader = Reader("cube-1", "gnmi")
    refused = understood = 0
    sizes = []
    tracemalloc.start()
    for number in range(ROUNDS):
        frame = Frame(
            device="cube-1",
            received=RECEIVED + number,
            payload=_mutated(chance.choice(seeds), chance),
            kind=Kind.GOT if chance.random() < 0.1 else Kind.SUBSCRIBED,
            authenticated=True,
            begins=chance.random() < 0.02,
        )
        try:
            for notification in read(frame):
                told = reader.read(notification)
                understood += bool(told.facts or told.calls)
        except ParseError:
            refused += 1
        if number % max(1, ROUNDS // 4) == ROUNDS // 4 - 1:
            sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert refused > ROUNDS // 100
    assert understood > ROUNDS // 100
    assert sizes[-1] < sizes[0] + (16 << 20)
