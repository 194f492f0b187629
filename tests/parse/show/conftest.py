"""The golden cases: what a device printed, and what is read from it."""

import json
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[2] / "golden" / "show"


class Case:
    """One golden folder."""

    def __init__(self, folder: Path) -> None:
        self.name = f"{folder.parent.name}/{folder.name}"
        self.command = f"show {folder.parent.name.replace('_', ' ')}"
        self.text = (folder / "output.txt").read_bytes().decode()
        self.expected = json.loads((folder / "data.json").read_text())


def cases() -> list[Case]:
    return [Case(path.parent) for path in sorted(GOLDEN.glob("*/*/output.txt"))]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        found = cases()
        metafunc.parametrize("case", found, ids=[case.name for case in found])


@pytest.fixture
def golden() -> list[Case]:
    return cases()
