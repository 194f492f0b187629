"""Services by apprise: mail into a server on loopback, PagerDuty's events into a double."""

import asyncio
import logging
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from monitor.domain.findings import FindingKey, Severity
from monitor.domain.page import Action, Notice, PageText, dedup_key
from monitor.errors import DeliveryError
from monitor.notify import AppriseConfig
from monitor.notify import apprise as channel

PASSWORD = "hunter2-of-the-service"  # noqa: S105 - of a test
FINDING = FindingKey("ack_backstop", "3d", "cube-1")
NOTICE = Notice(
    channel="mail",
    action=Action.TRIGGER,
    key=dedup_key(FINDING),
    severity=Severity.CRITICAL,
    planned=0.0,
    title="CRITICAL cube-1: CALLS STOP on 2026-01-15",
    text=PageText(title="", lines={"Calls": "CALLS STOP", "Next": "Type `license smart sync all`"}),
    finding=FINDING,
)


@dataclass
class MailServer:
    """Takes mail by the plainest SMTP there is."""

    port: int = 0
    mails: list[str] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    refuses: bool = False
    silent: threading.Event | None = None
    """Says nothing until it is set."""


class Smtp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        post: MailServer = self.server.post  # type: ignore[attr-defined]  # set below
        if post.silent is not None:
            post.silent.wait(20)
            return
        self.say("220 ready")
        while (line := self.rfile.readline().decode().strip()) and line.upper() != "QUIT":
            if line.upper() == "DATA" and not post.refuses:
                self.say("354 go on")
                post.mails.append(self.text())
                post.arrived.set()
                self.say("250 taken")
            else:
                self.say("550 not here" if post.refuses and "RCPT" in line.upper() else "250 fine")
        self.say("221 bye")

    def text(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode()) != ".\r\n":
            lines.append(line)
        return "".join(lines)

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    post: MailServer


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    server = Server(("127.0.0.1", 0), Smtp)
    server.post = MailServer(port=server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    address = (
        f"127.0.0.1:{server.post.port}?from=monitor@example.net&to=noc@example.net&mode=insecure"
    )
    monkeypatch.setenv("CUBEMON_TEST_MAIL", f"mailto://{address}")
    yield server.post
    server.shutdown()
    server.server_close()


def configured(place: str = "CUBEMON_TEST_MAIL", **other: Any) -> Any:
    return AppriseConfig.model_validate(
        {"kind": "apprise", "name": "mail", "url": {"env": place}} | other
    ).build()


def send(it: Any, *notices: Notice) -> None:
    async def story() -> None:
        for notice in notices:
            await it.send(notice)

    asyncio.run(story())


def test_a_page_arrives_as_mail(mail: MailServer) -> None:
    send(configured(), NOTICE)
    (text,) = mail.mails
    assert "Subject: CRITICAL cube-1: CALLS STOP on 2026-01-15" in text
    assert "license smart sync all" in text
    assert "To: noc@example.net" in text


def test_what_is_refused_says_where_the_address_lies_and_no_more(
    mail: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    mail.refuses = True
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(
        "CUBEMON_TEST_MAIL",
        f"mailto://user:{PASSWORD}@127.0.0.1:{mail.port}?from=a@example.net&to=b@example.net",
    )
    with pytest.raises(DeliveryError) as refused:
        send(configured(), NOTICE)
    assert str(refused.value) == (
        "the service named by environment variable CUBEMON_TEST_MAIL did not take it"
    )
    assert not refused.value.final
    assert PASSWORD not in caplog.text
    assert PASSWORD not in repr(refused.value.__cause__)


def test_a_service_that_hangs_is_waited_for_only_so_long(mail: MailServer) -> None:
    mail.silent = threading.Event()
    it = configured(timeout_seconds=0.2)
    with pytest.raises(DeliveryError, match=r"did not answer in 0.2 s|did not take it"):
        send(it, NOTICE)
    mail.silent.set()


def test_no_second_call_while_the_last_one_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()

    def hangs(*_: object) -> bool:
        return free.wait(20)

    monkeypatch.setattr(channel, "deliver", hangs)
    monkeypatch.setenv("CUBEMON_TEST_MAIL", "json://localhost")
    it = configured(timeout_seconds=0.1)
    with pytest.raises(DeliveryError, match="did not answer"):
        send(it, NOTICE)
    with pytest.raises(DeliveryError, match="has not returned"):
        send(it, NOTICE)
    free.set()
    hanging = it._busy
    hanging.join()
    send(it, NOTICE)


def test_an_address_that_is_none_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBEMON_TEST_MAIL", f"bogus://{PASSWORD}@host")
    with pytest.raises(DeliveryError, match="not one that apprise knows") as refused:
        send(configured(), NOTICE)
    assert PASSWORD not in str(refused.value)
    with pytest.raises(DeliveryError, match="environment variable NOWHERE is not set"):
        send(configured("NOWHERE"), NOTICE)


def test_pagerduty_is_told_one_key_and_its_end(
    receiver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apprise.plugins import pagerduty  # noqa: PLC0415 - a hundred plug-ins with it

    monkeypatch.setitem(pagerduty.PAGERDUTY_API_LOOKUP, "us", receiver.url)
    monkeypatch.setenv("CUBEMON_TEST_MAIL", f"pagerduty://{'a' * 32}@{'b' * 32}/monitor/cube")
    it = configured()
    send(it, NOTICE, NOTICE, replace(NOTICE, action=Action.RESOLVE))
    said = [(one.json["event_action"], one.json["dedup_key"]) for one in receiver.told]
    assert said == [
        ("trigger", NOTICE.key), ("trigger", NOTICE.key), ("resolve", NOTICE.key)
    ]  # fmt: skip
    assert receiver.told[0].json["payload"]["severity"] == "critical"
    assert "CALLS STOP" in receiver.told[0].json["payload"]["summary"]


def test_what_a_plug_in_raises_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> bool:
        raise RuntimeError(PASSWORD)

    monkeypatch.setattr(channel, "deliver", breaks)
    monkeypatch.setenv("CUBEMON_TEST_MAIL", "json://localhost")
    with pytest.raises(DeliveryError, match="did not take it") as refused:
        send(configured(), NOTICE)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


def test_opsgenie_gets_the_key_as_alias(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str]] = []

    class Service:
        alias = action = ""

        def notify(self, **_: object) -> bool:
            seen.append((self.alias, self.action))
            return True

    monkeypatch.setattr(channel, "_service", lambda _: Service())
    assert channel.deliver("opsgenie://key", NOTICE, 1.0)
    assert channel.deliver("opsgenie://key", replace(NOTICE, action=Action.RESOLVE), 1.0)
    assert seen == [(NOTICE.key, "new"), (NOTICE.key, "close")]
