import asyncio
from typing import Any

import pytest

from monitor.domain.audit import AuditRecord
from monitor.expose.access import Access, is_loopback

PATH = "/api/v1/readings"


def post(face: Any, **headers: str) -> int:
    return int(face.ask("POST", PATH, content=b"{}\n", headers=headers).status_code)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080", "cube.example.net:8080"]
)
def test_writing_is_taken_under_loopback_and_configured_names(face: Any, host: str) -> None:
    assert post(face, host=host) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "[::1", "192.0.2.1"]
)
def test_writing_under_another_name_is_refused(face: Any, host: str) -> None:
    assert post(face, host=host) == 403
    assert face.batches == []


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/v1/devices", "/api/v1/openapi.json"])
def test_reading_under_another_name_is_refused_too(face: Any, path: str) -> None:
    # So a page whose name was made to mean 127.0.0.1 (DNS rebinding) learns nothing.
    assert face.ask("GET", path, headers={"host": "evil.example"}).status_code == 403
    assert face.ask("GET", path, headers={"host": "cube.example.net"}).status_code == 200


@pytest.mark.parametrize("path", ["/-/healthy", "/-/ready"])
def test_probes_need_no_host(face: Any, path: str) -> None:
    assert face.ask("GET", path, headers={"host": "10.1.2.3:8080"}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "//["])
def test_pages_from_elsewhere_may_not_write(face: Any, origin: str) -> None:
    assert post(face, origin=origin) == 403
    assert post(face, origin="http://127.0.0.1:8080") == 200


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/v1/devices", "/nothing"])
def test_every_answer_carries_the_security_headers(face: Any, path: str) -> None:
    headers = face.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"


def test_loopback() -> None:
    assert is_loopback("127.8.9.1")
    assert is_loopback("::1")
    assert not is_loopback("0.0.0.0")  # noqa: S104 - that it is not is the point
    assert not is_loopback("example.net")


def test_a_mistake_of_ours_is_a_sealed_problem_that_tells_nothing(face: Any) -> None:
    def broken(_: object) -> object:
        raise RuntimeError("an inside of ours")

    face.ingest = broken
    answered = face.ask("POST", PATH, content=b"{}\n", headers={"x-request-id": "call-7"})
    assert answered.status_code == 500
    assert answered.headers["content-type"] == "application/problem+json"
    assert answered.headers["x-content-type-options"] == "nosniff"
    assert answered.headers["x-request-id"] == "call-7"
    assert "inside" not in answered.text


def test_the_answer_of_a_writing_call_waits_for_its_record_but_not_for_ever(
    face_with: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[AuditRecord] = []

    async def note(record: AuditRecord) -> None:
        kept.append(record)
        await asyncio.Event().wait()

    monkeypatch.setattr("monitor.expose.guard._NOTE_SECONDS", 0.01)
    face = face_with(Access(), note)
    assert face.ask("POST", PATH, content=b"bad\n").status_code == 422
    assert [(one.who, one.action, one.result) for one in kept] == [("local", f"POST {PATH}", "422")]


def test_a_method_that_is_none_is_told_what_there_is(face: Any) -> None:
    answered = face.ask("DELETE", "/api/v1/readings")
    assert answered.status_code == 405
    assert answered.headers["allow"] == "GET, POST"
    assert answered.headers["content-type"] == "application/problem+json"
