"""Answers of the licence APIs, and the facts they make."""

import json
from typing import Any

import pytest

from monitor.domain.account import account_of, account_subject
from monitor.domain.entitlements import names_with, tag_of
from monitor.domain.facts import FactName
from monitor.errors import ParseError
from monitor.parse.cssm import Counts, Inventory, Shape, read
from monitor.parse.cssm.facts import Told, account_facts, device_facts, unknown_facts

NOW = 1_780_000_000.0
LICENCE: dict[str, Any] = {
    "license": "CUBE v14 Voice Gateway Session",
    "quantity": 50,
    "inUse": 20,
    "available": 27,
    "reserved": 3,
    "pendingQuantity": 0,
    "isPortable": False,
    "status": "In Compliance",
    "virtualAccount": "EMEA",
    "licenseDetails": [{"licenseType": "PERPETUAL", "quantity": 50}],
}
SUMMARY: dict[str, Any] = {
    "tag": "regid.2019-01.com.cisco.CUBE_T_STD,1.0_4a",
    "compliance_status": "OUT OF COMPLIANCE",
    "display_name": "CUBE Standard Session",
    "prepaid_entitled": "1,000",
    "prepaid_inuse": 1001,
    "prepaid_reserved": 0,
}
DEVICE: dict[str, Any] = {
    "hostName": "cube-1",
    "sudi": {"udiPid": "C8300", "udiSerialNumber": "FDO1"},
    "virtualAccount": "EMEA",
    "licenseUsage": [
        {"license": "CUBE_T_STD", "quantity": 5},
        {"license": "CUBE Standard Session", "quantity": 2},
        {"license": "Mystery", "quantity": 1},
    ],
    "status": "In Compliance",
    "lastContactDate": "2026-05-01T00:00:00Z",
    "registrationDate": "2025-05-01T00:00:00Z",
}
TOLD = Told(effective=NOW, received=NOW + 5, source="cssm_licenses")


def inventory(answer: object, account: str = "") -> Inventory:
    return read(json.dumps(answer).encode(), account=account, now=NOW)


def test_licences_of_the_first_version() -> None:
    found = inventory({"status": "SUCCESS", "statusMessage": "", "licenses": [LICENCE]})
    (line,) = found.lines
    assert found.shape is Shape.LICENSES
    assert (line.account, line.name, line.status) == (
        "EMEA",
        "CUBE v14 Voice Gateway Session",
        "in_compliance",
    )
    assert line.counts == Counts(purchased=50, in_use=20, available=27, reserved=3, pending=0)


def test_the_summary_of_the_third_version_carries_tags() -> None:
    found = inventory({"status": "SUCCESS", "summary": [SUMMARY]}, "EMEA")
    (line,) = found.lines
    assert tag_of(line.name) == "CUBE_T_STD"
    assert (line.status, line.title) == ("out_of_compliance", "CUBE Standard Session")
    assert line.counts == Counts(purchased=1000, in_use=1001, reserved=0)
    inside = inventory({"status": "COMPLETE", "data": {"summary": [SUMMARY]}}, "EMEA")
    assert inside == found


def test_pages_may_stand_in_one_list() -> None:
    other = {**LICENCE, "license": "uck9"}
    found = inventory([{"licenses": [LICENCE]}, {"licenses": [other]}])
    assert [line.name for line in found.lines] == [LICENCE["license"], "uck9"]


def test_devices_say_what_each_uses() -> None:
    found = inventory({"totalRecords": 1, "devices": [DEVICE]})
    (device,) = found.devices
    assert (device.host_name, device.udi) == ("cube-1", "PID:C8300,SN:FDO1")
    assert device.counts == {"CUBE_T_STD": 5, "CUBE Standard Session": 2, "Mystery": 1}
    assert device.last_contact == 1_777_593_600
    millis = inventory({"devices": [{**DEVICE, "lastContactDate": 1_777_593_600_000}]})
    assert millis.devices[0].last_contact == 1_777_593_600
    for never in (None, "soon", True, 10**30):
        unknown = inventory({"devices": [{**DEVICE, "lastContactDate": never}]})
        assert unknown.devices[0].last_contact is None


