"""The committed rule files: as generated, valid for Prometheus, naming only what exists."""

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

from monitor.cli import main
from monitor.cli.rules import RUNBOOKS, written
from monitor.domain.findings import Severity
from monitor.evaluate.alerting.alerts import SUBJECTS, alert_name, is_told
from monitor.evaluate.alerting.recording import ANY_RULE
from monitor.evaluate.limits import Limits
from monitor.expose.metrics import FAMILIES
from monitor.instrument import Instruments
from monitor.play.lint import Known, names, problems

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules"


@pytest.fixture(scope="module")
def files() -> dict[str, Any]:
    return {path.name: yaml.safe_load(path.read_text()) for path in RULES.glob("*.rules.yml")}


def _suffixed(metric: Metric) -> list[str]:
    endings = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
    return [metric.name + ending for ending in endings.get(metric.type, [""])]


@pytest.fixture(scope="module")
def known() -> Known:
    registry = CollectorRegistry()
    Instruments(registry)
    found = {family.name: frozenset(family.labels) for family in FAMILIES}
    for collector in registry._collector_to_names:
        labels = frozenset(getattr(collector, "_labelnames", ()))
        for metric in (
            collector.describe() if hasattr(collector, "describe") else collector.collect()
        ):
            more = frozenset({"le"}) if metric.type == "histogram" else frozenset()
            found.update(dict.fromkeys(_suffixed(metric), labels | more))
    return found


