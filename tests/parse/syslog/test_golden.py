"""Golden folders: `<facility>/<case>/frame.txt` read to `events.json`."""

import json
import pkgutil
from pathlib import Path

import pytest

from monitor.parse import syslog
from monitor.parse.syslog import facilities

GOLDEN = Path(__file__).parents[2] / "golden" / "syslog"
CASES = sorted(path.parent for path in GOLDEN.glob("*/*/frame.txt"))
RECEIVED = 1_617_463_800.0


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.relative_to(GOLDEN)))
def test_frame_gives_expected_events(case: Path) -> None:
    payload = (case / "frame.txt").read_bytes().removesuffix(b"\n")
    message = syslog.read(payload, RECEIVED)

    said = [event.as_json() for event in syslog.events(message)]

    assert said == json.loads((case / "events.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.relative_to(GOLDEN)))
def test_golden_frame_belongs_to_its_facility_and_passes_the_prefilter(case: Path) -> None:
    payload = (case / "frame.txt").read_bytes().removesuffix(b"\n")
    message = syslog.read(payload, RECEIVED)

    key = syslog.licence_facility(message)

    assert key is not None
    assert key.lower().replace("-", "_") == case.parent.name
    assert message.header_ok
    assert syslog.wanted(payload)


def test_every_facility_module_is_registered_and_has_cases() -> None:
    modules = {module.name for module in pkgutil.iter_modules(facilities.__path__)}

    assert modules == {key.lower().replace("-", "_") for key in syslog.FACILITIES}
    assert modules == {case.parent.name for case in CASES}
