"""The words of pages, as golden texts; `CUBEMON_GOLDEN=write` writes them anew."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import DAY, HOUR, MINUTE
from monitor.domain.pair import MemberRole, Pair, PairRoles, Rehearsal, Role, Verdict
from monitor.domain.readings import Series
from monitor.domain.state import DeviceState, PairState
from monitor.evaluate import Limits, judge_device
from monitor.pipeline.page_content import Scene, by_device, page_text, stops

NOW = 1_768_179_600.0  # 2026-01-12T01:00:00Z
DEADLINE = 1_768_435_200.0
GOLDEN = Path(__file__).parents[1] / "golden" / "pages"


def facts(device: str, **said: Value) -> Iterable[Fact]:
    at = NOW - 10 * MINUTE
    for name, value in said.items():
        yield Fact(
            subject=device, name=FactName(name), source="cli", value=value, kind=FactKind.EXACT,
            received=at, effective=at,
        )  # fmt: skip


def router(name: str, release: str = "17.3.2", **other: Value) -> DeviceState:
    said: dict[str, Value] = {
        "release": release, "ack_required": True, "ack_deadline": DEADLINE,
        "last_ack": DEADLINE - 30 * DAY, "next_push": DEADLINE - DAY,
        "last_push": NOW - 37 * HOUR, "reporting_interval_days": 30, "transport": "smart",
        "trust_code": DEADLINE - 200 * DAY, "sip_service": "up",
    }  # fmt: skip
    return judge_device(
        Device(id=name, zones={"CET": 3_600}),
        [
            *facts(name, **(said | other)),
            Fact(
                subject=name, name=FactName.COMMUNICATION, source="syslog", value="failed",
                kind=FactKind.EXACT, received=NOW - 3 * HOUR, effective=NOW - 3 * HOUR,
                text="Unable to resolve server hostname/domain name",
            ),
        ],
        last_seen={"cli": NOW - 10 * MINUTE, "syslog": NOW - 3 * HOUR},
        now=NOW,
        limits=Limits(),
    )  # fmt: skip


def scene(*states: DeviceState, **other: Any) -> Scene:
    told: dict[str, Any] = {
        "zone": ZoneInfo("America/New_York"), "runbook_url": "https://wiki/runbooks"
    }  # fmt: skip
    return Scene(
        now=NOW,
        devices={state.device.id: state for state in states},
        latest=by_device(
            {
                Series("cube-1", "CUBE_T_STD", "syslog"): (int(NOW) - 12, 37),
                Series("cube-1", "CUBE_T_STD", "snmp"): (int(NOW) - 200, 35),
                Series("cube-1", "CUBE_T_RED", "syslog"): (int(NOW) - 2 * HOUR, 9),
            }
        ),
        **(told | other),
    )


def speaker(state: DeviceState) -> Finding:
    return next(one for one in state.findings if not one.inhibited_by)


def matches(name: str, finding: Finding, seen: Scene) -> None:
    told = page_text(finding, seen)
    text = f"{told.title}\n\n{told.text}\n"
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("CUBEMON_GOLDEN") == "write":
        file.write_text(text)
    assert text == file.read_text()


def test_a_router_that_will_stop() -> None:
    state = router("cube-1")
    assert speaker(state).severity is Severity.CRITICAL
    matches("router", speaker(state), scene(state))


def test_a_router_that_will_not_stop() -> None:
    state = router("cube-1", "17.9.4a")
    matches("router-17.9", speaker(state), scene(state, zone=None, runbook_url=""))


def test_a_router_of_which_little_is_known() -> None:
    state = judge_device(
        Device(id="cube-9", title="Oslo"), [], last_seen={}, now=NOW, limits=Limits()
    )
    finding = Finding(
        rule="stale_data", step="cli", subject="cube-9", severity=Severity.WARNING,
        why="Nothing was ever heard of it.", next="Type `cubemon doctor cube-9`.",
    )  # fmt: skip
    matches("little-known", finding, scene(state, runbook_url="runbooks.html#{slug}"))


def test_a_pair_speaks_of_its_active_member() -> None:
    active, standby = router("cube-1"), router("cube-2")
    roles = PairRoles(
        members=(
            MemberRole(device="cube-1", role=Role.ACTIVE),
            MemberRole(device="cube-2", role=Role.STANDBY),
        )
    )
    pair = PairState(
        pair=Pair(name="berlin", members=("cube-1", "cube-2")), now=NOW, roles=roles, ready=True,
        rehearsal=Rehearsal(standby="cube-2", lives=Verdict.FAILS, headline="calls stop"),
    )  # fmt: skip
    finding = replace(
        speaker(active), rule="pair_page", step="ack_backstop:3d", subject="berlin",
        devices=("cube-1", "cube-2"),
    )  # fmt: skip
    matches("pair", finding, scene(active, standby, pairs=[pair]))


def test_a_shared_cause_speaks_of_the_earliest_deadline() -> None:
    late = router("cube-2", ack_deadline=DEADLINE + 5 * DAY)
    names = tuple(f"cube-{number}" for number in range(1, 15))
    finding = Finding(
        rule="cssm_unreachable", step="", subject="CSSM", severity=Severity.WARNING,
        why="14 devices cannot reach CSSM.", next="Check the proxy.", devices=names,
    )  # fmt: skip
    matches("shared", finding, scene(late, router("cube-1")))


def test_an_account_has_no_calls_of_its_own() -> None:
    finding = Finding(
        rule="insufficient_licenses", step="CUBE_T_STD", subject="Voice Edge",
        severity=Severity.WARNING, why="1 licence of CUBE_T_STD is missing.", next="Buy one.",
        devices=("cube-1",),
    )  # fmt: skip
    # That a router of it will stop is said by that router's own page.
    matches("account", finding, scene(router("cube-1")))


def test_the_member_that_pages_is_named_where_to_type() -> None:
    active, standby = router("cube-1", "17.9.4a"), router("cube-2")
    page = replace(
        speaker(standby), rule="pair_page", step="ack_backstop:3d", subject="berlin",
        devices=("cube-1", "cube-2"),
    )  # fmt: skip
    roles = PairRoles(members=(MemberRole(device="cube-1", role=Role.ACTIVE),))
    pair = PairState(
        pair=Pair(name="berlin", members=page.devices), now=NOW, roles=roles, ready=None,
        rehearsal=Rehearsal(standby="cube-2", lives=Verdict.FAILS, headline="calls stop"),
    )  # fmt: skip
    told = page_text(page, scene(active, standby, pairs=[pair]))
    assert told.lines["Next"].startswith("On cube-2: Type `license smart sync all`")
    assert told.lines["Calls"].startswith("cube-2: CALLS STOP")
    assert told.title.startswith("CRITICAL berlin: CALLS STOP on 2026-01-14 19:00 EST unless")


def test_where_to_log_in_and_that_the_device_shows_utc() -> None:
    state = router("cube-1")
    deadline = state.cycle.deadline
    assert deadline is not None
    said = replace(deadline, text="Jan 15 00:00:00 2026 UTC")
    known = replace(
        state,
        device=replace(state.device, aliases=frozenset({"sbc", "192.0.2.7", "192.0.2.1"})),
        cycle=replace(state.cycle, deadline=said),
    )
    lines = page_text(speaker(state), scene(known)).lines
    assert lines["Device"].startswith("cube-1 at 192.0.2.1, release 17.3.2, stops calls")
    assert lines["When"].endswith("UTC, the device shows UTC")


@pytest.mark.parametrize(("release", "expected"), [
    ("17.3.2", True), ("17.3.2a", True), ("17.9.4a", False), ("16.11.1", False)
])  # fmt: skip
def test_whether_calls_are_at_stake(release: str, expected: bool) -> None:
    state = router("cube-1", release)
    finding = Finding(
        rule="x", step="", subject="cube-1", severity=Severity.WARNING, why="", next=""
    )
    assert stops(finding, {"cube-1": state}) is expected
    assert (
        stops(replace(finding, subject="pair", devices=("cube-1",)), {"cube-1": state}) is expected
    )
    assert not stops(finding, {})


def test_two_zone_words_are_no_zone() -> None:
    state = router("cube-1")
    both = replace(state, device=Device(id="cube-1", zones={"CET": 3_600, "CEST": 7_200}))
    assert "device zone unknown" in page_text(speaker(both), scene(both)).lines["When"]


def test_titles_are_bounded() -> None:
    finding = Finding(
        rule="x", step="", subject="y" * 400, severity=Severity.WARNING, why="z", next=""
    )
    assert len(page_text(finding, scene()).title) == 250
