"""RUM files: every byte kept, good reports taken, bad ones named."""

import base64
import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.rum import RumSource, RumState
from monitor.errors import ParseError
from monitor.parse import rum, rum_ack
from monitor.parse.rum import RumParsed, parse

NOW = 1_800_000_000.0
T0 = 1_706_918_400
TAG = "regid.2019-04.com.cisco.CUBE_T_STD,1.0_00000000-0000-4000-8000-000000000001"


def measurement(start: int = T0, end: int = T0 + 86_399, **more: Any) -> dict[str, Any]:
    return {
        "log_time": end,
        "metric_name": "ENTITLEMENT",
        "start_time": start,
        "end_time": end,
        "sample_interval": end - start,
        "num_samples": 97,
        "meta": more.pop("meta", {}),
        "value": {"type": "COUNT", "value": "12"} | more,
    }


def payload(report_id: int = T0, **more: Any) -> dict[str, Any]:
    return {
        "version": "2.0",
        "asset_identification": {
            "report_id": report_id,
            "asset": {"name": "regid.2020-01.com.cisco.C8300,1.0_0"},
            "instance": {"sudi": {"udi_pid": "C8300-1N1S-6T", "udi_serial_number": "FDO0000000A"}},
        },
        "meta": {"entitlement_tag": TAG, "software_version": "17.09.02"},
        "measurements": [measurement()],
    } | more


def report(inner: dict[str, Any] | None = None) -> bytes:
    said = json.dumps(payload() if inner is None else inner, separators=(",", ":"))
    signature = {"signing_type": "builtin", "value": "Tq2qxH\u002fTui7="}
    outer = json.dumps({"payload": said, "signature": signature}, indent=2)
    return b"<RUMReport><![CDATA[" + outer.encode() + b"]]></RUMReport>"


def rebuilt(parsed: RumParsed) -> bytes:
    pieces = {one.digest: one.data for one in parsed.records.pieces}
    (file,) = parsed.records.files
    data = b"".join(pieces[digest] for digest in file.pieces)
    assert sha256(data).hexdigest() == file.digest
    return data


def test_a_report_is_read_and_its_bytes_are_kept() -> None:
    data = b"\xef\xbb\xbf<?xml?>\r\n" + report() + b"\n \n" + report(payload(T0 + 1)) + b"\n\x00end"
    parsed = parse(data, "all.xml", NOW)
    assert rebuilt(parsed) == data
    first, second = parsed.records.notes
    assert (first.report_id, second.report_id) == (T0, T0 + 1)
    assert first.subject == "PID:C8300-1N1S-6T,SN:FDO0000000A"
    assert (first.source, first.entitlement, first.metric) == (RumSource.FILE, TAG, "ENTITLEMENT")
    assert (first.state, first.software) == (RumState.OPEN, "17.09.02")
    (measured,) = first.measurements
    assert (measured.value, measured.samples, measured.end) == (12, 97, T0 + 86_399)
    assert first.seen == T0 + 86_399
    pieces = {one.digest: one.data for one in parsed.records.pieces}
    assert pieces[first.piece] == report()


def test_why_a_measurement_ended_and_the_clock_are_kept() -> None:
    meta = {
        "clock_change_delta": "-3433",
        "termination_reason": "ProductReload",
        "close_reason": "ProductReload",
    }
    inner = payload(measurements=[measurement(), measurement(T0 + 90_000, T0 + 99_000, meta=meta)])
    (note,) = parse(report(inner), "one", NOW).records.notes
    assert note.state is RumState.CLOSED
    last = note.measurements[1]
    assert (last.reason, last.close_reason, last.clock_change) == ("ProductReload",) * 2 + (-3433,)


def test_a_bare_payload_is_a_report_too() -> None:
    data = json.dumps(payload()).encode()
    parsed = parse(data, "shown", NOW)
    assert (parsed.reports, rebuilt(parsed)) == (1, data)


def test_without_cdata_entities_are_read_and_bytes_stay() -> None:
    text = json.dumps(payload()).replace("&", "&amp;").replace('"', "&quot;")
    data = b"<rumreport >" + text.encode() + b"</RUMREPORT>"
    parsed = parse(data, "x", NOW)
    assert (parsed.reports, rebuilt(parsed)) == (1, data)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"<RUMReport><![CDATA[no]]></RUMReport>", "not JSON"),
        (b"<RUMReport><![CDATA[[1]]]></RUMReport>", "not a JSON object"),
        (b"<RUMReport><![CDATA[\xff]]></RUMReport>", "not UTF-8"),
        (b"<RUMReport><![CDATA[" + b"[" * 5_000 + b"]]></RUMReport>", "nested deeper than 32"),
        (b'<RUMReport><![CDATA[{"a": NaN}]]></RUMReport>', "not JSON"),
        (b"<RUMReport><![CDATA[{}", "it has no end"),
        (b"<RUMReport>{}", "it has no end"),
        (report(payload(report_id=0)), "it has no report id"),
        (report(payload(asset_identification={})), "which router"),
        (report(payload(measurements=None)), "no measurements"),
        (report(payload(measurements=[{}] * 10_001)), "more than 10,000 measurements"),
    ],
)
def test_a_bad_report_is_named_and_the_others_are_taken(bad: bytes, reason: str) -> None:
    data = b"head\n" + bad + b"\n" + report()
    parsed = parse(data, "mixed", NOW)
    assert (parsed.reports, parsed.refused) == (1, 1)
    (refusal,) = parsed.refusals
    assert refusal.position == 5
    assert reason in refusal.reason
    assert rebuilt(parsed) == data


