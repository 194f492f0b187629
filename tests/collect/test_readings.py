"""Readings from files, pipes and standard input."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.collect.readings import ReadingsConfig
from monitor.errors import CollectError
from monitor.wire import Receipt, Refusal

if TYPE_CHECKING:
    from tests.collect.conftest import Bench, Inbox

DEADLINE = 20.0


def line(number: int) -> bytes:
    reading = {"device": "cube-1", "tag": "CUBE_T_STD", "time": number, "count": number % 7}
    return json.dumps(reading).encode() + b"\n"


def test_a_file_is_handed_on_in_whole_lines_and_ends(
    bench: "Bench", new_inbox: "type[Inbox]", tmp_path: Path
) -> None:
    file = tmp_path / "history.jsonl"
    file.write_bytes(b"".join(line(number) for number in range(1000)) + line(1000).rstrip())

    async def story() -> "Inbox":
        inbox = new_inbox()
        await ReadingsConfig(path=file, chunk_bytes=4096).build(bench.instruments).run(inbox)
        return inbox

    chunks = asyncio.run(story()).chunks

    assert b"".join(chunk.payload for chunk in chunks) == file.read_bytes()
    assert len(chunks) > 10
    assert all(chunk.payload.endswith(b"\n") for chunk in chunks[:-1])
    assert {chunk.origin for chunk in chunks} == {str(file)}
    numbered = 1
    for chunk in chunks:
        assert chunk.first_line == numbered
        numbered += chunk.payload.count(b"\n")


def test_the_next_chunk_waits_for_the_commit_of_the_last(
    bench: "Bench", new_inbox: "type[Inbox]", tmp_path: Path
) -> None:
    file = tmp_path / "history.jsonl"
    file.write_bytes(b"".join(line(number) for number in range(1000)))

    async def story() -> "tuple[int, int]":
        inbox = new_inbox()
        inbox.close()
        collector = ReadingsConfig(path=file, chunk_bytes=4096).build(bench.instruments)
        task = asyncio.create_task(collector.run(inbox))
        for _ in range(100):
            await asyncio.sleep(0)
        before = len(inbox.chunks)
        inbox.open()
        await task
        return before, len(inbox.chunks)

    before, after = asyncio.run(story())

    assert before == 0
    assert after > 10


def test_refusals_are_named_with_file_and_line(
    bench: "Bench",
    new_inbox: "type[Inbox]",
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    file = tmp_path / "history.jsonl"
    file.write_bytes(line(1))

    async def story() -> None:
        inbox = new_inbox()
        inbox.receipts = [
            Receipt(accepted=0, refused=5, refusals=[Refusal(line=17, reason="count -1 is not")])
        ]
        await ReadingsConfig(path=file).build(bench.instruments).run(inbox)

    asyncio.run(story())

    assert f"{file}:17: reading refused: count -1 is not" in caplog.text
    assert f"{file}: 4 more readings refused" in caplog.text


def test_a_line_without_end_keeps_little_and_one_line_number(
    bench: "Bench", new_inbox: "type[Inbox]", tmp_path: Path
) -> None:
    file = tmp_path / "history.jsonl"
    file.write_bytes(line(1) + b"x" * 2_000_000 + b"\n" + line(2))

    async def story() -> "Inbox":
        inbox = new_inbox()
        await ReadingsConfig(path=file, chunk_bytes=4096).build(bench.instruments).run(inbox)
        return inbox

    payload = b"".join(chunk.payload for chunk in asyncio.run(story()).chunks)

    assert payload.count(b"\n") == 3
    assert len(payload) < 100_000
    assert payload.startswith(line(1))
    assert payload.endswith(line(2))


def test_standard_input_is_read_as_it_comes_and_to_its_end() -> None:
    program = (
        "import asyncio\n"
        "from monitor.collect.readings import ReadingsConfig\n"
        "from monitor.instrument import Instruments\n"
        "from monitor.wire import Receipt\n"
        "from prometheus_client import CollectorRegistry\n"
        "class Intake:\n"
        "    async def readings(self, lines):\n"
        "        print(lines.origin, lines.first_line, len(lines.payload), flush=True)\n"
        "        return Receipt(accepted=1)\n"
        "config = ReadingsConfig(path='-')\n"
        "asyncio.run(config.build(Instruments(CollectorRegistry())).run(Intake()))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line(1))
        process.stdin.flush()
        assert process.stdout.readline().split() == [b"stdin", b"1", b"%d" % len(line(1))]
        process.stdin.write(line(2))
        process.stdin.close()
        assert process.stdout.readline().split() == [b"stdin", b"2", b"%d" % len(line(2))]
        assert process.wait(DEADLINE) == 0


def test_waiting_for_a_pipe_can_be_cancelled(
    bench: "Bench", new_inbox: "type[Inbox]", tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    async def story() -> "Inbox":
        inbox = new_inbox()
        collector = ReadingsConfig(path=pipe).build(bench.instruments)
        task = asyncio.create_task(collector.run(inbox))
        for _ in range(10):
            await asyncio.sleep(0)
        with pipe.open("wb", buffering=0) as writer:
            writer.write(line(1))
            await inbox.until(lambda: bool(inbox.chunks))
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        return inbox

    assert [chunk.payload for chunk in asyncio.run(story()).chunks] == [line(1)]


def test_a_missing_file_says_so(bench: "Bench", new_inbox: "type[Inbox]", tmp_path: Path) -> None:
    missing, directory = tmp_path / "missing.jsonl", tmp_path

    for path, words in ((missing, "No such file"), (directory, "Is a directory")):
        collector = ReadingsConfig(path=path).build(bench.instruments)
        with pytest.raises(CollectError, match=words):
            asyncio.run(collector.run(new_inbox()))


def test_progress_is_shown_to_people_only(
    bench: "Bench",
    new_inbox: "type[Inbox]",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "history.jsonl"
    file.write_bytes(line(1) * 3)
    monkeypatch.setattr("monitor.collect.readings._PROGRESS_SECONDS", 0.0)

    async def story() -> None:
        await ReadingsConfig(path=file).build(bench.instruments).run(new_inbox())

    asyncio.run(story())
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    asyncio.run(story())

    assert f"{file}: 1 readings accepted, 0 refused" in capsys.readouterr().err
