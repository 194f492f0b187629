"""A proxying front before a database: it checks a token, goes away and comes back, answers faults.

VictoriaMetrics takes any token, so the front is what refuses one; and every database can be cut
off in the same way, a real server far away too.
"""

import http.client
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_PASSED = ("Content-Type", "Accept", "User-Agent", "Content-Encoding", "Accept-Encoding")
Fault = Callable[[str, bytes], tuple[int, dict[str, str], bytes] | None]
"""From path and body: the answer instead of the database's, or None."""


class Front:
    """Listens on one port of loopback while it is open."""

    def __init__(self, url: str, token: str | None) -> None:
        self.backend = urlsplit(url)
        self.token = token
        """What must be shown; None passes what is shown on to the database."""
        self.fault: Fault = lambda path, body: None
        self.paths: list[str] = []
        self._port = 0
        self._server: ThreadingHTTPServer | None = None
        self.open()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def open(self) -> None:
        """Listen, on the same port as before."""
        handler = type("Handler", (_Handler,), {"front": self})
        server = _Server(("127.0.0.1", self._port), handler)
        self._port = server.server_address[1]
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """Refuse connections, and end those that are open."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
        self.closed_at = len(self.paths)

    @property
    def is_open(self) -> bool:
        return self._server is not None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_: object) -> None:
        return


class _Handler(BaseHTTPRequestHandler):
    front: Front

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self._answer(*(self._faulty(body) or self._passed(body)))

    def do_GET(self) -> None:
        self._answer(*(self._faulty(b"") or self._passed(b"")))

    def _faulty(self, body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        self.front.paths.append(self.path)
        if not self.front.is_open:
            return 503, {}, b"closing"
        shown = self.headers["Authorization"]
        if self.front.token is not None and shown != f"Token {self.front.token}":
            return 401, {}, b'{"code": "unauthorized", "message": "unauthorized access"}'
        return self.front.fault(self.path, body)

    def _passed(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        backend = self.front.backend
        host, port = backend.hostname or "", backend.port
        connection = (
            http.client.HTTPSConnection(host, port, context=ssl.create_default_context())
            if backend.scheme == "https"
            else http.client.HTTPConnection(host, port)
        )
        headers = {name: self.headers[name] for name in _PASSED if self.headers[name]}
        if self.front.token is None and self.headers["Authorization"]:
            headers["Authorization"] = self.headers["Authorization"]
        connection.request(self.command, backend.path + self.path, body or None, headers)
        response = connection.getresponse()
        answered = response.read()
        connection.close()
        kept = ("Content-Type", "Content-Encoding", "Retry-After")
        return (
            response.status,
            {name: value for name in kept if (value := response.headers[name])},
            answered,
        )

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return
