"""One receiver for everybody whom Alertmanager tells: it keeps what it is told."""

import asyncio
import contextlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 40.0


@dataclass
class Receiver:
    """PagerDuty, Slack and the watcher of the heartbeat: keeps what it is told, by path."""

    url: str = ""
    told: list[tuple[str, Any]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, path: str, body: Any) -> None:
        with self.changed:
            self.told.append((path, body))
            self.changed.notify_all()

    def of(self, path: str) -> list[Any]:
        with self.changed:
            return [body for where, body in self.told if where == path]

    async def wait(self, enough: Callable[[], bool], what: str) -> None:
        def waiting() -> bool:
            with self.changed:
                return self.changed.wait_for(enough, PATIENCE)

        assert await asyncio.to_thread(waiting), f"{what}; told: {self.summary()}"

    def pages(self, action: str) -> list[Any]:
        return [one for one in self.of("/page") if one["event_action"] == action]

    def summary(self) -> list[str]:
        pages = [f"{one['event_action']} {one['payload']['summary']}" for one in self.of("/page")]
        return [*pages, *(one["attachments"][0]["title"] for one in self.of("/ticket"))]


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """Listens on loopback until left."""
    kept = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept.take(self.path, json.loads(body))
            answer = b'{"status": "success"}'
            self.send_response(202 if self.path == "/page" else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()
