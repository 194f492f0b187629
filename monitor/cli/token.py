"""`cubemon token new`: a strong token for the API."""

import argparse
import os
from pathlib import Path
from typing import Final

from monitor.errors import ConfigError
from monitor.expose.tokens import fresh

DESCRIPTION: Final = """\
Make a token for the API: 256 random bits. It is printed once and kept nowhere, or written to a new
file that only you may read.

examples:
  cubemon token new
  cubemon token new --file /etc/cubemon/prometheus.token

Then name it in the configuration, and reload:

  http:
    tokens:
      - {name: prometheus, role: read, token: {file: /etc/cubemon/prometheus.token}}

exit codes: 0 done; 2 the file is there already or cannot be written."""

_OWNER_ONLY: Final = 0o600


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("action", choices=("new",), help="make one")
    parser.add_argument("--file", type=Path, metavar="FILE", help="write it there; not printed")


def run(arguments: argparse.Namespace) -> int:
    """Make it."""
    path: Path | None = arguments.file
    if path is None:
        print(fresh())
        return 0
    _write(path, fresh())
    print(f"{path}: written; name it under http.tokens: `token: {{file: {path.absolute()}}}`")
    return 0


def _write(path: Path, token: str) -> None:
    try:
        # Never over one that is in use, and never readable in between.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(token + "\n")
