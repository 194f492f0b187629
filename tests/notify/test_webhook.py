"""The signed webhook, the careful POST behind it, and what the configuration refuses."""

import asyncio
import contextlib
import hashlib
import hmac
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from monitor.config import Config, load
from monitor.domain.findings import FindingKey, Severity
from monitor.domain.page import Action, Notice, PageText, dedup_key
from monitor.domain.silences import LONGEST_SILENCE
from monitor.errors import ConfigError, DeliveryError
from monitor.lab.gnmi_certificates import Authority
from monitor.notify.config import NotifyConfig, QuietConfig, label
from monitor.notify.http import Door
from monitor.notify.webhook import REPLAY_SECONDS, WebhookConfig

FINDING = FindingKey("pair_page", "ack_overdue:overdue", "berlin")
NOTICE = Notice(
    channel="hook", action=Action.TRIGGER, key=dedup_key(FINDING), severity=Severity.CRITICAL,
    planned=1.0, title="CRITICAL berlin: CALLS STOP", finding=FINDING, devices=("a", "b"),
    text=PageText(title="", lines={"Calls": "CALLS STOP"}, runbook="https://wiki/r"),
    opened=1_768_000_000.0, deadline=1_768_435_200.0,
)  # fmt: skip


def hook(url: str, secret: str, **other: Any) -> Any:
    said = {"kind": "webhook", "url": url, "secret": {"env": secret}} | other
    return WebhookConfig.model_validate(said).build()


def send(it: Any, notice: Notice = NOTICE) -> None:
    async def story() -> None:
        try:
            await it.send(notice)
        finally:
            await it.close()

    asyncio.run(story())


def test_the_body_and_its_signature(receiver: Any, secret: str) -> None:
    send(hook(receiver.url, secret))
    (told,) = receiver.told
    assert told.json == {
        "version": 1, "action": "trigger", "key": "cubemon/pair_page/ack_overdue:overdue/berlin",
        "severity": "critical", "rule": "pair_page", "step": "ack_overdue:overdue",
        "subject": "berlin", "devices": ["a", "b"], "opened": "2026-01-09T23:06:40Z",
        "resolved": None, "deadline": "2026-01-15T00:00:00Z",
        "title": "CRITICAL berlin: CALLS STOP",
        "text": "Calls: CALLS STOP\nRunbook: https://wiki/r", "lines": {"Calls": "CALLS STOP"},
        "runbook": "https://wiki/r",
    }  # fmt: skip
    stamp = told.headers["X-Cubemon-Timestamp"]
    signed = hmac.new(b"a secret of the receiver", f"{stamp}.".encode() + told.body, hashlib.sha256)
    assert told.headers["X-Cubemon-Signature"] == f"v1={signed.hexdigest()}"
    assert told.headers["X-Cubemon-Key"] == NOTICE.key


@pytest.mark.parametrize(
    ("status", "final"), [(400, True), (422, True), (401, False), (500, False)]
)
def test_what_will_never_be_taken_is_told_apart(
    receiver: Any, secret: str, status: int, final: bool
) -> None:
    receiver.answers += [status]
    with pytest.raises(DeliveryError, match=rf"answered {status}") as refused:
        send(hook(receiver.url, secret))
    assert refused.value.final is final


