"""What commands take from the environment: which monitor is asked, the token it is shown."""

import contextlib
import http.server
import threading
from collections.abc import Iterator
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from typing import ClassVar

import pytest

from monitor.cli import COMMANDS, main

TOKEN = "a-token-that-is-shown-0000001"  # noqa: S105 - of this test alone
ASKED = {
    "accounts": [], "ack": ["1"], "audit": [], "device": ["retire", "cube-1"], "doctor": [],
    "explain": ["cube-1"], "import": ["show", "--device", "cube-1", "FILE"],
    "maintenance": ["list"], "notify": ["status"], "page": ["list"], "rehearse": ["edge"],
    "reload": [], "report": [], "rum": [], "ship": ["status"], "silence": ["list"], "status": [],
    "what-if": ["--device", "cube-1", "--release", "17.9.4a"],
}  # fmt: skip


class Door(http.server.BaseHTTPRequestHandler):
    """Lets nobody in, and keeps what it was shown."""

    shown: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.shown.append(self.headers.get("Authorization", ""))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(401)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What a monitor on loopback is shown, where the environment names it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    Door.shown.clear()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("CUBEMON_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("CUBEMON_TOKEN", TOKEN)
    yield Door.shown
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", ASKED)
def test_a_command_that_asks_shows_its_token(
    name: str, shown: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "router.txt"
    file.write_text("cube-1#show license status\nUsage Reporting:\n  Last ACK received: <none>\n")
    with contextlib.suppress(SystemExit):
        assert main([name, *(str(file) if one == "FILE" else one for one in ASKED[name])]) != 0
    assert set(shown) == {f"Bearer {TOKEN}"}
    said = capsys.readouterr()
    assert TOKEN not in said.out + said.err


def test_every_command_that_asks_is_tried() -> None:
    def asks(name: str) -> bool:
        module = name.replace("-", "_") + "_" * iskeyword(name)
        return "Remote" in vars(import_module(f"monitor.cli.{module}"))

    # `recompute` asks only with --apply and an address.
    assert {name for name in COMMANDS if asks(name)} - {"recompute"} == ASKED.keys()


def test_an_authority_is_taken_from_the_environment_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CUBEMON_URL", "https://127.0.0.1:1")
    monkeypatch.setenv("CUBEMON_CA", str(tmp_path / "gone"))
    assert main(["reload"]) == 3
    assert "--ca" in capsys.readouterr().err
