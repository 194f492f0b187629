from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.records import EventRecord
from monitor.domain.state import FleetSnapshot
from monitor.errors import StoreError


def problem(answered: Any, status: int) -> Any:
    assert answered.status_code == status, answered.text
    assert answered.headers["content-type"] == "application/problem+json"
    body = answered.json()
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"]
    return body


def test_the_fleet_is_listed_by_name_with_the_worst_finding_of_each(face: Any) -> None:
    body = face.json("/api/v1/devices")
    assert (body["now"], body["total"]) == ("2023-11-15T08:00:00Z", 2)
    first, second = body["devices"]
    assert first == {
        "id": "berlin",
        "release": "17.3.3",
        "stopping": "stops",
        "severity": "critical",
        "open_findings": 2,
        "deadline": "2023-11-17T08:00:00Z",
        "deadline_seconds": 1_700_208_000.0,
        "last_ack": None,
        "next_push": "2023-12-05T08:00:00Z",
        "virtual_account": 'voice "eu"',
        "sip_service": "up",
        "stale": False,
        "learned": False,
        "last_seen": "2023-11-15T07:59:59.500Z",
    }
    assert second["id"] == "oslo"
    assert second["severity"] is None  # its finding has not lasted long enough
    assert second["deadline"] is None


def test_pages_of_the_fleet_follow_each_other(face: Any) -> None:
    body = face.json("/api/v1/devices", limit=1, offset=1)
    assert [device["id"] for device in body["devices"]] == ["oslo"]
    assert (body["total"], body["offset"]) == (2, 1)


@pytest.mark.parametrize("name", ["berlin", "BERLIN", "192.0.2.10", "sbc-berlin"])
def test_a_device_is_found_by_its_name_or_an_alias(face: Any, name: str) -> None:
    assert face.json(f"/api/v1/devices/{name}")["id"] == "berlin"


def test_a_device_is_shown_with_the_evidence_for_each_value(face: Any) -> None:
    body = face.json("/api/v1/devices/berlin")
    deadline = body["cycle"]["deadline"]
    assert deadline["value"] == "2023-11-17T08:00:00Z"
    assert deadline["seconds"] == 1_700_208_000.0
    assert (deadline["source"], deadline["kind"]) == ("cli", "exact")
    assert deadline["received"] == "2023-11-15T07:59:20Z"
    assert deadline["age_seconds"] == 40.0
    assert body["cycle"]["required"]["value"] is True
    assert body["cycle"]["last_ack"]["value"] is None  # the device says: never
    assert body["cycle"]["interval_days"]["value"] == 30
    assert body["platform"] == "C8300-1N1S-6T"
    assert body["aliases"] == ["192.0.2.10", "SBC-Berlin"]
    assert body["in_use"] == {"CUBE_T_STD": 7, "CUBE_T_ENH": 0}
    assert body["thresholds"] == {"7d": 604_800.0, "3d": 259_200.0}
    assert body["seen"]["cli"] == "2023-11-15T07:59:20Z"
    assert body["communication_failed_since"] == "2023-11-10T08:00:00Z"
    assert body["sessions"] == [
        {"tag": "CUBE_T_STD", "source": "lab", "time": "2023-11-15T08:00:00Z", "count": 3}
    ]
    assert [(each["count"], each["weak"]) for each in body["measurements"]] == [(7, True)]
    assert [found["rule"] for found in body["findings"]] == [
        "sip_down", "out_of_compliance", "ack_backstop",
    ]  # fmt: skip
    assert {fact["name"] for fact in body["facts"]} == {"platform", "clock_offset", "usage_count"}


def test_ages_are_counted_from_the_snapshot_and_not_from_the_last_judging(face: Any) -> None:
    face.fleet = replace(face.fleet, now=face.fleet.now + 100)
    body = face.json("/api/v1/devices/berlin")
    assert body["now"] == "2023-11-15T08:01:40Z"
    assert body["cycle"]["deadline"]["age_seconds"] == 140.0
    assert body["findings"][0]["evidence"][0]["age_seconds"] == 140.0


def test_of_a_device_nothing_is_known_but_its_name(face: Any) -> None:
    body = face.json("/api/v1/devices/oslo")
    assert set(body["cycle"].values()) == {None}
    assert body["release"] is None
    assert body["last_seen"] is None
    assert body["platform"] is None


def test_an_unknown_device_is_answered_with_the_nearest_names(face: Any) -> None:
    body = problem(face.get("/api/v1/devices/berln"), 404)
    assert body["nearest"] == ["berlin"]
    assert "berln" in body["detail"]