def test_a_redirect_is_not_followed(secret: str) -> None:
    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(307)
            self.send_header("Location", "http://192.0.2.1/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        with pytest.raises(DeliveryError, match="answered 307"):
            send(hook(f"http://127.0.0.1:{server.server_address[1]}/", secret))
        server.shutdown()


def test_nobody_there(secret: str) -> None:
    with pytest.raises(DeliveryError, match=r"no answer from http://127.0.0.1:1: ConnectError"):
        send(hook("http://127.0.0.1:1/a-secret-path", secret))


def test_a_receiver_that_hangs(secret: str) -> None:
    async def story() -> None:
        async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await done.wait()
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            gone.set()

        done, gone = asyncio.Event(), asyncio.Event()
        server = await asyncio.start_server(hang, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        it = hook(f"http://127.0.0.1:{port}/", secret, timeout_seconds=0.1)
        with pytest.raises(DeliveryError, match="did not answer in"):
            await it.send(NOTICE)
        done.set()
        await gone.wait()
        await it.close()
        server.close()
        await server.wait_closed()

    asyncio.run(story())


def test_a_key_with_odd_letters_is_a_header_all_the_same(receiver: Any, secret: str) -> None:
    odd = FindingKey("stale_data", "cli", "küche\n")
    notice = Notice(
        channel="hook", action=Action.TRIGGER, key=dedup_key(odd), severity=Severity.WARNING,
        planned=1.0, title="x", text=PageText(title=""), finding=odd,
    )  # fmt: skip
    send(hook(receiver.url, secret), notice)
    assert receiver.told[0].json["subject"] == "küche\n"


def test_keys_fit_into_every_service() -> None:
    long = [dedup_key(FindingKey("r", "s", "x" * 300 + end)) for end in "ab"]
    assert [len(key) for key in long] == [200, 200]
    assert long[0] != long[1]


def refused(**notify: Any) -> str:
    with pytest.raises(ValidationError) as wrong:
        Config.model_validate({"notify": notify})
    return str(wrong.value)


def test_a_configuration_that_cannot_be_meant_is_refused() -> None:
    secret = {"file": "/run/secret"}
    plain = {"kind": "webhook", "url": "http://192.0.2.1/x", "secret": secret}
    assert "use https" in refused(channels=[plain])
    fine = plain | {"url": "https://192.0.2.1/x"}
    assert "two channels are called 'webhook'" in refused(channels=[fine, fine])
    assert "names no channel" in refused(channels=[fine | {"escalate_to": "boss"}])
    assert "'info' is not one of" in refused(channels=[fine | {"severities": ["info"]}])
    assert "no user or password" in refused(channels=[fine | {"url": "https://u:pw@host/x"}])
    assert "no time zone" in refused(zone="Mars/Olympus")


def test_an_address_written_where_its_place_belongs_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "cubemon.yaml"
    file.write_text("notify:\n  channels:\n    - {kind: apprise, url: 'pagerduty://SECRET@key'}\n")
    with pytest.raises(ConfigError, match=r"notify\.channels") as wrong:
        load(file)
    assert "SECRET" not in str(wrong.value)


def test_what_yaml_makes_of_a_clock() -> None:
    quiet = QuietConfig.model_validate({"begin": 18 * 60, "end": "07:30"})
    assert (quiet.begin.hour, quiet.end.minute) == (18, 30)
    assert NotifyConfig().quiet is None


def test_certificates_are_verified(tmp_path: Path, receiver: Any, secret: str) -> None:
    assert receiver.told == []
    ours, other = Authority(), Authority("Somebody Else")
    certificate, key = ours.issue("localhost").write(tmp_path, "server")
    trusted, foreign = tmp_path / "ours.pem", tmp_path / "other.pem"
    trusted.write_bytes(ours.certificate)
    foreign.write_bytes(other.certificate)
    taken = []

    class Sealed(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Sealed) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"https://127.0.0.1:{server.server_address[1]}/"
        send(hook(url, secret, ca=str(trusted)))
        with pytest.raises(DeliveryError, match=r"no answer from https://127\.0\.0\.1"):
            send(hook(url, secret, ca=str(foreign)))
        server.shutdown()
    assert len(taken) == 1


def test_authorities_that_cannot_be_read(tmp_path: Path) -> None:
    door = Door("https://here", seconds=1.0, ca=tmp_path / "none.pem")
    with pytest.raises(DeliveryError, match="cannot be read"):
        asyncio.run(door.post("https://127.0.0.1:1/", b"", {}))


def test_the_example_of_the_page_is_a_configuration(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "paging.md").read_text()
    file = tmp_path / "cubemon.yaml"
    file.write_text(page.split("```yaml\n")[1].split("```")[0])
    notify = load(file).notify
    assert notify is not None
    assert [label(one) for one in notify.channels] == ["oncall", "boss", "tickets", "alertmanager"]
    assert f"more than {REPLAY_SECONDS} seconds" in " ".join(page.split())
    assert f"At most {LONGEST_SILENCE // 86_400:g} days" in " ".join(page.split())


def test_a_secret_from_a_file(tmp_path: Path, receiver: Any) -> None:
    file = tmp_path / "key"
    file.write_text("a secret of the receiver\n")
    said = {"kind": "webhook", "url": receiver.url, "secret": {"file": str(file)}}
    it = WebhookConfig.model_validate(said).build()
    send(it)
    file.unlink()
    with pytest.raises(DeliveryError, match="key cannot be read: No such file"):
        send(it)
    for wrong in ({}, {"file": "a", "env": "b"}):
        with pytest.raises(ValidationError, match="give either"):
            WebhookConfig.model_validate(said | {"secret": wrong})