@pytest.mark.parametrize(
    ("shape", "entry", "reason"),
    [
        ("licenses", 5, "the entry is no object"),
        ("licenses", {**LICENCE, "license": ""}, "license: missing"),
        ("licenses", {**LICENCE, "quantity": "many"}, "quantity: 'many' is no whole number"),
        ("licenses", {**LICENCE, "inUse": -1}, "inUse: -1 is negative"),
        ("licenses", {**LICENCE, "inUse": 1.5}, "inUse: 1.5 is no whole number of licences"),
        ("licenses", {**LICENCE, "inUse": True}, "inUse: 'True' is no whole number"),
        ("licenses", {**LICENCE, "inUse": [1]}, "inUse: '[1]' is no whole number"),
        (
            "licenses",
            {**LICENCE, "virtualAccount": None},
            "virtualAccount: missing; say which account it is of",
        ),
        ("devices", {**DEVICE, "sudi": 1, "hostName": ""}, "hostName, sudi"),
        ("devices", {**DEVICE, "licenseUsage": 7}, "licenseUsage: no list of licences"),
        ("devices", {**DEVICE, "licenseUsage": [7]}, "licenseUsage: an entry is no object"),
        (
            "devices",
            {**DEVICE, "licenseUsage": [{"license": "A"}]},
            "licenseUsage.quantity: missing",
        ),
    ],
)
def test_bad_entries_are_named_and_the_others_taken(shape: str, entry: object, reason: str) -> None:
    good = LICENCE if shape == "licenses" else DEVICE
    found = inventory({shape: [entry, good]})
    assert len(found.lines) + len(found.devices) == 1
    assert found.refused_rows == 1
    assert found.refused[0].row == 1
    assert reason in found.refused[0].reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "no_json"),
        ("[" * 100_000, "no_json"),
        ("{}", "no_answer_of_a_licence_api"),
        ("[1]", "no_answer_of_a_licence_api"),
        ('{"licenses": 5}', "no_answer_of_a_licence_api"),
        ('{"status": "ERROR", "licenses": []}', "answer_of_a_failure"),
        ('[{"licenses": []}, {"devices": []}]', "several_shapes_in_one_file"),
        ('{"licenses": [' + "1," * 100_000 + "1]}", "too_many_rows"),
    ],
)
def test_what_is_no_answer_says_why(text: str, reason: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(text.encode(), now=NOW)
    assert caught.value.reason == reason


def test_an_inventory_becomes_facts_of_its_accounts() -> None:
    found = inventory({"licenses": [LICENCE, {**LICENCE, "status": None, "available": None}]})
    facts = list(account_facts(found, TOLD, smart_account="example", whole=["APAC"]))
    said = {(account_of(one.subject), one.name.value, one.key): one.value for one in facts}
    name = LICENCE["license"]
    assert said["EMEA", "account_purchased", name] == 100
    assert said["EMEA", "account_available", name] == 27
    assert said["EMEA", "account_status", name] == "in_compliance"
    assert said["EMEA", "account_listed", ""] == 1
    assert said["APAC", "account_listed", ""] == 0
    assert said["EMEA", "smart_account", ""] == "example"
    assert {one.effective for one in facts} == {NOW}


def test_a_list_with_a_bad_row_is_whole_for_none() -> None:
    found = inventory({"licenses": [LICENCE, 5]})
    names = {one.name for one in account_facts(found, TOLD)}
    assert FactName.ACCOUNT_PURCHASED in names
    assert FactName.ACCOUNT_LISTED not in names


def test_a_device_becomes_facts_by_tag() -> None:
    (device,) = inventory({"devices": [DEVICE]}).devices
    facts = list(device_facts("cube-1", device, TOLD, names_with({"mystery": "CUBE_T_ENH"})))
    counts = {one.key: one.value for one in facts if one.name is FactName.CSSM_COUNT}
    assert counts == {"CUBE_T_STD": 7, "CUBE_T_ENH": 1}
    assert {one.source for one in facts} == {"cssm"}
    others = {one.name.value: one.value for one in facts if not one.key}
    assert others == {
        "cssm_listed": 2,
        "cssm_last_contact": 1_777_593_600,
        "cssm_status": "in_compliance",
    }


def test_devices_that_nobody_watches_are_counted_for_their_account() -> None:
    (device,) = inventory({"devices": [DEVICE]}).devices
    facts = list(unknown_facts(["APAC"], [device], TOLD))
    assert [(one.subject, one.value, one.text) for one in facts] == [
        (account_subject("APAC"), 0, ""),
        (account_subject("EMEA"), 1, "cube-1"),
    ]


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("CUBE v14 Voice Gateway Session", "CUBE_T_VGW"),
        ("cube_standard_session", "CUBE_T_STD"),
        ("CUBE_Trunk_Standard_Session", "CUBE_T_STD"),
        ("CUBE_Redundant_Session", "CUBE_T_RED"),
        ("CUBE_TS_ENH", "CUBE_TS_ENH"),
        ("regid.x.com.cisco.CUBE_TS_STD,1.0", "CUBE_TS_STD"),
        ("CUBE_T_STDX", None),
        ("CUBE Video Session", None),
        ("uck9", None),
    ],
)
def test_names_stand_for_tags_only_where_a_table_says_so(name: str, tag: str | None) -> None:
    assert tag_of(name) == tag


def test_an_operator_may_name_more() -> None:
    names = names_with({"Our CUBE": "CUBE_T_STD", "CUBE Standard Session": "CUBE_TS_STD"})
    assert tag_of("our  cube", names) == "CUBE_T_STD"
    assert tag_of("CUBE_Standard_Session", names) == "CUBE_TS_STD"
