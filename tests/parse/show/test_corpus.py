"""Captures of real devices, read from the folder that CUBEMON_CORPUS names."""

import os
import re
from pathlib import Path

import pytest

from monitor.parse.show import COMMANDS, read
from monitor.parse.show.license_data import LicenseAll, LicenseStatus

FOLDER = os.environ.get("CUBEMON_CORPUS", "")
FILES = sorted(Path(FOLDER).glob("**/*.txt")) if FOLDER else []

pytestmark = pytest.mark.skipif(
    not FILES, reason="NOT RUN: set CUBEMON_CORPUS to a folder of captures (show_*.txt)"
)


def command_of(path: Path) -> str:
    return path.name.partition(".")[0].replace("_", " ")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_capture_is_read_whole(path: Path) -> None:
    outputs = read(path.read_text(errors="replace"))
    if command_of(path) not in COMMANDS:
        assert not outputs
        return
    (output,) = outputs
    assert output.command == command_of(path)
    assert output.said
    assert output.data.unparsed.count == 0
    assert [text for text in output.warnings if not re.search("zone word|line end", text)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_deadline_of_a_capture_is_found(path: Path) -> None:
    text = path.read_text(errors="replace")
    printed = re.search(r"Next ACK deadline: (.+)", text)
    if printed is None:
        pytest.skip("prints no deadline")
    (output,) = read(text)
    data = output.data.status if isinstance(output.data, LicenseAll) else output.data
    assert isinstance(data, LicenseStatus)
    assert data.usage_reporting is not None
    assert data.usage_reporting.next_ack_deadline is not None
    assert data.usage_reporting.next_ack_deadline.text == printed[1].strip()
