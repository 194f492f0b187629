"""Wrong tokens from one place: how many, and who is not shut out by them."""

from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers

from monitor.expose.access import Access, Call, Refusal
from monitor.expose.tokens import Caller, Role, TokenConfig, read_tokens
from monitor.expose.tries import Tries, place
from monitor.secret import SecretRef

NOC = "the-token-of-the-noc-00000002"
HERE, THERE = "127.0.0.1", "192.0.2.7"


@pytest.fixture
def access(tmp_path: Path) -> Access:
    (tmp_path / "noc").write_text(NOC)
    ref = SecretRef(file=tmp_path / "noc")
    return Access(read_tokens([TokenConfig(name="noc", role=Role.READ, token=ref)]))


def call(token: str, client: str = HERE, now: float = 0.0) -> Call:
    headers = Headers({"authorization": f"Bearer {token}"} if token else {})
    return Call(method="GET", path="/metrics", headers=headers, client=client, now=now)


def status(access: Access, asked: Call) -> int:
    decided = access.decide(asked)
    return int(decided.status) if isinstance(decided, Refusal) else 200


def test_beyond_the_bound_no_new_token_is_tried_from_there(access: Access) -> None:
    told = [status(access, call(f"wrong-{number}")) for number in range(70)]
    assert told == [401] * 60 + [429] * 10
    refused = access.decide(call(NOC))
    assert isinstance(refused, Refusal)
    assert (refused.reason, refused.headers["Retry-After"]) == ("tries", "5")
    assert "try again in 5 s" in refused.detail
    # From elsewhere, and without any token, nothing is different.
    assert status(access, call(NOC, THERE)) == 200
    assert status(access, call("")) == 401
    # One more for each five seconds; the right one costs none.
    assert status(access, call("wrong", now=5.0)) == 401
    assert status(access, call("wrong", now=5.0)) == 429
    assert status(access, call(NOC, now=10.0)) == 200
    assert status(access, call("wrong", now=10.0)) == 401


def test_who_worked_already_goes_on(access: Access) -> None:
    assert status(access, call(NOC)) == 200
    for number in range(100):
        status(access, call(f"wrong-{number}"))
    assert status(access, call(NOC)) == 200
    assert status(access, call("wrong")) == 429
    assert isinstance(access.decide(call(NOC)), Caller)


def test_a_day_later_there_are_as_many_tries_and_no_more() -> None:
    tries = Tries()
    for _ in range(60):
        tries.wrong(HERE, 0.0)
    for number in range(60):
        assert not tries.wait(HERE, 86_400.0), number
        tries.wrong(HERE, 86_400.0)
    assert tries.wait(HERE, 86_400.0) == 5.0


def test_memory_is_bounded_and_the_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.expose.tries._PLACES", 3)
    monkeypatch.setattr("monitor.expose.tries._KNOWN", 3)
    tries = Tries()
    for _ in range(60):
        tries.wrong("192.0.2.1", 0.0)
    for number in range(2, 6):
        tries.wrong(f"192.0.2.{number}", 0.0)
        tries.good(f"192.0.2.{number}", "noc")
    assert not tries.wait("192.0.2.1", 0.0)
    assert not tries.knows("192.0.2.2", "noc")
    assert tries.knows("192.0.2.5", "noc")
    assert (len(tries._left), len(tries._known)) == (3, 3)


@pytest.mark.parametrize(("client", "where"), [
    ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"),
    ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("fe80::1%eth0", "fe80::/64"), ("", ""),
])  # fmt: skip
def test_a_place_is_what_one_caller_has(client: str, where: str) -> None:
    assert place(client) == where


def test_the_answer_is_a_problem_that_says_when(face_with: Any, access: Access) -> None:
    face = face_with(access)
    headers = {"authorization": "Bearer not-a-token-of-anybody"}
    told = [face.ask("GET", "/metrics", headers=headers) for _ in range(61)]
    assert [one.status_code for one in told[-2:]] == [401, 429]
    assert told[-1].headers["content-type"] == "application/problem+json"
    assert 1 <= int(told[-1].headers["retry-after"]) <= 5