def test_findings_say_why_on_what_evidence_and_what_to_type(face: Any) -> None:
    body = face.json("/api/v1/findings")
    assert [(found["rule"], found["inhibited_by"]) for found in body["findings"]] == [
        ("sip_down", ""), ("stale", ""), ("out_of_compliance", ""), ("ack_backstop", "sip_down"),
    ]  # fmt: skip
    worst = body["findings"][0]
    assert worst == {
        "rule": "sip_down",
        "step": "3d",
        "subject": "berlin",
        "severity": "critical",
        "why": "calls stop in 2 days",
        "next": "license smart sync all",
        "deadline": "2023-11-17T08:00:00Z",
        "deadline_seconds": 1_700_208_000.0,
        "open": True,
        "opened": "2023-11-15T07:00:00Z",
        "since": "2023-11-15T06:00:00Z",
        "clear_since": None,
        "acknowledged": None,
        "stale": False,
        "inhibited_by": "",
        "hidden_by": "",
        "devices": [],
        "evidence": [
            {
                "what": "next ACK deadline",
                "value": "2023-11-17T08:00:00Z",
                "source": "cli",
                "kind": "exact",
                "received": "2023-11-15T07:59:20Z",
                "age_seconds": 40.0,
            }
        ],
    }
    assert body["findings"][1]["open"] is False


def test_findings_can_be_narrowed(face: Any) -> None:
    assert face.json("/api/v1/findings", severity="warning")["total"] == 3
    assert face.json("/api/v1/findings", subject="oslo")["total"] == 1
    assert face.json("/api/v1/findings", device="berlin", severity="critical")["total"] == 2
    assert face.json("/api/v1/findings", device="nobody")["total"] == 0


def test_a_finding_about_a_shared_cause_is_shown_with_each_device_it_names(face: Any) -> None:
    found = face.fleet.findings[2]
    shared = replace(
        found, finding=replace(found.finding, subject="CSSM unreachable", devices=("oslo",))
    )
    face.fleet = replace(face.fleet, findings=[shared])
    assert len(face.json("/api/v1/devices/oslo")["findings"]) == 1
    assert face.json("/api/v1/devices/oslo")["severity"] is None  # the cause pages, not the device
    assert face.json("/api/v1/findings", device="oslo")["total"] == 1


def test_accounts_show_what_is_left(face: Any) -> None:
    assert face.json("/api/v1/accounts")["accounts"] == [
        {
            "name": 'voice "eu"',
            "smart_account": "",
            "balances": [
                {
                    "tag": "CUBE_T_STD",
                    "asked": [],
                    "purchased": 5,
                    "in_use": 7,
                    "balance": -2,
                    "consumers": 0,
                    "said_in_use": None,
                    "reported": 0,
                    "measured": None,
                    "devices": ["berlin"],
                    "profiles": [],
                    "sources": [],
                    "disputed": False,
                }
            ],
            "unmapped": [],
            "unknown_devices": 0,
            "forecasts": [],
            "transfers": [],
        }
    ]


def test_an_empty_fleet_is_shown_empty(face: Any) -> None:
    face.fleet = FleetSnapshot(now=0)
    assert face.json("/api/v1/devices") == {
        "now": "1970-01-01T00:00:00Z", "total": 0, "offset": 0, "next": None, "devices": [],
    }  # fmt: skip
    assert face.json("/api/v1/findings")["findings"] == []
    assert face.json("/api/v1/accounts")["accounts"] == []
    assert "<p" in face.get("/").text


def test_measurements_come_from_the_archive(face: Any) -> None:
    (newest,) = face.fleet.measurements
    face.shelf.measured = [replace(newest, count=5), replace(newest, count=6), newest]
    body = face.json(
        "/api/v1/measurements",
        device="berlin", tag="CUBE_T_STD", start="2023-11-15T01:00:00+01:00", end="1700035200",
        limit=2,
    )  # fmt: skip
    assert face.shelf.asked == [
        {
            "device": "berlin",
            "tag": "CUBE_T_STD",
            "start": 1_700_006_400,
            "end": 1_700_035_200,
            "limit": 3,
        }
    ]
    assert body["truncated"] is True
    assert [each["count"] for each in body["measurements"]] == [6, 7]
    assert body["measurements"][1] == {
        "device": "berlin",
        "tag": "CUBE_T_STD",
        "start": "2023-11-15T00:00:00Z",
        "end": "2023-11-15T08:00:00Z",
        "value": 250 / 36,
        "count": 7,
        "coverage": 0.25,
        "minute_coverage": 0.375,
        "weak": True,
        "reason": "periodic",
        "changed": False,
        "profile": "top3",
        "version": 1,
    }


