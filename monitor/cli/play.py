"""`cubemon play`: run scenario files."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from monitor.domain.instants import rfc3339
from monitor.play import Scenario, load, play
from monitor.play.play import Difference

DESCRIPTION = """Play scenario files through the whole monitor with a fake clock.

A scenario says what arrives when, and which findings must be open then.

It is a YAML file with `name`, `config` (as the configuration file), `start` and `steps`.
Each step has `at` (+70d, +1h30m) and any of `syslog: [{from, line}]`, `show: [{device, text}]`,
`readings: [{device, tag, count, seconds}]` (the seconds up to the step), `silence: DEVICE` (or
`{device, source}`),
`restart: true` and `expect: [{subject, severity}]`, optionally with `rule`, `step`, `stale`: the
exact set of open findings of severity warning or critical; `pages: [{subject, severity, opened}]`
(or `resolved`; optionally `rule`, `step`): exactly what people were told since the last step that
says so. Devices go on saying what they said last until they are silenced.

examples:
  cubemon play tests/scenarios/*.yml

exit codes: 0 all came out as expected; 1 one came out differently; 2 a file cannot be used."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+", help="scenario (YAML)")


def run(arguments: argparse.Namespace) -> int:
    scenarios = [load(path) for path in arguments.files]
    results = [_told(path, one) for path, one in zip(arguments.files, scenarios, strict=True)]
    good = sum(results)
    print(f"{good} of {len(results)} scenarios came out as expected")
    return 0 if good == len(results) else 1


def _told(path: Path, scenario: Scenario) -> bool:
    differences = play(scenario)
    print(f"{'ok  ' if not differences else 'FAIL'} {path}: {scenario.name}")
    for difference in differences:
        for line in _lines(difference, scenario):
            print(f"     {line}")
    return not differences


def _lines(difference: Difference, scenario: Scenario) -> Iterator[str]:
    when = rfc3339(scenario.start + difference.at)
    yield f"step {difference.step + 1} at {when}:"
    for expected in difference.missing:
        wanted = expected.model_dump(exclude_none=True)
        yield "  expected, not open: " + " ".join(f"{k}={v}" for k, v in wanted.items())
    for other in difference.unexpected:
        finding = other.finding
        yield (
            f"  open, not expected: subject={finding.subject} severity={finding.severity.word}"
            f" rule={finding.rule} step={finding.step}: {finding.why}"
        )
    for page in difference.missing_pages:
        change = "opened" if page.opened else "resolved"
        yield f"  page expected, not {change}: subject={page.subject} severity={page.severity}"
    for told, opened in difference.unexpected_pages:
        yield (
            f"  page {'opened' if opened else 'resolved'}, not expected: subject={told.subject}"
            f" severity={told.severity} rule={told.rule} step={told.step}"
        )
