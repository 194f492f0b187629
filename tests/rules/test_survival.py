"""The rules where data stops: lost scrapes, a dead monitor, a restart, one of two monitors."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from monitor.play.judges import rule_paths

RULES = rule_paths(Path(__file__).parents[2] / "rules")
pytestmark = pytest.mark.engine("promtool")

STEP: Final = 14 * 86_400
"""The step of 14 days begins at minute 30."""
DEADLINE: Final = STEP + 30 * 60
PLANNED: Final = {"rule": "push_planned_too_late", "step": "planned", "severity": "warning"}
CRITICAL: Final = {"rule": "push_planned_too_late", "step": "14d", "severity": "critical"}
STALE: Final = {"rule": "stale_data", "step": "poll", "severity": "warning"}

Series = Mapping[str, str]


def present(value: float, minutes: int, *, since: int = 0, gone_after: int = 200) -> str:
    """A constant from one minute on, for so many minutes, then marked stale."""
    head = f"_x{since} " if since else ""
    return f"{head}{value}+0x{minutes - 1} stale _x{gone_after}"


def monitor(values: Mapping[str, float], minutes: int, instance: str = "a") -> Series:
    """What one monitor exposes for so many minutes of a router that plans its push too late."""
    own = f'job="cube",instance="{instance}"'
    exposed = {
        "cube_monitor_build_info{%s}": 1.0,
        "cube_monitor_snapshot_timestamp_seconds{%s}": 1e9,
        'cube_ack_deadline_timestamp_seconds{device="r1",source="cli",kind="exact",%s}': DEADLINE,
        'cube_ack_deadline_threshold_seconds{device="r1",limit="push_too_late_critical",step="14d",'
        "%s}": STEP,
        'cube_stopping{device="r1",state="stops",%s}': 1.0,
        'cube_stopping{device="r1",state="before_policy",%s}': 0.0,
        'cube_push_planned{device="r1",%s}': 1.0,
        'cube_next_push_timestamp_seconds{device="r1",%s}': DEADLINE + 86_400,
        'cube_last_seen_timestamp_seconds{device="r1",source="cli",%s}': 0.0,
        'cube_silence_threshold_seconds{device="r1",source="cli",%s}': 1e9,
        **values,
    }
    return {name % own: present(value, minutes) for name, value in exposed.items()}


def alerts(series: Series, at: Sequence[int], of: str = "r1") -> dict[int, list[dict[str, str]]]:
    """Minute -> the alerts that fire about a subject, read from promtool's report."""
    query = f'ALERTS{{alertstate="firing",subject="{of}"}}' if of else 'ALERTS{subject=""}'
    test = {
        "rule_files": [str(path) for path in RULES],
        "group_eval_order": [
            group["name"]
            for path in RULES
            for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        ],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": k, "values": v} for k, v in series.items()],
                "promql_expr_test": [
                    {"expr": query, "eval_time": f"{minute}m", "exp_samples": [_NONE]}
                    for minute in at
                ],
            }
        ],
    }
    return dict(zip(at, _got(test, len(at)), strict=True))


_NONE: Final = {"labels": '{never="so"}', "value": 1}
_SHOWN: Final = ("alertname", "rule", "step", "severity")


def _got(test: Mapping[str, Any], count: int) -> list[list[dict[str, str]]]:
    done = subprocess.run(
        ["promtool", "test", "rules", "/dev/stdin"],
        input=json.dumps(test),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "got:" in line]
    assert len(lines) == count, done.stdout + done.stderr
    return [_read(line) for line in lines]


def _read(line: str) -> list[dict[str, str]]:
    shown: list[dict[str, str]] = []
    for inside in line.partition("got:")[2].split("}")[:-1]:
        pairs = inside.partition("{")[2].split(", ")
        labels = {
            name: json.loads(value) for name, _, value in (one.partition("=") for one in pairs)
        }
        shown.append({name: labels[name] for name in _SHOWN if name in labels})
    return sorted(shown, key=str)


