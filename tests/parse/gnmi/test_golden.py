"""Golden folders: `<case>/stream.textproto` (SubscribeResponses, `---` between) to `read.json`."""

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format  # type: ignore[import-untyped]  # ships no types
from pygnmi.spec.v080 import gnmi_pb2  # type: ignore[import-untyped]  # ships no types

from monitor.collect.gnmi.collector import read
from monitor.collect.gnmi.queue import Frame
from monitor.parse.gnmi import Reader

GOLDEN = Path(__file__).parents[2] / "golden" / "gnmi"
CASES = sorted(path.parent for path in GOLDEN.glob("*/stream.textproto"))
RECEIVED = 1_700_000_000.0


def _frames(text: str) -> list[Frame]:
    responses = [
        text_format.Parse(part, gnmi_pb2.SubscribeResponse()) for part in text.split("\n---\n")
    ]
    return [
        Frame(
            device="cube-1",
            received=RECEIVED + 60 * number,
            payload=response.SerializeToString(),
            authenticated=True,
            begins=number == 0,
            sample_seconds=60,
        )
        for number, response in enumerate(responses)
    ]


def _read(case: Path) -> list[dict[str, Any]]:
    reader = Reader("cube-1", "gnmi")
    told = []
    for frame in _frames((case / "stream.textproto").read_text()):
        for notification in read(frame):
            came = reader.read(notification)
            facts = {
                f"{fact.name}{f'[{fact.key}]' if fact.key else ''}": fact.value
                for fact in came.facts
            }
            said = {"facts": facts, "calls": came.calls, "unknown": dict(came.unknown)}
            told.append({name: value for name, value in said.items() if value})
    return told


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_stream_is_read_as_expected(case: Path) -> None:
    expected = json.loads((case / "read.json").read_text())
    assert json.loads(json.dumps(_read(case))) == expected


def test_there_are_cases() -> None:
    assert len(CASES) >= 20
