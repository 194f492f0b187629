"""Alerts carry pair and account, and two monitors that disagree on them cost no alert."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine("promtool")

RULES = Path(__file__).parents[2] / "rules" / "conditions.rules.yml"


def told(
    tmp_path: Path,
    series: Sequence[str],
    wanted: Sequence[Mapping[str, str]],
    by: str = "rule, subject, pair, account",
) -> None:
    """promtool itself says whether exactly these speak; `series` stay at 0 or 1 (`!`: 0)."""
    monitors = [f'cube_monitor_build_info{{instance="{one}",job="c"}}' for one in "ab"]
    test = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": one.removeprefix("!"), "values": "0x5" if one[0] == "!" else "1x5"}
                    for one in (*monitors, *series)
                ],
                "promql_expr_test": [
                    {
                        "expr": f"count by ({by}) (cube:finding:told)",
                        "eval_time": "5m",
                        "exp_samples": [{"labels": json_labels(one), "value": 1} for one in wanted],
                    }
                ],
            }
        ],
    }
    file = tmp_path / "placing.test.yml"
    file.write_text(json.dumps(test))
    done = subprocess.run(
        ["promtool", "test", "rules", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def json_labels(labels: Mapping[str, str]) -> str:
    return f"{{{','.join(f'{name}={json.dumps(value)}' for name, value in labels.items())}}}"


def both(metric: str, **labels: str) -> list[str]:
    """The same of two monitors."""
    return [f"{metric}{json_labels({**labels, 'instance': one, 'job': 'c'})}" for one in "ab"]


def test_a_device_carries_its_account_where_it_is_known(tmp_path: Path) -> None:
    info = both("cube_device_info", device="cube-1", virtual_account="EMEA")
    down = both("!cube_sip_service_up", device="cube-1")
    finding = {"rule": "sip_service_down", "subject": "cube-1"}
    told(tmp_path, [*info, *down], [{**finding, "account": "EMEA"}])
    told(tmp_path, down, [finding])


def test_monitors_that_disagree_on_account_and_pair_cost_no_alert(tmp_path: Path) -> None:
    left, _ = both("cube_device_info", device="cube-1", virtual_account="EMEA")
    _, right = both("cube_device_info", device="cube-1", virtual_account="APJC")
    one, _ = both("cube_pair_standby_proven", device="cube-1", pair="edge")
    _, other = both("cube_pair_standby_proven", device="cube-1", pair="cube-1+cube-2")
    out = both("cube_out_of_compliance", device="cube-1")
    wanted = [{"rule": "out_of_compliance", "subject": "cube-1"}]
    told(tmp_path, [left, right, one, other, *out], wanted, by="rule, subject")


def test_the_page_of_a_pair_carries_both(tmp_path: Path) -> None:
    series = [
        *both("cube_device_info", device="cube-1", virtual_account="EMEA"),
        *both("cube_device_info", device="cube-2", virtual_account="EMEA"),
        *both("cube_pair_member", device="cube-1", pair="edge"),
        *both("cube_pair_member", device="cube-2", pair="edge"),
        *both("!cube_pair_standby_proven", device="cube-1", pair="edge"),
        *both("cube_pair_standby_proven", device="cube-2", pair="edge"),
        *both("!cube_sip_service_up", device="cube-1"),
        *both("cube_out_of_compliance", device="cube-2"),
    ]
    place = {"pair": "edge", "account": "EMEA"}
    told(
        tmp_path,
        series,
        [
            {"rule": "pair_page", "subject": "edge", **place},
            {"rule": "out_of_compliance", "subject": "cube-2", **place},
        ],
    )
