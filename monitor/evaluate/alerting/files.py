"""The rule files for Prometheus, worked out from the rules."""

from collections.abc import Mapping
from typing import Any

from monitor.evaluate.alerting.alerts import SUBJECTS, alerts
from monitor.evaluate.alerting.own import own_alerts
from monitor.evaluate.alerting.recording import recording
from monitor.evaluate.limits import Limits


def rule_files(limits: Limits, runbooks: str) -> Mapping[str, Mapping[str, Any]]:
    """File name -> its content, to be written as YAML.

    What is recorded stands in one group, since Prometheus evaluates a group in order and at one
    moment: no alert then sees a half-made picture.
    """
    files: dict[str, Mapping[str, Any]] = {
        "conditions.rules.yml": _file("cube-conditions", list(recording(limits)))
    }
    for subject, rules in SUBJECTS.items():
        entries = list(alerts(rules, limits, runbooks))
        files[f"{subject}.rules.yml"] = _file(f"cube-{subject}", entries)
    files["monitor.rules.yml"] = _file("cube-monitor", list(own_alerts(runbooks)))
    return files


def _file(group: str, entries: list[Any]) -> Mapping[str, Any]:
    return {"groups": [{"name": group, "interval": "1m", "rules": entries}]}
