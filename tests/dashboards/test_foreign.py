"""The dashboards before the judges of those who read them: Grafana's own types, Flux's checker.

They come from npm and need Node: `make test-grafana` and `make test-flux` fetch them into the
folders that CUBEMON_GRAFANA and CUBEMON_FLUX_LSP name. Tables are shown by Grafana's own code where
`@grafana/data` and `jsdom` lie there, too.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dashboards.__main__ import PAGES, written

TYPES = Path(__file__).parent / "written.ts"
COMPILER = (
    *("--noEmit", "--strict", "--skipLibCheck", "--module", "esnext"),
    *("--moduleResolution", "node10", "--target", "es2022"),
)
CHECKER = """
const lsp = require('@influxdata/flux-lsp-node');
const queries = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(queries.map((one) => lsp.is_valid_flux(one))));
"""
GRAFANAS = 'option v = {timeRangeStart: -1h, timeRangeStop: now(), defaultBucket: "cube"}\n'
"""What Grafana puts between the imports and the query."""


def _folder(variable: str, target: str) -> Path:
    folder = os.environ.get(variable)
    if folder is None or shutil.which("node") is None:
        pytest.skip(f"NOT RUN: a checker is absent; run `make {target}` (needs Node)")
    return Path(folder)


def _compiled(folder: Path, texts: dict[str, str]) -> str:
    place = folder / "checked"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    shutil.copy(TYPES, place)
    for name, text in texts.items():
        head = "import type { Ours } from './written';\nexport const it: Ours = "
        (place / f"{name}.ts").write_text(f"{head}{text};\n")
    done = subprocess.run(
        [folder / "node_modules" / ".bin" / "tsc", *COMPILER, *place.glob("*.ts")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout


def test_grafanas_types_take_every_dashboard() -> None:
    folder = _folder("CUBEMON_GRAFANA", "test-grafana")
    assert _compiled(folder, {page.name: written(page) for page in PAGES}) == ""


def test_grafanas_types_find_what_is_wrong() -> None:
    folder = _folder("CUBEMON_GRAFANA", "test-grafana")
    text = written(PAGES[0])
    wrong = {
        "title": text.replace('"title": "Devices"', '"title": 5'),
        "legend": text.replace('"showLegend": true', '"showLegend": "yes"'),
        "kind": text.replace('"type": "stat"', '"type": "singlestat"'),
    }
    assert all(one != text for one in wrong.values())
    said = _compiled(folder, wrong)
    assert [name for name in wrong if f"{name}.ts" not in said] == []


NAME = "R&D #1 + more"
NAMED = "R%26D%20%231%20%2B%20more"
FOUND: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = {
    ("fleet", "Acknowledgement deadlines, the next one first"): {
        "A": [{"device": NAME, "Value": 1_795_000_000_000}], "B": [], "C": [],
        "D": [{"device": NAME, "state": "may_stop", "Value": 1}],
        "E": [{"device": NAME, "release": "17.3.2", "transport": "smart",
               "virtual_account": NAME, "Value": 1}],
    },
    ("fleet", "Findings"): {
        "A": [{"rule": "x", "step": "x", "subject": NAME, "view": view, "Value": 3}
              for view in ("device", "pair", "account", "collection")],
    },
    ("fleet", "Pairs"): {
        "A": [{"pair": NAME, "Value": 1}], "B": [{"pair": NAME, "Value": 0}],
        "C": [{"pair": NAME, "verdict": "fails", "Value": 1}],
    },
    ("fleet", "Balances"): {
        ref: [{"account": NAME, "tag": "CUBE_T_STD", "Value": value}]
        for ref, value in (("A", 50), ("B", 51), ("C", -1))
    },
}  # fmt: skip
"""Page and table -> query -> rows as Prometheus would answer."""


def _shown(folder: Path, rows: list[dict[str, list[Any]]]) -> tuple[list[Any], list[str]]:
    """Tables as Grafana shows them with those rows, and units that it does not know."""
    pages = {page.name: json.loads(written(page)) for page in PAGES}
    panels = [
        next(one for one in pages[name]["panels"] if one["title"] == title) for name, title in FOUND
    ]
    text = json.dumps(pages)
    units = set(re.findall(r'"(?:id": "unit", "value|unit)": "(\w+)"', text))
    assert {"short", "dateTimeFromNow", "percentunit"} <= units
    tables = [{"panel": panel, "rows": one} for panel, one in zip(panels, rows, strict=True)]
    done = subprocess.run(
        ["node", Path(__file__).parent / "shown.cjs"],
        input=json.dumps({"tables": tables, "units": sorted(units)}),
        env={"NODE_PATH": str(folder / "node_modules"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return found["tables"], found["unknown"]


def _with_grafanas_data() -> Path:
    folder = _folder("CUBEMON_GRAFANA", "test-grafana")
    if not all((folder / "node_modules" / one).is_dir() for one in ("@grafana/data", "jsdom")):
        pytest.skip("NOT RUN: @grafana/data and jsdom are absent")
    return folder


def test_grafana_shows_names_and_leads_to_their_own_pages() -> None:
    tables, unknown = _shown(_with_grafanas_data(), list(FOUND.values()))
    deadlines, findings, pairs, balances = tables
    assert unknown == []
    assert deadlines["calls at the deadline"][0]["text"] == "may stop"
    assert "ago" in deadlines["deadline"][0]["text"]
    for page, cell in (
        ("device", deadlines["device"][0]),
        ("account", deadlines["account"][0]),
        ("device", findings["subject"][0]),
        ("pair", findings["subject"][1]),
        ("account", findings["subject"][2]),
        ("collection", findings["subject"][3]),
        ("pair", pairs["pair"][0]),
        ("account", balances["account"][0]),
    ):
        assert cell["text"] == NAME
        assert cell["link"].startswith(f"/d/cubemon-{page}?var-{page}={NAMED}&")
    assert findings["severity"][0]["text"] == "critical"
    assert pairs["calls after a failover now"][0]["text"] == "stop"
    assert [balances[one][0]["text"] for one in ("purchased", "in use", "balance")] == [
        "50", "51", "-1"
    ]  # fmt: skip


def test_grafana_shows_an_empty_fleet() -> None:
    empty: list[dict[str, list[Any]]] = [{ref: [] for ref in one} for one in FOUND.values()]
    tables, _ = _shown(_with_grafanas_data(), empty)
    assert tables == [{}] * len(FOUND)


def _as_sent(text: str) -> str:
    filled = text.replace("${device:doublequote}", '"cube-a"')
    assert "${" not in filled
    return filled.replace("\n\n", f"\n\n{GRAFANAS}", 1)


def test_flux_is_valid(asked: Any) -> None:
    folder = _folder("CUBEMON_FLUX_LSP", "test-flux")
    texts = [_as_sent(text) for _, text, is_flux in asked if is_flux]
    assert texts
    done = subprocess.run(
        ["node", "-e", CHECKER],
        input=json.dumps([*texts, *(text.replace("|> range", "|> rang") for text in texts)]),
        env={"NODE_PATH": str(folder / "node_modules"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert json.loads(done.stdout) == [True] * len(texts) + [False] * len(texts)
