"""A paste into the outputs of single commands.

Prompts and echoed commands say what follows; between them, and without any, a line that belongs to
another command than the lines before it begins a new output.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from monitor.parse.show.clock import source_time
from monitor.parse.show.output import AnyCommand
from monitor.parse.show.page import labelled, normal, underline

_PROMPT = re.compile(
    r"(?P<host>(?=[^#>]{0,62}[A-Za-z])[A-Za-z0-9][\w.@/:-]{0,62})(?:\([\w./ -]{1,40}\))?[#>]"
    r" ?(?P<rest>(?:[A-Za-z].{0,200})?)"
)
_PREAMBLE = re.compile(r"Load for five secs: .{1,80}", re.IGNORECASE)
_PREAMBLES: Final = frozenset({"Load", "Time", "No t"})
_BULLET = re.compile(r"[\u2022\u25cf\u00b7] ?[A-Za-z]")
_TECH_SUPPORT: Final = "show license tech support"
_COMPOSITE: Final = frozenset({"show license all", _TECH_SUPPORT})
_BLOCK_STATUS = "license authorization"
_ECHOES: Final = frozenset({"sh", "do"})
_SHOW: Final = frozenset({"sh", "sho", "show"})
_FEWEST_WORDS: Final = 2


@dataclass(slots=True, kw_only=True)
class Piece:
    """The lines of one output; `command` is empty where it has yet to be recognised."""

    command: str = ""
    host: str = ""
    clock: str | None = None
    lines: list[str] = field(default_factory=list)
    echoed: bool = False
    candidates: frozenset[str] = frozenset()
    begun: set[str] = field(default_factory=set)
    """Marks seen so far."""
    last: str = ""


def spelt(words: str, commands: Iterable[str]) -> str | None:
    """The one command an operator may have shortened so (`sh lic stat`), else None.

    What stands after a `|` and in brackets is not looked at.
    """
    given = re.sub(r"\(.{0,40}\)", "", words.lower().partition("|")[0]).split()
    if given[:1] == ["do"]:
        given = given[1:]
    if len(given) < _FEWEST_WORDS or given[0] not in _SHOW:
        return None
    exact = [name for name in commands if name.split() == given]
    near = exact or [name for name in commands if _shortened(given, name.split())]
    return near[0] if len(near) == 1 else None


def _shortened(given: list[str], full: list[str]) -> bool:
    if len(given) != len(full):
        return full[-1] == "support" and _shortened(given, full[:-1])
    return all(word.startswith(short) for short, word in zip(given, full, strict=True))


class Splitter:
    """Take lines, give pieces. One walk; every line is looked at once."""

    def __init__(self, commands: Mapping[str, AnyCommand], command: str) -> None:
        self._commands = commands
        self._order = list(commands)
        self._marks = _owners(commands, lambda known: known.marks | known.titles)
        self._titles = _owners(commands, lambda known: known.titles)
        self._patterns = [
            (pattern, known.name) for known in commands.values() for pattern in known.patterns
        ]
        self._host = ""
        self._clock: str | None = None
        self._piece = Piece(command=command)
        self._pieces: list[Piece] = []

    def split(self, lines: Iterable[str], most: int) -> list[Piece]:
        """Pieces that hold an output, in order; where there are more than `most`, one more."""
        for line in lines:
            self._take(line)
            if len(self._pieces) > most:
                return self._pieces
        self._close()
        return self._pieces

    def _close(self) -> None:
        piece = self._piece
        if piece.candidates and not piece.command:
            piece.command = min(piece.candidates, key=self._order.index)
        if piece.command and (piece.lines or piece.echoed):
            self._pieces.append(piece)

    def _open(self, command: str) -> None:
        self._close()
        self._piece = Piece(command=command, host=self._host, clock=self._clock)

    def _take(self, line: str) -> None:
        if not line:
            return
        if _BULLET.match(line):
            self._open("")
        elif not (self._echo(line) or self._preamble(line)):
            self._content(line)

    def _echo(self, line: str) -> bool:
        found = _PROMPT.fullmatch(line) if "#" in line or ">" in line else None
        if found is None and line[:2].lower() not in _ECHOES:
            return False
        command = spelt(found["rest"] if found else line, self._commands)
        if found is None and command is None:
            return False
        if found is not None:
            self._host = found["host"]
        self._clock = None
        self._open(command or "")
        self._piece.echoed = command is not None
        return True

    def _preamble(self, line: str) -> bool:
        if line[:4] not in _PREAMBLES:
            return False
        time = source_time(line)
        if time is None and not _PREAMBLE.fullmatch(line):
            return False
        if self._piece.lines:
            self._clock = None
            self._open("")
        if time is not None:
            self._clock = self._piece.clock = time
        return True

    # Lines of an output

    def _content(self, line: str) -> None:
        mark, owners = self._marked(line)
        if owners:
            if not self._belongs(mark, owners):
                if self._in_passing(mark, line):
                    self._piece.lines.append(line)
                    return
                self._divide()
            self._claim(mark, owners)
        self._piece.lines.append(line)

    def _marked(self, line: str) -> tuple[str, frozenset[str]]:
        label, value = labelled(line) or (normal(line), "")
        owners = self._marks.get(label, frozenset())
        if value:
            owners -= self._titles.get(label, frozenset())
        if owners:
            return label, owners
        return "", frozenset(name for shape, name in self._patterns if shape.fullmatch(line))

    def _in_passing(self, mark: str, line: str) -> bool:
        # `show license tech support` prints hundreds of settings: that one of them, such as
        # `Crypto Version 2 Interface: False`, looks like another command's line says nothing.
        piece = self._piece
        own = frozenset({piece.command}) if piece.command else piece.candidates
        return not mark and bool(own & _COMPOSITE) and bool((labelled(line) or ("", ""))[1])

    def _belongs(self, mark: str, owners: frozenset[str]) -> bool:
        own = frozenset({self._piece.command}) if self._piece.command else self._piece.candidates
        if not own:
            return True
        if self._again(mark, own):
            return False
        if own & _COMPOSITE:
            return any(name.startswith("show license") for name in owners)
        return bool(own & owners)

    def _again(self, mark: str, own: frozenset[str]) -> bool:
        piece = self._piece
        begins = any(self._commands[name].begins == mark for name in own)
        return bool(mark) and begins and mark in piece.begun and piece.last != mark

    def _claim(self, mark: str, owners: frozenset[str]) -> None:
        piece = self._piece
        if not piece.candidates or owners == {_TECH_SUPPORT}:
            piece.candidates = owners
        elif not piece.candidates & _COMPOSITE:
            piece.candidates = piece.candidates & owners or piece.candidates
        piece.begun.add(mark)
        piece.last = mark

    def _divide(self) -> None:
        """Begin a new piece here, with the headings that stand directly above this line."""
        carried: list[str] = []
        lines = self._piece.lines
        while lines and _is_heading(lines[-1]):
            carried.append(lines.pop())
        if len(lines) > 1 and normal(lines[-2]) == _BLOCK_STATUS:
            carried += [lines.pop(), lines.pop()]
        self._open("")
        self._piece.lines = carried[::-1]


def _owners(
    commands: Mapping[str, AnyCommand], marks: Callable[[AnyCommand], frozenset[str]]
) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for known in commands.values():
        for mark in marks(known):
            found[mark] = found.get(mark, frozenset()) | {known.name}
    return found


def _is_heading(line: str) -> bool:
    return underline(line) or line.endswith(":")
