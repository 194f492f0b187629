"""Every command of ours that a page shows is one that is taken."""

import argparse
import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from typing import Final, NoReturn, cast

import pytest

from monitor.cli import COMMANDS, Command

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = (
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "deploy" / "README.md",
)
_FENCED: Final = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_CALL: Final = re.compile(r"^(?:\$ )?(?:sudo )?(?:[\w./-]*/)?cubemon (.+)$")
_TAIL: Final = re.compile(r"\s(?:\||>|#|&&|\(| {2,}).*$")


class Strict(argparse.ArgumentParser):
    """Says why instead of ending."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def typed(text: str) -> Iterator[str]:
    """What stands behind `cubemon` in blocks for a shell."""
    blocks = (body for kind, body in _FENCED.findall(text) if kind in {"sh", "console", ""})
    for block in blocks:
        for line in block.replace("\\\n", " ").splitlines():
            found = _CALL.match(line.strip())
            if found:
                yield _TAIL.sub("", found[1]).strip()


def refused(words: list[str]) -> str | None:
    """Why a command is not taken."""
    if words == ["--version"]:
        return None
    name, *rest = words
    if name not in COMMANDS:
        return f"no command {name}"
    if name == "parse":
        name, rest = f"parse.{rest[0]}", rest[1:]
    module = name.replace("-", "_") + "_" * iskeyword(name)
    parser = Strict()
    cast("Command", import_module(f"monitor.cli.{module}")).arguments(parser)
    try:
        parser.parse_args(rest)
    except (ValueError, SystemExit) as error:
        return f"not taken: {error}"
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_are_taken(page: Path) -> None:
    wrong = {
        line: why
        for line in typed(page.read_text(encoding="utf-8"))
        if (why := refused(shlex.split(line))) is not None
    }
    assert wrong == {}


def test_commands_are_found_and_wrong_ones_seen() -> None:
    found = list(typed("```sh\n$ cubemon status --url x | head\nsudo cubemon chek a  # b\n```\n"))
    assert found == ["status --url x", "chek a"]
    assert refused(["chek", "a"]) == "no command chek"
    assert "unrecognized" in str(refused(["check", "cubemon.yml", "--ulr", "x"]))
    assert refused(["status", "--ulr", "x"]) is not None
    assert sum(1 for page in PAGES for _ in typed(page.read_text(encoding="utf-8"))) > 50