def alerts(files: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {
        rule["alert"]: rule
        for content in files.values()
        for group in content["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }


def test_the_committed_files_are_the_generated_ones() -> None:
    assert {path.name: path.read_text() for path in RULES.glob("*.yml")} == written(
        Limits(), RUNBOOKS
    )


@pytest.mark.engine("promtool")
def test_prometheus_takes_them() -> None:
    checked = subprocess.run(
        ["promtool", "check", "rules", *map(str, RULES.glob("*.yml"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_every_metric_and_label_exists(files: dict[str, Any], known: Known) -> None:
    assert list(problems(files, known)) == []


def test_every_rule_says_the_same_in_promql() -> None:
    assert [one.name for one in ANY_RULE if not one.promql] == ["pair_page"]


def test_every_rule_that_is_told_alerts_in_one_file(files: dict[str, Any]) -> None:
    told = [alert_name(rule.name) for rule in ANY_RULE if is_told(rule)]
    own = [name for name in alerts(files) if not name.startswith("CubeMonitor")]
    assert sorted(own) == sorted(told)
    grouped = [rule.name for rules in SUBJECTS.values() for rule in rules]
    assert sorted(grouped) == sorted(rule.name for rule in ANY_RULE)


def test_the_worst_severity_of_every_rule_is_that_of_its_steps() -> None:
    for rule in ANY_RULE:
        fixed = [one.step for one in rule.promql if one.step]
        assert set(fixed) <= set(rule.steps) or not rule.steps
        assert all(isinstance(one.severity, Severity) for one in rule.promql)


def test_no_number_of_the_limits_stands_in_an_expression(files: dict[str, Any]) -> None:
    """Another limit changes no expression: it comes by metrics. Only durations are written."""
    other = Limits(backstop_critical_days=5, push_overdue_after_hours=3, balance_hold_seconds=60)
    changed = {name: yaml.safe_load(text) for name, text in written(other, RUNBOOKS).items()}
    assert changed == files


def test_durations_follow_the_limits() -> None:
    other = written(replace(Limits(), pair_roles_seconds=300), RUNBOOKS)
    assert "for: 5m" in other["pairs.rules.yml"]


def test_the_address_of_runbooks_is_yours() -> None:
    text = written(Limits(), "https://wiki.example/cube/")["ack-cycle.rules.yml"]
    assert "https://wiki.example/cube/ack-overdue.md" in text
    assert RUNBOOKS not in text
    assert "lead nowhere" not in text


@pytest.mark.engine("promtool")
def test_alerts_link_to_the_dashboard_of_what_they_are_about(tmp_path: Path) -> None:
    words = ["rules", "--out", str(tmp_path), "--dashboard-url", "https://grafana.example/"]
    assert main(words) == 0
    made = {path.name: yaml.safe_load(path.read_text()) for path in tmp_path.iterdir()}
    links = {name: one["annotations"]["dashboard_url"] for name, one in alerts(made).items()}
    of = "{{ $labels.subject | urlquery }}"
    assert links["CubeAckOverdue"] == f"https://grafana.example/d/cubemon-device?var-device={of}"
    assert links["CubePairPage"] == f"https://grafana.example/d/cubemon-pair?var-pair={of}"
    assert links["CubeInsufficientLicenses"].endswith(f"/d/cubemon-account?var-account={of}")
    for name in ("CubeCssmUnreachable", "CubeMonitorAbsent", "CubeMonitorHeartbeat"):
        assert links[name] == "https://grafana.example/d/cubemon-collection"
    checked = subprocess.run(
        ["promtool", "check", "rules", *tmp_path.iterdir()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_a_placeholder_says_so_at_the_head_of_each_file() -> None:
    for text in written(Limits(), RUNBOOKS).values():
        assert "# Its links to runbooks lead nowhere yet." in text.splitlines()[1]


def test_runbooks_are_the_monitors_own_where_its_file_says_how_it_is_reached(
    tmp_path: Path,
) -> None:
    config = tmp_path / "cubemon.yml"
    config.write_text("http: {url: 'https://cube.example.net:8443'}\n")
    words = ["rules", "--config", str(config), "--out", str(tmp_path / "rules")]
    assert main(words) == 0
    text = (tmp_path / "rules" / "ack-cycle.rules.yml").read_text()
    assert "https://cube.example.net:8443/docs/runbooks/ack-overdue.md" in text
    assert main([*words, "--runbook-url", "https://wiki/"]) == 0
    text = (tmp_path / "rules" / "ack-cycle.rules.yml").read_text()
    assert "https://wiki/ack-overdue.md" in text


def rule(**changed: Any) -> dict[str, Any]:
    good = {
        "alert": "CubeX",
        "expr": "cube_ack_due == 1",
        "for": "0s",
        "labels": {"severity": "warning"},
        "annotations": {"summary": "x", "runbook_url": "y"},
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"expr": "cube_ack_dew == 1"}, "nobody exposes or records cube_ack_dew"),
        ({"expr": 'cube_ack_due{kind="exact"}'}, "cube_ack_due has no label kind"),
        ({"expr": "max by (devise) (cube_ack_due)"}, "no metric has a label devise"),
        ({"for": None}, "has no `for`"),
        ({"annotations": {"summary": "x"}}, "has no annotation `runbook_url`"),
        ({"labels": {}}, "has no severity"),
        ({"alert": None, "record": "cube:x"}, "keeps `instance` and `job`"),
    ],
)
def test_the_lint_finds(known: Known, changed: dict[str, Any], problem: str) -> None:
    content = {"x.rules.yml": {"groups": [{"name": "x", "rules": [rule(**changed)]}]}}
    (found,) = problems(content, known)
    assert problem in found


def test_the_lint_finds_two_alerts_of_one_name(known: Known) -> None:
    content = {"x.rules.yml": {"groups": [{"name": "x", "rules": [rule(), rule()]}]}}
    assert list(problems(content, known)) == ["two alerts are named CubeX"]


def test_names_of_an_expression() -> None:
    used = names(
        'max without (instance, job) (last_over_time(a:b{x="y z"}[1h])) > bool on (device)'
        ' group_left (step) c_total{limit=~"d|e"} * 0 + 1 unless vector(1)'
    )
    assert used.metrics == {"a:b", "c_total"}
    assert used.matched == {("a:b", "x"), ("c_total", "limit")}
    assert used.grouped == {"instance", "job", "device", "step"}


def test_the_command_writes_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "rules"
    assert main(["rules", "--out", str(out)]) == 0
    assert main(["rules", "--out", str(out), "--check"]) == 0
    (out / "pairs.rules.yml").write_text("")
    (out / "old.rules.yml").write_text("")
    capsys.readouterr()
    assert main(["rules", "--out", str(out), "--check"]) == 1
    said = capsys.readouterr().out
    assert "pairs.rules.yml is not as it would be written" in said
    assert "old.rules.yml belongs to no rule" in said


def test_the_command_prints_and_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    assert "CubeAckOverdue" in capsys.readouterr().out
    assert main(["rules", "--check"]) == 2
    (tmp_path / "file").write_text("")
    assert main(["rules", "--out", str(tmp_path / "file" / "deeper")]) == 2
    assert main(["rules", "--out", str(tmp_path / "file"), "--check"]) == 1
    config = tmp_path / "cubemon.yaml"
    config.write_text("limits: {pair_roles_seconds: 300}\n")
    assert main(["rules", "--config", str(config)]) == 0
    assert "for: 5m" in capsys.readouterr().out