def test_kept_messages_come_without_their_bytes(face: Any) -> None:
    face.shelf.kept = [
        EventRecord(
            device="berlin", source="syslog", received=1_700_000_000.0, device_time=None,
            effective=1_700_000_000.0, clock="unknown", counter=7, facility="CUBE", severity=5,
            mnemonic="CUBE-5-LICENSE_INFO", text="Requested for 3", events=[{"kind": "x"}],
            raw=b"\xff",
        )
    ]  # fmt: skip
    body = face.json("/api/v1/events", device="berlin", since="2023-11-14T00:00:00Z")
    assert face.shelf.asked == [{"device": "berlin", "since": 1_699_920_000, "limit": 101}]
    assert body["truncated"] is False
    assert body["events"][0]["mnemonic"] == "CUBE-5-LICENSE_INFO"
    assert body["events"][0]["events"] == [{"kind": "x"}]
    assert "raw" not in body["events"][0]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/v1/devices?limit=0", "limit"),
        ("/api/v1/devices?limit=10001", "limit"),
        ("/api/v1/findings?severity=bad", "severity"),
        ("/api/v1/readings?device=a", "start"),
        ("/api/v1/readings?device=a&start=200&end=200", "later"),
        ("/api/v1/readings?device=a&start=0&end=99999999", "31 days"),
        ("/api/v1/readings?device=a&start=soon&end=1", "start"),
        ("/api/v1/measurements?start=2023-11-15T08:00:00", "zone"),
        ("/api/v1/measurements?device=" + "x" * 256, "device"),
    ],
)
def test_a_wrong_question_is_answered_with_what_is_wrong(face: Any, path: str, said: str) -> None:
    assert said in problem(face.get(path), 400)["detail"]


def test_unknown_paths_and_methods_are_problems_too(face: Any) -> None:
    problem(face.get("/api/v1/nothing"), 404)
    assert "GET" in face.ask("DELETE", "/api/v1/devices").headers["allow"]


def test_a_store_that_refuses_is_a_busy_monitor(face: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(face.shelf, "measurements", refuse)
    answered = face.get("/api/v1/measurements")
    assert problem(answered, 503)["detail"] == "disk full"
    assert answered.headers["retry-after"] == "5"


def test_an_unexpected_error_tells_callers_nothing_of_our_insides(
    face: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(face.shelf, "measurements", fail)
    assert "secret" not in str(problem(face.get("/api/v1/measurements"), 500))


def test_health_and_readiness(face: Any) -> None:
    assert face.get("/-/healthy").text == "healthy\n"
    assert face.get("/-/ready").text == "ready\n"
    face.fleet = replace(face.fleet, faults=["the store takes nothing: <b>no space</b>"])
    assert face.get("/-/ready").text == "ready, with faults: 1\n"
    assert face.get("/-/ready").status_code == 200
    assert "takes nothing: &lt;b&gt;no space" in face.get("/").text
    face.not_ready = "draining"
    assert face.get("/-/healthy").status_code == 200
    assert problem(face.get("/-/ready"), 503)["detail"] == "draining"


def test_every_route_is_described(face: Any) -> None:
    described = face.json("/api/v1/openapi.json")
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) >= {
        "/-/healthy", "/-/ready", "/metrics", "/api/v1/devices", "/api/v1/devices/{name}",
        "/api/v1/findings", "/api/v1/accounts", "/api/v1/measurements", "/api/v1/readings",
        "/api/v1/events",
    }  # fmt: skip
    for path in described["paths"].values():
        for operation in path.values():
            assert operation["description"]
            assert operation["summary"]


def test_the_reference_names_every_call_and_parameter(face: Any) -> None:
    reference = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    described = face.json("/api/v1/openapi.json")
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert f"`{method.upper()} {path}`" in reference
            for parameter in operation.get("parameters", []):
                assert f"`{parameter['name']}`" in reference


def test_the_page_for_people_escapes_what_devices_say(face: Any) -> None:
    found = face.fleet.findings[2]
    evil = replace(found, finding=replace(found.finding, why="<script>alert(1)</script>"))
    face.fleet = replace(face.fleet, findings=[evil])
    page = face.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "berlin" in page.text
    assert "http:" not in page.text  # nothing is loaded from elsewhere
    assert "https:" not in page.text


def test_the_page_for_people_stays_short(face: Any) -> None:
    state = face.fleet.devices[0]
    names = [replace(state, device=replace(state.device, id=f"cube-{n}")) for n in range(501)]
    face.fleet = FleetSnapshot(now=1, devices=names)
    page = face.get("/").text
    assert page.count("<tr>") == 501
    assert "and 1 more" in page
