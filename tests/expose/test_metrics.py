import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.utils import floatToGoString

from monitor import __version__
from monitor.domain.findings import Standing
from monitor.domain.readings import Series
from monitor.domain.state import FleetSnapshot, OpenFinding
from monitor.expose import metrics
from monitor.expose.family import word
from monitor.expose.metrics import FAMILIES, FleetCollector, MetricsPage
from monitor.instrument import Instruments

HERE = Path(__file__).parent
REFERENCE = HERE.parents[1] / "docs" / "metrics.md"


def page(fleet: FleetSnapshot) -> str:
    return MetricsPage(CollectorRegistry(), lambda: fleet).render().decode()


def printed_by_prometheus_client(fleet: FleetSnapshot) -> str:
    registry = CollectorRegistry()
    registry.register(FleetCollector(lambda: fleet))
    return generate_latest(registry).decode()


def samples(text: str, name: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(rf"{name}[ {{]", line)]


def test_the_page_of_a_small_fleet_is_the_golden_one(face: Any) -> None:
    golden = (HERE / "golden" / "metrics.txt").read_text()
    assert face.get("/metrics").text == golden.replace("VERSION", __version__)


def test_the_text_is_byte_for_byte_what_prometheus_client_prints(face: Any) -> None:
    assert page(face.fleet) == printed_by_prometheus_client(face.fleet)
    assert page(FleetSnapshot(now=0)) == printed_by_prometheus_client(FleetSnapshot(now=0))


@settings(deadline=None)
@given(st.floats() | st.integers(-(2**63), 2**63) | st.booleans())
def test_numbers_are_printed_as_prometheus_client_prints_them(value: float) -> None:
    metrics._number.cache_clear()  # 0.0 and -0.0 are one key
    assert metrics._number(value) == floatToGoString(value)  # type: ignore[no-untyped-call]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(max_size=5))
def test_odd_names_are_escaped_as_prometheus_client_escapes_them(device: str, tag: str) -> None:
    fleet = FleetSnapshot(now=1, latest={Series(device, tag, "lab"): (1, 2)})
    assert page(fleet) == printed_by_prometheus_client(fleet)


def test_a_stray_surrogate_costs_a_letter_and_not_the_scrape() -> None:
    assert 'device="a?"' in page(
        FleetSnapshot(now=1, latest={Series("a\udc80", "T", "lab"): (1, 2)})
    )


def test_what_is_unknown_has_no_series(face: Any) -> None:
    text = page(face.fleet)
    told = {line.split("{")[0] for line in text.splitlines() if 'device="oslo"' in line}
    assert told == {"cube_device_info", "cube_stopping", "cube_device_stale"}
    assert 'cube_last_ack_timestamp_seconds{device="berlin"}' not in text  # never acknowledged


def test_one_device_pages_once(face: Any) -> None:
    text = page(face.fleet)
    assert samples(text, "cube_finding") == [
        'cube_finding{rule="out_of_compliance",severity="info",step="3d",subject="berlin"} 1.0',
        'cube_finding{rule="sip_down",severity="critical",step="3d",subject="berlin"} 1.0',
    ]
    assert [line.split('"')[1] for line in samples(text, "cube_finding_inhibited")] == [
        "ack_backstop"
    ]


def test_a_resolved_finding_is_gone(face: Any) -> None:
    def resolved(found: OpenFinding) -> OpenFinding:
        standing: Standing = replace(found.standing, resolved=face.fleet.now)
        return replace(found, standing=standing)

    fleet = replace(face.fleet, findings=[resolved(found) for found in face.fleet.findings])
    assert "berlin" not in "".join(samples(page(fleet), "cube_finding"))
    assert not samples(page(fleet), "cube_finding_inhibited")


def test_removed_devices_lose_their_series_and_their_memory(face: Any) -> None:
    family = next(family for family in FAMILIES if family.name == "cube_sessions")
    written = metrics.FamilyText(family)
    many = {Series(f"cube-{number}", "T", "lab"): (1, 1) for number in range(3_000)}
    assert written.lines(FleetSnapshot(now=1, latest=many)).count(b"\n") == 3_002
    assert written.lines(FleetSnapshot(now=1)).count(b"\n") == 2
    assert not written._prefixes


def test_labels_hold_one_bounded_printable_line() -> None:
    assert word(None) == ""
    assert word("  C8300\x1b[2J\n") == "C8300[2J"
    assert len(word("x" * 1_000)) == 100


def test_an_open_period_and_a_finding_without_a_deadline_have_no_such_series(face: Any) -> None:
    (measurement,) = face.fleet.measurements
    found = face.fleet.findings[2]
    fleet = replace(
        face.fleet,
        measurements=[replace(measurement, count=None, units=None)],
        findings=[replace(found, finding=replace(found.finding, deadline=None))],
    )
    text = page(fleet)
    assert not samples(text, "cube_license_peak")
    assert not samples(text, "cube_license_peak_sessions")
    assert samples(text, "cube_license_peak_coverage_ratio")
    assert not samples(text, "cube_finding_deadline_timestamp_seconds")
    assert samples(text, "cube_finding_opened_timestamp_seconds")


def test_a_series_told_twice_appears_once(face: Any) -> None:
    twice = replace(face.fleet, measurements=[*face.fleet.measurements] * 2)
    assert page(twice) == page(face.fleet)


def test_families_have_distinct_names_labels_that_exist_and_help() -> None:
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
    for family in FAMILIES:
        assert re.fullmatch(r"cube_[a-z_]+", family.name)
        assert family.help.endswith(".")
        assert "\n" not in family.help


def test_5_000_devices_are_shown_in_full(face: Any) -> None:
    state = face.fleet.devices[1]
    states = [
        replace(state, device=replace(state.device, id=f"cube-{number}")) for number in range(5_000)
    ]
    fleet = FleetSnapshot(now=1, devices=states)
    written = MetricsPage(CollectorRegistry(), lambda: fleet)
    text = written.render()
    assert len(samples(text.decode(), "cube_ack_deadline_timestamp_seconds")) == 5_000
    assert written.render() == text


@pytest.mark.engine("promtool")
def test_promtool_finds_nothing_to_say(face: Any) -> None:
    Instruments(face.registry)
    checked = subprocess.run(
        ["promtool", "check", "metrics"],
        input=face.get("/metrics").content,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def own_metrics() -> dict[str, set[str]]:
    registry = CollectorRegistry()
    instruments = Instruments(registry)
    groups = [one for one in vars(instruments).values() if hasattr(one, "__dict__")]
    labels = {
        metric._name: set(metric._labelnames)
        for holder in (instruments, *groups)
        for metric in vars(holder).values()
        if hasattr(metric, "_labelnames")
    }
    return {
        f"{metric.name}_total" if metric.type == "counter" else metric.name: labels[metric.name]
        for metric in registry.collect()
    }


def test_the_reference_names_every_metric_with_its_labels_and_no_other() -> None:
    exposed = {family.name: set(family.labels) for family in FAMILIES} | own_metrics()
    rows = re.findall(r"^\| `(cube_\w+)` \| ([^|]*) \| [^|]+ \|$", REFERENCE.read_text(), re.M)
    documented = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    assert documented == exposed
    assert len(rows) == len(documented)
