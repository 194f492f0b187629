"""The command line of one member of a lab pair, run by sshd: `pair_cli.py STATE.json NAME`."""

import json
import sys
from functools import cache
from pathlib import Path

from monitor.domain.instants import DAY
from monitor.lab.agent import Pushing
from monitor.lab.box_to_box import BoxToBox
from monitor.lab.calls import CallProfile
from monitor.lab.console import UNKNOWN
from monitor.lab.cube import Cube
from monitor.lab.license_status import Account


@cache
def member(name: str, failovers: tuple[float, ...], born: int) -> Cube:
    return Cube(
        name=name,
        story="one of a pair",
        release="17.9.4a",
        cube_version="14.6",
        platform="C8300-1N1S-4T2X",
        serial=f"FGL0000000{name[-1]}",
        address=f"192.0.2.{name[-1]}",
        account=Account(smart="Example Voice", virtual="EMEA"),
        cycle=Pushing(first_push=born, interval_days=30, deadline_days=90, trusted_since=born),
        calls={"CUBE_T_ENH": CallProfile(seed=1, busy=30, steady=True)},
        born=born,
        period_hours=8,
        pair=BoxToBox(members=("cube-1", "cube-2"), failovers=list(failovers)),
    )


def reply(line: str, state: Path, name: str) -> str:
    if line.startswith("terminal "):
        return ""
    told = json.loads(state.read_text())
    cube = member(name, tuple(told["failovers"]), told["born"] // DAY * DAY)
    return cube.answer(line, told["now"]) or UNKNOWN


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def main() -> None:
    state, name = Path(sys.argv[1]), sys.argv[2]
    say(f"{name}#")
    while line := sys.stdin.readline():
        with state.with_name(f"{name}.typed").open("a") as typed:
            typed.write(line)
        say(f"{reply(line.strip(), state, name)}{name}#")


main()