def test_caps_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rum, "MOST_REPORTS", 2)
    parsed = parse(report() + report(payload(T0 + 1)) + report(payload(T0 + 2)), "x", NOW)
    assert (parsed.reports, parsed.refused) == (2, 1)
    monkeypatch.setattr(rum, "LARGEST_REPORT", 100)
    assert parse(report(), "x", NOW).refused == 1
    monkeypatch.setattr(rum, "MOST_REFUSALS", 1)
    many = parse(report() * 3, "x", NOW)
    assert (many.refused, len(many.refusals)) == (3, 1)
    monkeypatch.setattr(rum, "_MOST_ELEMENTS", 2)
    data = report() * 4
    cut = parse(data, "x", NOW)
    assert (cut.refused, rebuilt(cut)) == (3, data)
    monkeypatch.setattr(rum, "LARGEST_FILE", 100)
    with pytest.raises(ParseError, match="larger than"):
        parse(report(), "x", NOW)


@pytest.mark.parametrize("data", [b"", b"hello", b'{"a": 1}', b"<RUMAck></RUMAck>", b"QUJD" * 20])
def test_a_file_of_something_else_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError, match="no RUM report"):
        parse(data, "x", NOW)


ACK = {
    "acknowledgements": [
        {
            "sudi": {"udi_pid": "C8300-1N1S-6T", "udi_serial_number": "FDO0000000A"},
            "report_ids": [T0, str(T0 + 1), "x"],
        }
    ]
}


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(ACK).encode(),
        base64.encodebytes(json.dumps(ACK).encode()),
        b"<smartLicenseAck><![CDATA[" + json.dumps({"d": ACK}).encode() + b"]]></smartLicenseAck>",
        json.dumps({"acknowledgements": [{"smart_license": base64.b64encode(
            json.dumps(ACK["acknowledgements"][0]).encode()).decode()}]}).encode(),
        json.dumps({"ack": {"payload": json.dumps(ACK)}}).encode(),
    ],
)  # fmt: skip
def test_an_acknowledgement_is_read_in_every_wrapping(data: bytes) -> None:
    parsed = parse(data, "ack.txt", NOW)
    told = {(one.subject, one.report_id, one.state) for one in parsed.records.notes}
    udi = "PID:C8300-1N1S-6T,SN:FDO0000000A"
    assert told == {(udi, number, RumState.ACKNOWLEDGED) for number in (T0, T0 + 1)}
    assert rebuilt(parsed) == data


def test_a_file_of_beginnings_takes_no_longer_than_its_length() -> None:
    data = b"<RUMReport>" * 300_000 + b"<RUMReport><![CDATA[" * 10_000
    parsed = parse(data, "x", NOW)
    assert (parsed.reports, parsed.refused) == (0, 40_001)
    assert rebuilt(parsed) == data


def test_acknowledgements_without_end_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rum_ack, "_MOST", 1)
    assert parse(json.dumps(ACK).encode(), "x", NOW).reports == 1
    monkeypatch.setattr(rum_ack, "LARGEST", 10)
    with pytest.raises(ParseError):
        parse(json.dumps(ACK).encode(), "x", NOW)


@pytest.mark.parametrize("text", ["{broken", "A" * 41, "<a><![CDATA[{]]></a>"])
def test_strings_inside_that_are_no_documents_do_no_harm(text: str) -> None:
    inside = {"acknowledgements": [{**ACK["acknowledgements"][0], "note": text}]}
    assert parse(json.dumps(inside).encode(), "x", NOW).reports == 2


def test_report_ids_without_an_acknowledgement_acknowledge_nothing() -> None:
    one = ACK["acknowledgements"][0]
    with pytest.raises(ParseError):
        parse(json.dumps({"requests": [one]}).encode(), "x", NOW)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=30),
            st.sampled_from(
                [report(), b"<RUMReport>", b"<![CDATA[", b"]]>", b"</RUMReport>", b'{"ack":', b"{"]
            ),
        ),
        max_size=8,
    )
)
def test_whatever_the_bytes_they_come_back(parts: list[bytes]) -> None:
    data = b"".join(parts)
    try:
        parsed = parse(data, "any", NOW)
    except ParseError:
        return
    assert rebuilt(parsed) == data
