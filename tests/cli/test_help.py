"""What `--help` of every command says: what it does, examples that are taken, exit codes."""

import argparse
import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from keyword import iskeyword
from typing import cast

import pytest

from monitor.cli import COMMANDS, GROUPS, Command, main
from monitor.cli.parse import FORMATS

NAMES = [*COMMANDS, *(f"parse {name}" for name in FORMATS)]
BY_NAME = pytest.mark.parametrize("name", NAMES)


def command(name: str) -> Command:
    module = name.replace("-", "_").replace(" ", ".")
    return cast("Command", import_module(f"monitor.cli.{module}{'_' * iskeyword(module)}"))


def examples(name: str) -> Iterator[str]:
    """What stands behind the command's name in each example, as a shell would hand it on."""
    part = command(name).DESCRIPTION.split("\nexamples:\n")[1].split("\n\nexit codes:")[0]
    for line in part.replace("\\\n", " ").splitlines():
        found = re.search(rf"\bcubemon {name}( .*)?$", line)
        if found and line.startswith("  "):
            yield re.split(r" \| | > |  +[(#]", found[1] or "")[0]


@BY_NAME
def test_it_says_what_it_does_then_examples_then_exit_codes(name: str) -> None:
    text = command(name).DESCRIPTION
    assert text[0].isupper()
    assert text.count("\nexamples:\n  ") == 1
    assert text.count("\n\nexit codes: 0") == 1
    assert not re.search(r"Exit code|exit code\b", text.replace("exit codes are those", ""))
    assert max(len(line) for line in text.splitlines()) <= 100


@BY_NAME
def test_its_examples_are_taken(name: str) -> None:
    found = [one for one in examples(name) if "--help" not in one]
    assert found
    for one in found:
        parser = argparse.ArgumentParser(prog=f"cubemon {name}")
        command(name).arguments(parser)
        parser.parse_args(shlex.split(one))


@BY_NAME
def test_every_argument_is_explained(name: str) -> None:
    parser = argparse.ArgumentParser()
    command(name).arguments(parser)
    dumb = [one.dest for one in parser._actions if not one.help]
    assert dumb == []


def test_the_list_has_every_command_once(capsys: pytest.CaptureFixture[str]) -> None:
    grouped = [name for names in GROUPS.values() for name in names.split()]
    assert sorted(grouped) == sorted(COMMANDS)
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    for name, summary in COMMANDS.items():
        assert f"  {name:<13}{summary}\n" in said
    assert max(len(line) for line in said.splitlines()) <= 100


def test_a_wrong_command_names_the_one_most_like_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["statsu"]) == 2
    assert "no command is called 'statsu'; did you mean status?" in capsys.readouterr().err
    assert main(["\u2603"]) == 2
    assert "did you mean" not in capsys.readouterr().err
