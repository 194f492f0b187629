"""A stand-in for the IOS XE command line, run by sshd: `ios.py DIRECTORY` with behaviour.json."""

import json
import re
import sys
import termios
import time
import tty
from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"


def reply(line: str, behaviour: dict[str, str]) -> str:
    if line.startswith("terminal "):
        return ""
    if line in behaviour.get("hangs", ""):
        time.sleep(3600)
    if line in behaviour.get("floods", ""):
        return "x" * 79 + "\n" + ("y" * 79 + "\n") * 3000
    sample = SAMPLES / f"{re.sub('[^a-z]', '_', line)}.txt"
    if not sample.is_file():
        return "                 ^\n% Invalid input detected at '^' marker.\n"
    load = "Load for five secs: 1%/0%; one minute: 1%; five minutes: 1%\n"
    return load + sample.read_text() + "\n"


def show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def page(text: str) -> None:
    # Keys count at once while a page is shown; set before anybody is asked for one, and without
    # throwing away what was typed.
    before = termios.tcgetattr(0)
    tty.setcbreak(0, termios.TCSANOW)
    try:
        show_pages(text.splitlines(keepends=True))
    finally:
        termios.tcsetattr(0, termios.TCSANOW, before)


def show_pages(lines: list[str]) -> None:
    for start in range(0, len(lines), 10):
        show("".join(lines[start : start + 10]))
        if start + 10 < len(lines):
            show(" --More-- ")
            if sys.stdin.read(1) != " ":
                break
            show("\b" * 9 + " " * 8 + "\b" * 9)


def main() -> None:
    directory = Path(sys.argv[1])
    behaviour: dict[str, str] = json.loads((directory / "behaviour.json").read_text())
    prompt = behaviour.get("prompt", "cube#")
    show(behaviour.get("banner", "") + prompt)
    while line := sys.stdin.readline():
        typed = line.strip()
        with (directory / "typed.txt").open("a") as transcript:
            transcript.write(typed + "\n")
        if behaviour.get("hangs_up") == typed:
            return
        (page if behaviour.get("paged") else show)(reply(typed, behaviour))
        show(prompt)


main()
