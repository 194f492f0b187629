"""Tell from what a terminal has printed whether a command's output is complete; no I/O."""

import re
from collections.abc import Iterable
from enum import Enum, auto
from typing import Final

_PROMPT: Final = re.compile(rb"[A-Za-z0-9][\w.\-:/()@]{0,99}[#>]")
_PAUSE: Final = b"--More--"
_PAUSE_AND_ERASURE: Final = re.compile(rb" ?--More-- ?[\x08 ]*")
_CONTROL: Final = re.compile(rb"\x1b\[[0-9;?]{0,16}[A-Za-z]|\x00")
_LAST_LINE: Final = 256
_ECHO_WITHIN: Final = 1024
_ECHO_LINES: Final = 4
_REFUSALS: Final = (
    "% Invalid input",
    "% Incomplete command",
    "% Ambiguous command",
    "% Unknown command",
    "% Authorization failed",
    "Command authorization failed",
)


class Ending(Enum):
    """How sure it is that the device has printed all."""

    NOT_YET = auto()
    LIKELY = auto()
    """The last line looks like a prompt, but a banner or an output line may look so too."""
    CERTAIN = auto()


class Screen:
    """What was printed since the last command was typed."""

    def __init__(
        self, *, prompt: bytes = b"", command: str = "", awaited: re.Pattern[bytes] | None = None
    ) -> None:
        self._prompt = prompt
        self._awaited = awaited
        self._command = command.encode()
        self._printed = bytearray()
        self._resumed = 0

    def __len__(self) -> int:
        return len(self._printed)

    def feed(self, data: bytes) -> None:
        """Add what was printed."""
        self._printed += data

    def paused(self) -> bool:
        """The pager waits for a key; asked once per pause."""
        if not bytes(self._printed[self._resumed :][-32:]).rstrip().endswith(_PAUSE):
            return False
        self._resumed = len(self._printed)
        return True

    @property
    def prompt(self) -> bytes:
        """The prompt on the last line, empty where there is none."""
        tail = _CONTROL.sub(b"", bytes(self._printed[-_LAST_LINE:]))
        last = tail.replace(b"\r", b"\n").rpartition(b"\n")[2].strip()
        return last if _PROMPT.fullmatch(last) else b""

    @property
    def asked(self) -> bool:
        """The awaited question stands at the end."""
        tail = _CONTROL.sub(b"", bytes(self._printed[-_LAST_LINE:]))
        return self._awaited is not None and self._awaited.search(tail) is not None

    def holds(self, words: Iterable[bytes]) -> bool:
        """Whether any of these was printed."""
        return any(word in self._printed for word in words)

    @property
    def ending(self) -> Ending:
        """Certain where the known prompt follows the echo of the command."""
        if self.asked:
            return Ending.CERTAIN
        prompt = self.prompt
        if not prompt or (self._prompt and prompt != self._prompt):
            return Ending.NOT_YET
        echoed = self._command in self._printed[:_ECHO_WITHIN]
        return Ending.CERTAIN if self._prompt and echoed else Ending.LIKELY

    def text(self) -> str:
        """The output without echo, prompt, pager marks and control sequences."""
        clean = _PAUSE_AND_ERASURE.sub(b"", _CONTROL.sub(b"", bytes(self._printed)))
        lines = clean.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        body, _, last = lines.rpartition("\n")
        if last.strip().encode() != self.prompt:
            body = lines
        return self._without_echo(body)

    def _without_echo(self, body: str) -> str:
        echo = self._command.decode()
        typed = {echo, self._prompt.decode() + echo}
        lines = body.split("\n", _ECHO_LINES)
        for number, line in enumerate(lines[:_ECHO_LINES]):
            if echo and line.strip() in typed:
                return "\n".join(lines[number + 1 :])
        return body


def refused(text: str) -> str:
    """The device's own words where it did not take the command, else empty."""
    for line in text.splitlines()[:8]:
        if line.strip().startswith(_REFUSALS):
            return line.strip()[:80]
    return ""
