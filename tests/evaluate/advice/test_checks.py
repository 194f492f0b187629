"""Each check speaks on evidence, says nothing without it, and is fine with what is fine."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

import monitor.evaluate.advice as room
from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.domain.findings import Severity
from monitor.domain.instants import DAY
from monitor.evaluate import Limits, judge_device
from monitor.evaluate.advice import CHECKS, advise, own_findings, shown_findings
from monitor.evaluate.advice.check import Answer
from monitor.evaluate.case import Case, case_of

NOW = 1_700_000_000
R = Device(id="r1")
PAGE = (Path(__file__).parents[3] / "docs" / "advice.md").read_text()
Said = Mapping[str, Value]
A, B = "PID:ASR1006-X,SN:A", "PID:ASR1006-X,SN:B"
ISR = {"platform": "ISR4351/K9"}
SLP = {"release": "17.9.4a"}
OLD = {"release": "16.12.5"}


def facts(said: Said) -> list[Fact]:
    """Facts as a poll gives them; `name@key` names the key."""
    return [
        Fact(
            subject="r1",
            name=FactName(name.partition("@")[0]),
            key=name.partition("@")[2],
            source="cli",
            value=value,
            kind=FactKind.EXACT,
            received=NOW,
            effective=NOW,
        )
        for name, value in said.items()
    ]


def case(said: Said) -> Case:
    return case_of(R, facts(said), last_seen={}, now=NOW, limits=Limits())


def answer(check: str, said: Said) -> Answer:
    (found,) = (one for one in CHECKS if one.name == check)
    return found.look(case(said))


SPEAKS: list[tuple[str, Said, list[str]]] = [
    ("host_name_is_pid", {"host_name": "asr1006", "platform": "ASR1006"}, ["same"]),
    ("host_name_is_pid", {"host_name": "ISR4351", **ISR}, ["same"]),
    ("host_name_is_pid", {"host_name": "C8000V", "udi": "PID:C8000V,SN:9X"}, ["same"]),
    ("no_name_server", {"config_name_servers": None}, ["missing"]),
    (
        "no_name_server",
        {"config_name_servers": "10.0.0.1", "config_domain_lookup": False},
        ["lookup_off"],
    ),
    ("http_source_interface", {"config_http_source": None}, ["missing"]),
    (
        "http_source_interface",
        {"config_http_source": "Gi1", "config_http_source_state": "shutdown"},
        ["down"],
    ),
    (
        "http_source_interface",
        {"config_http_source": "Gi1", "config_http_source_state": "no_address"},
        ["no_address"],
    ),
    ("transport_not_smart", {**SLP, "transport": "callhome"}, ["callhome"]),
    ("transport_not_smart", {**SLP, "config_transport": "callhome"}, ["callhome"]),
    (
        "transport_not_smart",
        {"transport": "callhome", **OLD, "call_home_active@P": False},
        ["profile_inactive"],
    ),
    (
        "transport_not_smart",
        {"transport_url": "https://smartreceiver-stage.cisco.com/licservice/license"},
        ["staging"],
    ),
    ("transport_not_smart", {"transport": "smart", "transport_url": None}, ["url_missing"]),
    ("transport_not_smart", {"config_transport": "smart", "config_url": None}, ["url_missing"]),
    ("proxy_half_configured", {"proxy_address": "p", "proxy_port": None}, ["half"]),
    ("proxy_half_configured", {"proxy_address": None, "proxy_port": "80"}, ["half"]),
    ("register_or_trust", {**OLD, "registration": "unregistered"}, ["register"]),
    ("register_or_trust", {"release": "17.3.1a", "registration": "unregistered"}, ["register"]),
    ("register_or_trust", {"release": "17.3.2", "trust_code": None}, ["trust"]),
    ("register_or_trust", {**SLP, "trust_code": None, "transport": "smart"}, ["trust"]),
    (
        "trust_missing_on_member",
        {f"trust_member@{A}": NOW - 9, f"trust_member@{B}": None},
        ["member"],
    ),
    (
        "trust_missing_on_member",
        {f"trust_member@{A}": NOW - 9, "peer_udi@standby": B},
        ["member"],
    ),
    ("reservation_with_policy", {**SLP, "config_reservation": True}, ["reserved"]),
    (
        "reservation_with_policy",
        {**SLP, "authorization": "authorized_reserved"},
        ["reserved"],
    ),
    ("reservation_with_policy", {**SLP, "usage_status@CUBE_T_STD": "reserved"}, ["reserved"]),
    ("on_prem_too_old", {"reporting_supported": False}, ["too_old"]),
    ("periodicity", {**SLP, "config_period_hours": 4}, ["out_of_range"]),
    ("periodicity", {**SLP, "config_period_hours": 0.5}, ["out_of_range"]),
    ("periodicity", {**SLP, "period_hours": 25}, ["out_of_range"]),
    ("periodicity", {**SLP, "period_hours": 31 * 24}, ["out_of_range"]),
    ("periodicity", {"period_hours": 168}, ["default"]),
    ("periodicity", {"config_period_hours": None}, ["default"]),
    ("release_stops_calls", {"release": "17.3.3"}, ["stops"]),
    ("release_stops_calls", {"release": "17.3.2a"}, ["may_stop"]),
    ("report_pile_up", {"release": "17.6.3", "rum_waiting": 500}, ["piling"]),
    ("report_pile_up", {"release": "17.3.2a", "rum_total": 1200, "rum_waiting": 3}, ["piling"]),
    ("report_pile_up", {"release": "17.7.1a", "rum_total": 12}, ["release"]),
    ("report_pile_up", {"release": "17.4.1b"}, ["release"]),
    ("clock_off", {"clock_offset": 3601}, ["hour"]),
    ("clock_off", {"clock_offset": -9000.5}, ["hour"]),
    (
        "platform_license_missing",
        {**ISR, "usage_count@CUBE_T_STD": 4, "polled@show license usage": NOW},
        ["uck9"],
    ),
    (
        "platform_license_missing",
        {**ISR, "config_boot_level": None, "config_border_element": True},
        ["uck9"],
    ),
    ("debug_left_on", {"debug_license": True}, ["on"]),
]

FINE: list[tuple[str, Said]] = [
    ("host_name_is_pid", {"host_name": "cube-1", **ISR}),
    ("no_name_server", {"config_name_servers": "10.0.0.1"}),
    ("no_name_server", {"config_name_servers": None, "transport": "off"}),
    (
        "http_source_interface",
        {"config_http_source": "Gi1", "config_http_source_state": "configured"},
    ),
    ("http_source_interface", {"config_http_source": None, "config_transport": "off"}),
    ("transport_not_smart", {**SLP, "transport": "smart", "transport_url": "https://a.b/c"}),
    ("transport_not_smart", {"config_transport": "smart", "config_url": "default"}),
    ("transport_not_smart", {"transport": "smart"}),
    ("transport_not_smart", {**OLD, "transport": "callhome", "call_home_active@P": True}),
    ("transport_not_smart", {**SLP, "transport": "cslu"}),
    ("proxy_half_configured", {"proxy_address": "p", "proxy_port": "80"}),
    ("proxy_half_configured", {"proxy_address": None, "proxy_port": None}),
    ("register_or_trust", {**OLD, "registration": "registered"}),
    ("register_or_trust", {"release": "16.9.4", "registration": "unregistered"}),
    ("register_or_trust", {**SLP, "trust_code": NOW - 9}),
    ("register_or_trust", {**SLP, "trust_code": None, "transport": "cslu"}),
    ("trust_missing_on_member", {f"trust_member@{A}": NOW - 9, f"trust_member@{B}": True}),
    # The peer of a box-to-box pair is a router of its own.
    ("trust_missing_on_member", {f"trust_member@{A}": NOW - 9, "peer_udi@application": B}),
    ("reservation_with_policy", {**SLP, "config_reservation": False}),
    ("reservation_with_policy", {**OLD, "config_reservation": True}),
    ("reservation_with_policy", {**SLP, "usage_status@CUBE_T_STD": "in_use"}),
    ("on_prem_too_old", {"reporting_supported": True}),
    ("periodicity", {**SLP, "period_hours": 8}),
    ("periodicity", {**SLP, "period_hours": 24, "config_period_hours": None}),
    ("periodicity", {**OLD, "period_hours": 1}),
    ("release_stops_calls", SLP),
    ("release_stops_calls", OLD),
    ("report_pile_up", {"release": "17.3.7", "rum_waiting": 5000}),
    ("report_pile_up", {"release": "17.3.2", "rum_waiting": 5000}),
    ("clock_off", {"clock_offset": -3600}),
    ("platform_license_missing", {"platform": "C8300-1N1S-4T2X"}),
    ("platform_license_missing", {**ISR, "usage_count@ISR_4351_UnifiedCommunication": 1}),
    ("platform_license_missing", {**ISR, "config_boot_level": "uck9"}),
    ("debug_left_on", {"debug_license": False}),
]

UNTOLD: list[tuple[str, Said]] = [
    ("host_name_is_pid", {"host_name": "cube-1"}),
    ("host_name_is_pid", ISR),
    ("no_name_server", {"config_domain_lookup": True}),
    ("http_source_interface", {"config_http_source": "Gi1"}),
    ("proxy_half_configured", {"proxy_address": "p"}),
    ("register_or_trust", {"trust_code": None}),
    ("register_or_trust", SLP),
    ("register_or_trust", OLD),
    ("trust_missing_on_member", {"peer_udi@standby": B, "trust_code": NOW - 9}),
    ("reservation_with_policy", SLP),
    ("reservation_with_policy", {"config_reservation": True}),
    ("periodicity", {"config_period_hours": 4}),
    ("report_pile_up", {"rum_waiting": 5000}),
    ("clock_off", {"clock_offset": None}),
    ("platform_license_missing", {"usage_count@CUBE_T_STD": 4}),
    # A summary cuts tags off: it is no evidence that one is missing.
    (
        "platform_license_missing",
        {**ISR, "usage_count@CUBE_T_STD": 4, "polled@show license summary": NOW},
    ),
    ("platform_license_missing", {**ISR, "config_boot_level": None}),
    *((check.name, {}) for check in CHECKS),
]


@pytest.mark.parametrize(("check", "said", "steps"), SPEAKS, ids=str)
def test_a_check_speaks_on_evidence(check: str, said: Said, steps: list[str]) -> None:
    given = answer(check, said)
    assert given is not None
    assert [one.step for one in given] == steps
    (found,) = (one for one in CHECKS if one.name == check)
    for one in given:
        assert dict(found.steps)[one.step] is one.severity
        assert one.severity < Severity.CRITICAL
        assert any(one.facts)
        assert one.why.endswith(".")


@pytest.mark.parametrize(("check", "said"), FINE, ids=str)
def test_a_check_is_fine_with_what_is_fine(check: str, said: Said) -> None:
    assert answer(check, said) == ()


@pytest.mark.parametrize(("check", "said"), UNTOLD, ids=str)
def test_unknown_is_never_advice(check: str, said: Said) -> None:
    assert answer(check, said) is None


def test_every_step_of_every_check_is_seen_here() -> None:
    seen = {(check, step) for check, _, steps in SPEAKS for step in steps}
    assert seen == {(check.name, step) for check in CHECKS for step, _ in check.steps}
    assert {check for check, _ in FINE} == {check.name for check in CHECKS}


def test_every_file_of_the_room_is_in_the_catalogue() -> None:
    folder = Path(str(room.__file__)).parent
    others = {"__init__", "advise", "catalogue", "changes", "check", "releases"}
    assert {path.stem for path in folder.glob("*.py")} - others == {one.name for one in CHECKS}


LATER: list[tuple[str, Said, Said]] = [
    (
        "transport_not_smart",
        {"config_transport": "smart", "config_url@smart": "https://a-stage.b/c"},
        {"config_transport": "smart", "config_url": "default"},
    ),
    (
        "transport_not_smart",
        {"transport": "smart", "transport_url": "https://a-stage.b/c"},
        {"transport": "cslu"},
    ),
    (
        "http_source_interface",
        {"config_http_source": "Gi1", "config_http_source_state": "shutdown"},
        {"config_http_source": "Gi2"},
    ),
    (
        "trust_missing_on_member",
        {f"trust_member@{A}": NOW - 9, f"trust_member@{B}": None, "trust_code": NOW - 9},
        {"trust_code": NOW - 9},
    ),
    (
        "trust_missing_on_member",
        {f"trust_member@{A}": NOW - 9, "peer_udi@standby": B},
        {f"trust_member@{A}": NOW - 9, "peer_udi@standby": A},
    ),
    (
        "periodicity",
        {**SLP, "config_period_hours": 4, "config_border_element": True},
        {**SLP, "config_border_element": False},
    ),
    (
        "no_name_server",
        {"config_name_servers": "10.0.0.1", "config_domain_lookup": False},
        {"config_name_servers": "10.0.0.1", "config_domain_lookup": True},
    ),
]


@pytest.mark.parametrize(("check", "before", "after"), LATER, ids=str)
def test_what_a_later_output_no_longer_says_is_gone(check: str, before: Said, after: Said) -> None:
    assert answer(check, before)
    new = [replace(fact, received=NOW + 60, effective=NOW + 60) for fact in facts(after)]
    both = case_of(R, [*facts(before), *new], last_seen={}, now=NOW + 60, limits=Limits())
    (found,) = (one for one in CHECKS if one.name == check)
    assert not found.look(both)


def test_a_debug_seen_the_day_before_is_no_evidence() -> None:
    late = case_of(
        R, facts({"debug_license": True}), last_seen={}, now=NOW + DAY + 1, limits=Limits()
    )
    assert "debug_left_on" in {check.name for check in advise(late).unknown}


def test_a_release_that_is_only_declared_is_no_evidence() -> None:
    declared = Device(id="r1", release="17.6.1a")
    said = case_of(declared, facts({"trust_code": None}), last_seen={}, now=NOW, limits=Limits())
    assert advise(said).given == ()


def test_nothing_known_says_nothing() -> None:
    said = advise(case({}))
    assert (said.given, said.fine) == ((), ())
    assert len(said.unknown) == len(CHECKS)
    assert own_findings(case({})) == ()


def test_the_worst_comes_first_and_the_service_shows_info_only() -> None:
    said = {"period_hours": 168, "config_name_servers": None}
    assert [one.severity for one in own_findings(case(said))] == [Severity.WARNING, Severity.INFO]
    shown = shown_findings(case(said))
    assert {one.severity for one in shown} == {Severity.INFO}
    assert [one.rule for one in shown] == ["advice_no_name_server", "advice_periodicity"]
    assert shown[0].evidence[0].value == "none"
    assert "valid name server must be configured" in shown[0].why


def test_advice_stands_beside_the_findings_and_is_none_of_them() -> None:
    state = judge_device(
        R, facts({"config_name_servers": None, **SLP}), last_seen={}, now=NOW, limits=Limits()
    )
    assert state.findings == ()
    assert [one.rule for one in state.advice] == ["advice_no_name_server"]


def test_a_profile_is_named_where_none_is_active() -> None:
    given = answer("transport_not_smart", {"transport": "callhome", "call_home_active@P": False})
    assert given is not None
    assert "`profile P`" in given[0].next


@pytest.mark.parametrize(
    ("release", "words"),
    [
        ("17.3.4a", "17.3.5; 17.3.7 also"),
        ("17.5.1", "17.6.2; 17.6.5 also"),
        ("17.6.1a", "17.6.2; 17.6.5 also"),
        ("17.4.2", "17.6.2"),
    ],
)
def test_the_nearest_release_that_does_not_stop_is_named(release: str, words: str) -> None:
    given = answer("release_stops_calls", {"release": release})
    assert given is not None
    assert words in given[0].next


def test_the_page_lists_every_check_as_it_is() -> None:
    for check in CHECKS:
        steps = ", ".join(f"`{step}` {severity.word}" for step, severity in check.steps)
        asks = ", ".join(f"`{command.replace('|', chr(92) + '|')}`" for command in check.asks)
        row = f"| `{check.name}` | {check.rule} | {check.source} | {steps} | {asks} |"
        assert row in PAGE, row
