"""`cubemon rules`: the rules for Prometheus, worked out from those of the monitor."""

import argparse
import copy
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from monitor.config import Config, load
from monitor.errors import ConfigError
from monitor.evaluate.alerting.alerts import alert_name
from monitor.evaluate.alerting.files import rule_files
from monitor.evaluate.alerting.recording import ANY_RULE
from monitor.evaluate.limits import Limits
from monitor.evaluate.rule import Scope

RUNBOOKS: Final = "https://example.com/cube-license-monitor/docs/runbooks/"
"""Stands in the committed files until somebody names where the runbooks are read."""
_HEAD: Final = "# Written by `cubemon rules`; change the rule in monitor/evaluate/ instead.\n"
_PLACEHOLDER: Final = """\
# Its links to runbooks lead nowhere yet. To let them lead to a monitor of yours, write it anew:
#   cubemon rules --out DIR --runbook-url https://YOUR-MONITOR:8443/docs/runbooks/
"""
_WIDTH: Final = 100
_VIEWS: Final = {Scope.DEVICE: "device", Scope.PAIR: "pair", Scope.ACCOUNT: "account"}
"""What a rule is about -> the dashboard of one such; of anything else: collection."""

DESCRIPTION = """Write the rules for Prometheus (2.42 or newer) from the rules of the monitor.

Recording rules judge the raw metrics of /metrics by the same law as the monitor itself, alerting
rules tell of what speaks, and others watch the monitor. Numbers are read from threshold metrics;
only durations of alerts (`for`, `keep_firing_for`) come from `limits:`.

Each alert links to its runbook: --runbook-url is the address before its name, by default the
monitor's own below `http.url` of --config. Without either the links lead nowhere. With
--dashboard-url it also links to the dashboard of the router, pair or account it is about.

examples:
  cubemon rules --out /etc/prometheus/cube --config /etc/cube-license-monitor/cubemon.yml
  cubemon rules --out rules --runbook-url https://cube.example.net:8443/docs/runbooks/
  cubemon rules --out rules --dashboard-url https://grafana.example.net
  cubemon rules --out rules --check      # 1 where a file is not as it would be written
  cubemon rules                          # all files to stdout

exit codes: 0 done; 1 --check found a difference; 2 a file cannot be used."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="DIR", type=Path, help="write the files there")
    parser.add_argument(
        "--runbook-url",
        metavar="BASE",
        help="address before the name of each runbook (default: `http.url` of --config)",
    )
    parser.add_argument(
        "--dashboard-url",
        metavar="BASE",
        default="",
        help="address of the Grafana with dashboards/",
    )
    parser.add_argument(
        "--config", metavar="FILE", type=Path, help="take `limits:` and `http.url` from it"
    )
    parser.add_argument("--check", action="store_true", help="write nothing, compare only")


def run(arguments: argparse.Namespace) -> int:
    config = load(arguments.config) if arguments.config else Config()
    runbooks = arguments.runbook_url or config.http.runbooks or RUNBOOKS
    files = written(config.limits, runbooks, arguments.dashboard_url.rstrip("/"))
    if arguments.out is None:
        if arguments.check:
            raise ConfigError("--check needs --out DIR, the files to compare with")
        sys.stdout.writelines(f"# {name}\n{text}\n" for name, text in files.items())
        return 0
    return _checked(arguments.out, files) if arguments.check else _stored(arguments.out, files)


def written(limits: Limits, runbooks: str, grafana: str = "") -> Mapping[str, str]:
    """File name -> its text; with links to dashboards where there is a Grafana."""
    head = _HEAD + (_PLACEHOLDER if runbooks == RUNBOOKS else "")
    return {
        name: head + yaml.safe_dump(_linked(content, grafana), sort_keys=False, width=_WIDTH)
        for name, content in rule_files(limits, runbooks).items()
    }


def _linked(content: Mapping[str, Any], grafana: str) -> Mapping[str, Any]:
    if not grafana:
        return content
    linked = copy.deepcopy(dict(content))
    for alert in _alerts(linked):
        alert["annotations"]["dashboard_url"] = f"{grafana}/d/cubemon-{_view(alert['alert'])}"
    return linked


def _alerts(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for group in content["groups"]:
        yield from (rule for rule in group["rules"] if "alert" in rule)


def _view(alert: str) -> str:
    rule = next((one for one in ANY_RULE if alert_name(one.name) == alert), None)
    view = None if rule is None else _VIEWS.get(rule.scope)
    return f"{view}?var-{view}={{{{ $labels.subject | urlquery }}}}" if view else "collection"


def _stored(directory: Path, files: Mapping[str, str]) -> int:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (directory / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{directory}: cannot write: {error.strerror}") from error
    print(f"{len(files)} files written to {directory}; check them: promtool check rules FILES")
    return 0


def _checked(directory: Path, files: Mapping[str, str]) -> int:
    different = [name for name, text in files.items() if _text(directory / name) != text]
    known = {path.name for path in directory.glob("*.rules.yml")}
    for name in different:
        print(f"{directory / name} is not as it would be written: cubemon rules --out {directory}")
    for name in sorted(known - files.keys()):
        print(f"{directory / name} belongs to no rule")
    return 1 if different or known - files.keys() else 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
