"""Every form of Flux query we ask, checked by InfluxData's own semantic checker.

It needs Node and the npm package @influxdata/flux-lsp-node (0.8.40) below the directory that
CUBEMON_FLUX_LSP names: `make test-flux` fetches it.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from monitor.store.influxdb import flux
from monitor.store.line.points import FACT, HOUR, MEASUREMENT

BETWEEN = (1_700_000_000, 1_700_003_600)
HOSTILE = ["cube-a", 'x" or true //', "back\\", "${1 + 1}", "zürich\n", "|> drop()", "\\${x}"]
CHECKER = """
const lsp = require('@influxdata/flux-lsp-node');
const queries = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(queries.map((one) => lsp.is_valid_flux(one))));
"""


def queries() -> list[str]:
    asked = []
    for text in HOSTILE:
        asked.append(flux.readings(text, BETWEEN, {}))
        asked.append(flux.readings("b", BETWEEN, {"device": text, "tag": text, "source": text}))
        asked += [
            flux.rows("b", one, BETWEEN, {"device": text}) for one in (HOUR, MEASUREMENT, FACT)
        ]
    return asked


def checked(asked: list[str]) -> list[bool]:
    directory, node = os.environ.get("CUBEMON_FLUX_LSP"), shutil.which("node")
    if directory is None or node is None:
        pytest.skip("NOT RUN: the checker of Flux is absent; run `make test-flux` (needs Node)")
    done = subprocess.run(
        [node, "-e", CHECKER],
        input=json.dumps(asked),
        env={"NODE_PATH": str(Path(directory) / "node_modules")},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = json.loads(done.stdout)
    assert isinstance(found, list)
    return found


def test_every_query_is_valid_flux_whatever_the_names() -> None:
    asked = queries()
    assert [one for one, valid in zip(asked, checked(asked), strict=True) if not valid] == []


def test_the_checker_tells_wrong_ones() -> None:
    right = flux.readings("b", BETWEEN, {})
    wrong = [right.replace('"b"', "1"), right.replace("keep", "keeep"), right + ")"]
    assert checked([right, *wrong]) == [True, False, False, False]


def test_what_comes_from_outside_stays_inside_its_quotes() -> None:
    assert flux.quoted('a"b\\c\n${d}') == '"a\\"b\\\\c\\n\\${d}"'
