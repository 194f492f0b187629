"""`cubemon check`: check a configuration file."""

import argparse
import sys
from functools import partial
from pathlib import Path

from monitor.app.declared import noticed
from monitor.config import load
from monitor.store.embedded import upkeep

DESCRIPTION = """Check a configuration file: every key, every value, and whether all can be built.

Where the store directory it names was in use before, devices that look renamed are named on
stderr: a new name begins anew, whoever has it.

examples:
  cubemon check cubemon.yml

exit codes: 0 the file can be used; 2 it cannot (each problem with file, line and key on stderr)."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="configuration file (YAML)")


def run(arguments: argparse.Namespace) -> int:
    config = load(arguments.file)
    for one in noticed(config, partial(upkeep.knows, config.store.directory)):
        print(f"cubemon: {one}", file=sys.stderr)
    collectors = ", ".join(one.kind for one in config.collect) or "none"
    print(f"{arguments.file}: good. Collectors: {collectors}. Devices: {len(config.devices)}.")
    return 0
