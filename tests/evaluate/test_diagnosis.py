"""How well devices are heard: sources, disagreements, clocks, zone words, calls or legs, names."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import pytest

from monitor.domain.device import Device
from monitor.domain.diagnosis import Counted, Counting, Diagnosis, Setup, SourceState
from monitor.domain.facts import Fact
from monitor.domain.instants import DAY, HOUR, MINUTE
from monitor.domain.state import DeviceState
from monitor.domain.tags import AGGREGATE, CALLS
from monitor.domain.yang import About
from monitor.evaluate import Limits
from monitor.evaluate.calibration import calibrate
from monitor.evaluate.diagnosis import diagnose
from monitor.evaluate.remedies import missing

NOW: Final = 1_700_000_000
EVERYTHING: Final = frozenset({"cli", "gnmi", "snmp", "trap", "syslog"})
Facts = Callable[..., list[Fact]]
Judged = Callable[..., DeviceState]


def heard(**ago: float) -> Mapping[str, float]:
    return {source: NOW - seconds for source, seconds in ago.items()}


@pytest.fixture
def diagnosed(judged: Judged) -> Callable[..., Diagnosis]:
    def make(
        facts: list[Fact],
        seen: Mapping[str, float] | None = None,
        setup: Setup | None = None,
        counted: Counted | None = None,
        device: Device | None = None,
    ) -> Diagnosis:
        state = replace(judged(facts, last_seen=seen or {}), facts=tuple(facts))
        state = replace(state, device=device or state.device)
        return diagnose(state, setup or Setup(), counted or Counted(), Limits())

    return make


Diagnosed = Callable[..., Diagnosis]


def test_a_device_that_every_source_tells_of_is_fine(said: Facts, diagnosed: Diagnosed) -> None:
    found = diagnosed(
        said(release="17.9.4a", platform="C8000V", offset=0.4),
        heard(cli=HOUR, gnmi=30, snmp=MINUTE, trap=DAY, syslog=HOUR),
        Setup(sources=EVERYTHING),
    )
    assert found.fine
    assert found.remedies == ()
    assert found.release == "17.9.4a"
    assert found.clock_offset == 0.4
    states = {one.source: one.state for one in found.sources}
    assert states.pop("restconf") is SourceState.NOT_CONFIGURED
    assert set(states.values()) == {SourceState.WORKS}


def test_each_source_is_told_apart_by_what_it_should_do_and_did(diagnosed: Diagnosed) -> None:
    found = diagnosed(
        [],
        heard(cli=DAY, gnmi=30, restconf=30),
        Setup(sources=frozenset({"cli", "gnmi", "snmp", "syslog"})),
    )
    assert {one.source: one.state for one in found.sources} == {
        "cli": SourceState.LATE,
        "gnmi": SourceState.WORKS,
        "restconf": SourceState.HEARD_ONLY,
        "snmp": SourceState.NEVER_HEARD,
        "trap": SourceState.NOT_CONFIGURED,
        "syslog": SourceState.NEVER_HEARD,
    }
    needed = [one.what.split(".")[0] for one in found.remedies if one.needed]
    assert needed == ["cli is late", "snmp was never heard"]
    by = {one.source: one for one in found.sources}
    assert by["cli"].expected_by == NOW - DAY + 18 * HOUR
    assert by["snmp"].expected_by is None
    # A router that has nothing to say sends nothing: how to switch it on is shown all the same.
    assert any("logging host" in line for one in found.remedies for line in one.router)


def test_a_silent_trap_receiver_is_something_to_do_only_once_it_worked(
    diagnosed: Diagnosed,
) -> None:
    setup = Setup(sources=frozenset({"cli", "trap"}))
    assert diagnosed([], heard(cli=HOUR), setup).fine
    late = diagnosed([], heard(cli=HOUR, trap=9 * DAY), setup)
    assert [one.what[:12] for one in late.remedies if one.needed] == ["trap is late"]


def test_disagreements_show_every_source_the_believed_one_first(
    said: Facts, told: Facts, diagnosed: Diagnosed
) -> None:
    facts = [
        *said(release="17.09.04a", sip="up", deadline=NOW + 30 * DAY),
        *said(key="CUBE_T_STD", usage_count=20),
        *(replace(one, source="gnmi") for one in said(NOW - 700, release="17.9.4a")),
        *(replace(one, source="gnmi") for one in said(NOW - 700, "CUBE_T_STD", usage_count=25)),
        *told(sip="down", deadline=NOW + 3 * DAY),
    ]
    found = diagnosed(facts, heard(cli=600, gnmi=700, syslog=600))
    apart = {one.what: [fact.source for fact in one.facts] for one in found.disagreements}
    assert apart == {
        "ack_deadline": ["cli", "syslog"],
        "sip_service": ["cli", "syslog"],
        "usage_count of CUBE_T_STD": ["cli", "gnmi"],
    }
    assert not found.fine
    assert sum("disagree" in one.what for one in found.remedies) == len(apart)


def test_counts_of_different_times_and_late_sources_do_not_disagree(
    said: Facts, diagnosed: Diagnosed
) -> None:
    facts = [
        *said(NOW - 60, "CUBE_T_STD", usage_count=20),
        *(replace(one, source="gnmi") for one in said(NOW - HOUR, "CUBE_T_STD", usage_count=25)),
        *said(NOW - 60, release="17.9.4a"),
        *(replace(one, source="gnmi") for one in said(NOW - DAY, release="17.6.1a")),
    ]
    assert diagnosed(facts, heard(cli=60, gnmi=DAY)).disagreements == ()


@pytest.mark.parametrize(("offset", "word"), [(301, "ahead"), (-301, "behind"), (300, "")])
def test_a_clock_that_is_off_is_something_to_do(
    said: Facts, diagnosed: Diagnosed, offset: int, word: str
) -> None:
    setup = Setup(sources=frozenset({"cli"}))
    found = diagnosed(said(offset=offset), heard(cli=60), setup)
    assert [one.router for one in found.remedies if one.needed] == (
        [("ntp server NTP-ADDRESS",)] if word else []
    )
    assert not word or any(f"s {word}." in one.what for one in found.remedies)


def test_a_zone_word_nobody_explained_is_named(said: Facts, diagnosed: Diagnosed) -> None:
    (bound,) = said(deadline=NOW + DAY, bound=True)
    bound = replace(bound, text="May 26 2020 02:54:45 BST")
    found = diagnosed([bound], heard(cli=60))
    assert found.unresolved_zones == ("BST",)
    assert any(one.configuration == ('timezones: {BST: "+HH:MM"}',) for one in found.remedies)
    explained = [bound, *said(key="BST", zone_offset=3600)]
    assert diagnosed(explained, heard(cli=60)).unresolved_zones == ()
    assert diagnosed([replace(bound, text="soon")]).unresolved_zones == ()


# Calls or legs


def sessions(per_second: int, seconds: int = 60, start: int = NOW // 60 * 60) -> dict[int, int]:
    return {start + at: per_second + at % 7 for at in range(seconds)}


@pytest.mark.parametrize(
    ("times", "counting"),
    [(1, Counting.CALLS), (2, Counting.LEGS), (3, Counting.UNKNOWN), (1.5, Counting.UNKNOWN)],
)
@pytest.mark.parametrize("tag", [AGGREGATE, "CUBE_T_STD"])
def test_the_ratio_to_sessions_of_the_same_seconds_decides(
    times: float, counting: Counting, tag: str
) -> None:
    told = sessions(20)
    calls = {at: round(count * times) for at, count in told.items()}
    (found,) = calibrate(Counted(readings={(CALLS, "snmp"): calls, (tag, "http"): told}))
    assert (found.source, found.against, found.compared) == ("snmp", "http", 60)
    assert found.counting is counting
    assert found.ratio == pytest.approx(times, rel=0.1)


def test_trunk_tags_are_summed_where_all_have_a_reading() -> None:
    one, other = sessions(10), sessions(5, seconds=30)
    calls = {at: 2 * (one[at] + other[at]) for at in other}
    readings = {
        (CALLS, "gnmi"): calls,
        ("CUBE_T_STD", "http"): one,
        ("CUBE_T_ENH", "http"): other,
        ("CUBE_T_VGW", "http"): sessions(50),
    }
    (found,) = calibrate(Counted(readings=readings))
    assert (found.counting, found.compared) == (Counting.LEGS, 30)


def test_device_minutes_are_compared_with_the_highest_of_the_minute() -> None:
    calls = sessions(40, seconds=15 * 60)
    start = min(calls)
    minutes = {start + 60 * n: 23 for n in range(15)}
    readings = {(CALLS, "snmp"): calls, (AGGREGATE, "cli-minutes"): minutes}
    (found,) = calibrate(Counted(readings=readings))
    assert (found.counting, found.compared, found.ratio) == (Counting.LEGS, 15, 2.0)


def test_too_little_proves_nothing() -> None:
    few = sessions(20, seconds=9)
    idle = dict.fromkeys(sessions(0), 2)
    for told in (few, idle, {}):
        calls = {at: 2 * count for at, count in told.items()}
        readings = {(CALLS, "snmp"): calls, (AGGREGATE, "http"): told}
        (found,) = calibrate(Counted(readings=readings))
        assert found.counting is Counting.UNKNOWN
    (alone,) = calibrate(Counted(readings={(CALLS, "snmp"): sessions(9)}))
    assert (alone.against, alone.compared, alone.ratio) == ("", 0, None)
    assert list(calibrate(Counted(readings={(AGGREGATE, "http"): few}))) == []


def test_legs_are_something_to_do_only_where_they_are_counted_wrong(diagnosed: Diagnosed) -> None:
    told = sessions(20)
    readings = {
        (CALLS, "snmp"): {at: 2 * count for at, count in told.items()},
        (AGGREGATE, "http"): told,
    }
    counted = Counted(readings=readings)
    seen, sources = heard(cli=60), frozenset({"cli"})

    def lines(aggregate: bool, legs: int) -> list[tuple[tuple[str, ...], bool]]:
        setup = Setup(sources=sources, calls_aggregate=aggregate, legs=legs)
        found = diagnosed([], seen, setup, counted)
        return [(o.configuration, o.needed) for o in found.remedies if "call table" in o.what]

    assert lines(aggregate=False, legs=1) == [(("calls: aggregate", "legs: 2"), False)]
    assert lines(aggregate=True, legs=1) == [(("calls: aggregate", "legs: 2"), True)]
    assert lines(aggregate=True, legs=2) == []


# Names, and what to set up


def test_names_that_the_configuration_does_not_know(said: Facts, diagnosed: Diagnosed) -> None:
    facts = said(udi="PID:C8000V,SN:9ABC", host_name="r1")
    found = diagnosed(facts, heard(cli=60))
    assert found.udi == "PID:C8000V,SN:9ABC"
    aliases = [one for one in found.remedies if one.configuration[:1] == (
        'aliases: ["PID:C8000V,SN:9ABC"]',)]  # fmt: skip
    assert [one.needed for one in aliases] == [False]
    known = Device(id="r1", aliases=frozenset({"pid:c8000v,sn:9abc"}))
    told = diagnosed(facts, heard(cli=60), device=known).remedies
    assert not any(line.startswith("aliases") for one in told for line in one.configuration)


@pytest.mark.parametrize(
    ("platform", "release", "way", "tells", "not_told"),
    [
        ("C8000V", "17.9.4a", "gnmi", "deadline", "call legs"),
        ("C8000V", "17.15.1a", "gnmi", "call legs", ""),
        ("C8300-1N1S-4T2X", "17.6.1a", "restconf", "call legs", "redundancy group"),
        ("ISR4431/K9", "17.3.3", "restconf", "licences by tag", "deadline"),
        ("ASR1001-X", "17.15.1a", "gnmi", "redundancy group", "call legs"),
        ("ISR4431/K9", "16.12.1", "", "", ""),
        ("toaster", "17.9.4a", "", "", ""),
        ("C8000V", None, "", "", ""),
    ],
)
def test_telemetry_is_offered_as_release_and_platform_have_it(
    platform: str, release: str | None, way: str, tells: str, not_told: str
) -> None:
    sources = EVERYTHING - {"gnmi"}
    found = list(missing(sources, About(release=release, platform=platform)))
    assert [one.configuration[0].split(":")[0] for one in found] == ([way] if way else [])
    for one in found:
        assert not one.needed
        assert tells in one.what
        assert not not_told or not_told not in one.what


def test_without_any_exact_source_the_command_line_is_needed() -> None:
    first, *others = missing(frozenset({"syslog"}), About())
    assert first.needed
    assert first.configuration == ("ssh: {host: ADDRESS, credential: noc}",)
    assert not any(one.needed for one in others)
    assert not any(one.needed for one in missing(frozenset({"gnmi"}), About()))
