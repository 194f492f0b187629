"""Golden cases: a report as JSON, and the facts, event and log line that are read from it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.facts import FactName
from monitor.parse import snmp
from monitor.wire import Absent, SnmpReport, SnmpValue

GOLDEN = Path(__file__).parents[2] / "golden" / "snmp"
RECEIVED = 1_795_428_000.0
CASES = sorted(path.parent for path in GOLDEN.glob("*/*/report.json"))
NOTED = {FactName.POLLED}


def value(written: Any) -> SnmpValue:
    if isinstance(written, dict):
        if "oid" in written:
            return str(written["oid"])
        return bytes.fromhex(written["hex"]) if "hex" in written else Absent[written["absent"]]
    return written.encode() if isinstance(written, str) else written


def report(case: Path) -> tuple[SnmpReport, str | None]:
    said = json.loads((case / "report.json").read_text())
    return SnmpReport(
        device="cube", address="192.0.2.1", asked=RECEIVED, received=RECEIVED,
        authenticated=said.get("authenticated", False),
        notification=said.get("notification", ""),
        varbinds=[(oid, value(written)) for oid, written in said["varbinds"].items()],
    ), said.get("release")  # fmt: skip


def read(case: Path) -> dict[str, Any]:
    its, release = report(case)
    facts = [
        [fact.name.value, fact.key, fact.value, fact.kind.value]
        for fact in snmp.facts(its, device="cube", release=release)
        if fact.name not in NOTED
    ]
    told = snmp.notification(its)
    line = snmp.log_line(its)
    found: dict[str, Any] = {"facts": facts}
    if told is not None:
        found["event"] = {"mib": told.mib, "name": told.name, **told.event.as_json()}
    if line is not None:
        found["line"] = line.decode()
    return found


def test_there_are_cases_of_every_mib() -> None:
    assert {case.parent.name for case in CASES} == {
        "entity", "notifications", "redundancy", "smart_license", "system",
    }  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_golden(case: Path) -> None:
    expected = case / "expected.json"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(json.dumps(read(case), indent=1) + "\n")
    assert read(case) == json.loads(expected.read_text())
