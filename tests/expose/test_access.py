"""Tokens and roles."""

import base64
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from monitor.errors import ConfigError
from monitor.expose.access import Access
from monitor.expose.http import HttpConfig
from monitor.expose.tokens import Role, TokenConfig, fresh, read_tokens
from monitor.secret import SecretRef

READ = "the-token-of-prometheus-0001"
VARIABLE = "CUBEMON_TEST_ENTRY"
OPERATE = "the-token-of-the-noc-00000002"


def configs(directory: Path, **tokens: tuple[Role, str]) -> list[TokenConfig]:
    found = []
    for name, (role, token) in tokens.items():
        file = directory / name
        file.write_text(token + "\n")
        found.append(TokenConfig(name=name, role=role, token=SecretRef(file=file)))
    return found


@pytest.fixture
def access(tmp_path: Path) -> Access:
    both = configs(tmp_path, scraper=(Role.READ, READ), noc=(Role.OPERATE, OPERATE))
    return Access(read_tokens(both), ["cube.example.net"])


@pytest.fixture
def guarded(face_with: Any, access: Access) -> Any:
    return face_with(access)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_what_is_no_route_and_no_method_is_refused_alike(guarded: Any) -> None:
    for method, path in [("GET", "/nothing"), ("PATCH", "/-/healthy"), ("BREW", "/metrics")]:
        assert guarded.ask(method, path).status_code == 401
        if method != "GET":
            assert guarded.ask(method, path, headers=bearer(READ)).status_code == 403
    assert guarded.get("/-/healthy").status_code == 200


def test_a_browser_shows_a_token_as_password_and_may_only_read(guarded: Any) -> None:
    assert guarded.get("/").headers["www-authenticate"].startswith("Basic ")
    shown = {"authorization": "Basic " + base64.b64encode(f"ann:{OPERATE}".encode()).decode()}
    assert guarded.ask("GET", "/", headers=shown).status_code == 200
    assert guarded.ask("POST", "/api/v1/readings", headers=shown).status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic", "Basic !!", "Basic YW5u", f"Token {READ}", READ]
)
def test_what_is_no_token_is_none(guarded: Any, header: str) -> None:
    answered = guarded.ask("GET", "/metrics", headers={"authorization": header})
    assert answered.status_code == 401
    assert READ not in answered.text


def test_a_token_does_not_replace_host_and_origin_when_writing(guarded: Any) -> None:
    for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
        shown = headers | bearer(OPERATE)
        assert guarded.ask("POST", "/api/v1/readings", headers=shown).status_code == 403


def test_with_tokens_any_name_may_be_read_under(guarded: Any) -> None:
    headers = bearer(READ) | {"host": "reverse-proxy.example"}
    assert guarded.ask("GET", "/metrics", headers=headers).status_code == 200


def test_tokens_are_exchanged_at_once_and_overlap(
    guarded: Any, access: Access, tmp_path: Path
) -> None:
    newer = fresh()
    both = configs(tmp_path, old=(Role.READ, READ), new=(Role.READ, newer))
    access.exchange(read_tokens(both), [])
    assert guarded.ask("GET", "/metrics", headers=bearer(READ)).status_code == 200
    access.exchange(read_tokens(both[1:]), [])
    assert guarded.ask("GET", "/metrics", headers=bearer(READ)).status_code == 401
    assert guarded.ask("GET", "/metrics", headers=bearer(newer)).status_code == 200


def test_a_call_keeps_its_number_and_gets_one(face: Any) -> None:
    answered = face.ask("GET", "/nothing", headers={"x-request-id": "abc-1"})
    assert answered.headers["x-request-id"] == "abc-1"
    forged = face.ask("GET", "/metrics", headers={"x-request-id": "a b\x01"})
    assert forged.headers["x-request-id"].isalnum()


@pytest.mark.parametrize("token", ["short", "", "ümlaut-is-not-ascii-at-all-really", "x" * 19])
def test_a_weak_token_is_refused_without_being_repeated(tmp_path: Path, token: str) -> None:
    with pytest.raises(ConfigError, match="cubemon token new") as refused:
        read_tokens(configs(tmp_path, weak=(Role.READ, token)))
    assert not token or token not in str(refused.value)


def test_tokens_come_from_the_environment_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = TokenConfig(name="noc", role=Role.READ, token=SecretRef(env=VARIABLE))
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(ConfigError, match=f"{VARIABLE} is not set"):
        read_tokens([one])
    monkeypatch.setenv(VARIABLE, f" {READ}\n")
    (found,) = read_tokens([one])
    assert found.caller.name == "noc"
    assert READ not in repr(found)
    with pytest.raises(ConfigError, match="are one token"):
        read_tokens([one, *configs(tmp_path, twin=(Role.OPERATE, READ))])
    with pytest.raises(ConfigError, match="cannot be read"):
        read_tokens(
            [TokenConfig(name="gone", role=Role.READ, token=SecretRef(file=tmp_path / "gone"))]
        )


def test_a_token_names_one_place_and_one_owner(tmp_path: Path) -> None:
    for place, why in (
        ({}, "give either"),
        ({"file": "a", "env": "B"}, "give either"),
        (READ, "no secret stands here"),
    ):
        with pytest.raises(ValidationError, match=why) as refused:
            TokenConfig.model_validate({"name": "a", "role": "read", "token": place})
        assert READ not in str(refused.value)
    twins = configs(tmp_path, noc=(Role.READ, READ)) * 2
    with pytest.raises(ValidationError, match="two tokens are called"):
        HttpConfig(tokens=tuple(twins))


def test_fresh_tokens_are_strong_and_known_as_ours() -> None:
    made = {fresh() for _ in range(100)}
    assert len(made) == 100
    assert all(token.startswith("cubemon_") and len(token) == 51 for token in made)
