"""The dashboards before the judges of those who read them: Grafana's own types, Flux's checker.

Both come from npm and need Node: `make test-grafana` and `make test-flux` fetch them into the
folders that CUBEMON_GRAFANA and CUBEMON_FLUX_LSP name.
"""

import json
import os
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
