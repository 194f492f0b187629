"""`cubemon serve`: run the monitor."""

import argparse
import asyncio
from pathlib import Path

from monitor.app import logs
from monitor.app import run as run_service
from monitor.config import Config, load

DESCRIPTION = """Run the monitor until SIGTERM or Ctrl-C.

With no file it listens on loopback: syslog on UDP and TCP port 5514, HTTP on port 8080 (fleet page,
API, /metrics), and keeps its data in ./cubemon-data.

examples:
  cubemon serve
  cubemon serve --config /etc/cubemon.yml

SIGHUP (or `cubemon reload`) takes a changed file into use; a bad one changes nothing.

exit codes: 0 stopped as asked; 2 configuration, data directory or port cannot be used."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", type=Path, help="configuration file (YAML)")
    parser.add_argument(
        "--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"), help="(INFO)"
    )


def run(arguments: argparse.Namespace) -> int:
    logs.configure(arguments.log_level)
    path: Path | None = arguments.config
    if path is None:
        asyncio.run(run_service(Config()))
    else:
        asyncio.run(run_service(load(path), source=lambda: load(path)))
    return 0