def steps(found: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    return [{name: one[name] for name in ("rule", "step", "severity")} for one in found]


def test_a_dead_monitor_resolves_nothing_and_the_clock_goes_on() -> None:
    found = alerts(monitor({}, minutes=10), [5, 15, 29, 31, 90])

    assert [steps(found[at]) for at in (5, 15, 29)] == [[PLANNED]] * 3
    assert steps(found[31]) == steps(found[90]) == [CRITICAL]


def test_a_lost_scrape_changes_nothing() -> None:
    series = {
        name: f"{values.split('+')[0]}+0x9 stale {values.split('+')[0]}+0x99"
        for name, values in monitor({}, minutes=100).items()
    }
    found = alerts(series, [9, 10, 11, 20])
    assert [steps(one) for one in found.values()] == [[PLANNED]] * 4


def test_our_own_death_is_told_and_is_not_taken_for_silence_of_routers() -> None:
    patience = {'cube_silence_threshold_seconds{device="r1",source="cli",%s}': 1_200.0}
    series = monitor(patience, minutes=10)

    own = alerts(series, [5, 14, 16, 40], of="")
    heard = alerts(series, [40])

    names = {at: [one["alertname"] for one in found] for at, found in own.items()}
    assert names[5] == ["CubeMonitorHeartbeat"]
    assert "CubeMonitorAbsent" in names[16]
    assert "CubeMonitorHeartbeat" in names[40]
    assert STALE not in steps(heard[40])


def test_a_stale_alert_does_not_end_with_the_monitor() -> None:
    patience = {'cube_silence_threshold_seconds{device="r1",source="cli",%s}': 300.0}
    found = alerts(monitor(patience, minutes=10), [4, 8, 30])

    assert STALE not in steps(found[4])
    assert STALE in steps(found[8])
    assert STALE in steps(found[30])


def test_a_silent_relay_neither_begins_nor_ends_with_the_monitor() -> None:
    def behind(device: str, patience: float) -> dict[str, float]:
        own = f'device="{device}"'
        return {
            f'cube_device_relay{{{own},relay="192.0.2.9",%s}}': 1.0,
            f'cube_last_seen_timestamp_seconds{{{own},source="syslog",%s}}': 0.0,
            f'cube_silence_threshold_seconds{{{own},source="syslog",%s}}': patience,
        }

    limit = {'cube_limit_devices{limit="shared_cause_devices",%s}': 2.0}
    silent = {"rule": "relay_silent", "step": "shared", "severity": "warning"}
    subject = "relay 192.0.2.9"

    late = monitor({**limit, **behind("r2", 300.0), **behind("r3", 360.0)}, minutes=10)
    found = alerts(late, [6, 8, 30], of=subject)
    assert [steps(one) for one in found.values()] == [[], [silent], [silent]]
    assert [len(one) for one in alerts(late, [6, 8], of="r2").values()] == [1, 0]

    later = monitor({**limit, **behind("r2", 300.0), **behind("r3", 900.0)}, minutes=10)
    assert alerts(later, [8, 30], of=subject) == {8: [], 30: []}


def test_a_removed_router_resolves_while_the_monitor_reports() -> None:
    series = {
        name: present(1.0, 100) if name.startswith("cube_monitor") else values
        for name, values in monitor({}, minutes=10).items()
    }
    found = alerts(series, [9, 12])
    assert steps(found[9]) == [PLANNED]
    assert found[12] == []


def test_two_monitors_page_once() -> None:
    both = {**monitor({}, 100, "a"), **monitor({}, 100, "b")}
    found = alerts(both, [5, 31])
    assert steps(found[5]) == [PLANNED]
    assert steps(found[31]) == [CRITICAL]


def test_one_of_two_monitors_dies_and_comes_back() -> None:
    """The other goes on alone: nothing resolves, nothing pages anew."""
    gone = {
        name: f"{values.split('+')[0]}+0x9 stale _x20 {values.split('+')[0]}+0x60"
        for name, values in monitor({}, 100, "a").items()
    }
    found = alerts({**gone, **monitor({}, 100, "b")}, [5, 15, 29, 31, 40])
    assert [steps(one) for one in found.values()] == [[PLANNED]] * 3 + [[CRITICAL]] * 2


def test_a_monitor_that_was_lied_to_does_not_silence_the_other() -> None:
    deadline = 'cube_ack_deadline_timestamp_seconds{device="r1",source="%s",kind="%s",%%s}'
    lied = {deadline % ("syslog", "derived"): 364 * 86_400.0}
    told = monitor({**lied, deadline % ("cli", "exact"): float("nan")}, 100, "a")
    deaf = {name: values for name, values in told.items() if 'kind="exact"' not in name}
    found = alerts({**deaf, **monitor({}, 100, "b")}, [5, 31])
    assert steps(found[5]) == [PLANNED]
    assert steps(found[31]) == [CRITICAL]


def test_a_restart_of_the_monitor_pages_nothing_anew() -> None:
    series = {
        name: f"{values.split('+')[0]}+0x33 stale _x3 {values.split('+')[0]}+0x60"
        for name, values in monitor({}, 100).items()
    }
    found = alerts(series, [32, 34, 36, 39])
    assert [steps(one) for one in found.values()] == [[CRITICAL]] * 4
