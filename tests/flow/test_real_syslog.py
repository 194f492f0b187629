"""Real rsyslog and logger forward to a running monitor; what they say is judged and shown.

Over a restart by SIGTERM in the middle of a TCP stream nothing that was sent is lost.
"""

import contextlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.domain.records import EventRecord
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig

DEADLINE = 40.0

_CONFIG = """
collect:
  - {{kind: syslog_udp, port: {syslog}}}
  - {{kind: syslog_tcp, port: {syslog}}}
http: {{port: {http}}}
store: {{directory: {directory}}}
devices:
  - {{name: cube-udp, release: 17.3.3}}
  - {{name: cube-octets, release: 17.3.3}}
  - {{name: cube-lines, release: 17.3.3}}
"""

_RELAY = """
global(workDirectory="{directory}")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{directory}/in" RateLimit.Interval="0" UseSpecialParser="off")
template(name="received" type="string" string="%rawmsg%")
action(type="omfwd" target="127.0.0.1" port="{port}" {transport} template="received"
       action.resumeRetryCount="-1" action.resumeInterval="1"
       queue.type="LinkedList" queue.size="100000" queue.timeoutEnqueue="30000")
"""

TRANSPORTS = {
    "cube-udp": 'protocol="udp"',
    "cube-octets": 'protocol="tcp" TCP_Framing="octet-counted"',
    "cube-lines": 'protocol="tcp" TCP_Framing="traditional"',
}


class Monitor:
    """A `cubemon serve` on free ports of its own; `stop` and `start` as often as wanted."""

    def __init__(self, directory: Path) -> None:
        self.syslog, self._http = free_port(), free_port()
        self._data = directory / "data"
        self._config = directory / "cubemon.yml"
        self._config.write_text(
            _CONFIG.format(syslog=self.syslog, http=self._http, directory=self._data)
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "monitor", "serve", "--config", str(self._config)]
        self._process = subprocess.Popen(command)
        eventually(lambda: self._up("syslog_udp") and self._up("syslog_tcp"))

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(DEADLINE)
        self._process = None
        return code

    def end(self) -> None:
        """Leave no process behind, whatever happened."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(DEADLINE)

    def get(self, path: str) -> Any:
        return json.loads(self._read(path))

    def metrics(self) -> dict[str, float]:
        """Samples by name, labels added up."""
        sums: dict[str, float] = {}
        for family in text_string_to_metric_families(self._read("/metrics")):
            for sample in family.samples:
                sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
        return sums

    def findings(self) -> set[tuple[str, str]]:
        found = self.get("/api/v1/findings")["findings"]
        return {(finding["subject"], finding["severity"]) for finding in found}

    def committed_events(self) -> int:
        """Events accepted since the start."""
        for family in text_string_to_metric_families(self._read("/metrics")):
            for sample in family.samples:
                if (sample.name, sample.labels.get("record")) == (
                    "cube_monitor_committed_total",
                    "event",
                ):
                    return int(sample.value)
        return 0

    def stored(self) -> list[EventRecord]:
        """All events, read from the store of a stopped monitor."""
        assert self._process is None
        store = EmbeddedStore(EmbeddedStoreConfig(directory=self._data))
        try:
            return list(store.events(limit=1_000_000))
        finally:
            store.close()

    def _up(self, collector: str) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "cubemon serve has ended"
        try:
            text = self._read("/metrics")
        except OSError:
            return False
        return f'cube_monitor_collector_up{{collector="{collector}"}} 1.0' in text

    def _read(self, path: str) -> str:
        address = f"http://127.0.0.1:{self._http}{path}"
        with urllib.request.urlopen(address, timeout=DEADLINE) as answer:
            text: str = answer.read().decode()
            return text


class Relay:
    """A rsyslogd that forwards what is written to its socket."""

    def __init__(self, directory: Path, transport: str, port: int) -> None:
        directory.mkdir()
        self._socket = directory / "in"
        config = directory / "rsyslog.conf"
        config.write_text(_RELAY.format(directory=directory, port=port, transport=transport))
        program = shutil.which("rsyslogd") or "/usr/sbin/rsyslogd"
        self._process = subprocess.Popen([program, "-n", "-iNONE", "-f", str(config)])
        eventually(self._socket.exists)

    def send(self, *messages: str) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.connect(str(self._socket))
            for message in messages:
                sock.send(message.encode())

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(DEADLINE)


def eventually(condition: Callable[[], bool]) -> None:
    """Ask until true, for at most DEADLINE."""
    last = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < last, "the deadline passed"
        time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def monitor(tmp_path: Path) -> Iterator[Monitor]:
    one = Monitor(tmp_path)
    one.start()
    yield one
    one.end()


@pytest.fixture
def run_relay(tmp_path: Path) -> Iterator[Callable[[str, int], Relay]]:
    with contextlib.ExitStack() as running:

        def run(name: str, port: int) -> Relay:
            relay = Relay(tmp_path / name, TRANSPORTS[name], port)
            running.callback(relay.end)
            return relay

        yield run


def stamp() -> str:
    return datetime.now(UTC).strftime("%b %e %H:%M:%S.000 UTC")


def request(counter: int, device: str, count: int) -> str:
    text = f"%CUBE-5-LICENSE_INFO: Requesting for {count} CUBE Enhanced trunk licenses"
    return f"<189>{counter}: {device}: {stamp()}: {text}"


def required(counter: int, device: str, days: int) -> str:
    text = f"A Usage report acknowledgement will be required in {days} days."
    return f"<190>{counter}: {device}: {stamp()}: %SMART_LIC-6-REPORTING_REQUIRED: {text}"


@pytest.mark.engine("rsyslogd")
def test_what_rsyslog_forwards_is_judged_and_shown(
    monitor: Monitor, run_relay: Callable[[str, int], Relay]
) -> None:
    for number, name in enumerate(TRANSPORTS, start=1):
        relay = run_relay(name, monitor.syslog)
        relay.send(request(1, name, 10 * number), required(2, name, 2))

    eventually(lambda: len(monitor.findings()) == len(TRANSPORTS))

    assert monitor.findings() == {(name, "critical") for name in TRANSPORTS}
    devices = {one["id"]: one for one in monitor.get("/api/v1/devices")["devices"]}
    assert set(devices) == set(TRANSPORTS)
    in_two_days = datetime.now(UTC) + timedelta(days=2)
    for name in TRANSPORTS:
        deadline = datetime.fromisoformat(devices[name]["deadline"])
        assert abs(deadline - in_two_days) < timedelta(minutes=5)
    metrics = monitor.metrics()
    assert metrics["cube_license_in_use"] == 10 + 20 + 30
    assert metrics["cube_ack_due"] == len(TRANSPORTS)
    assert metrics["cube_monitor_syslog_received_total"] == 6
    assert monitor.stop() == 0
    kinds = [event["kind"] for record in monitor.stored() for event in record.events]
    assert kinds.count("license_request") == len(TRANSPORTS)


LOGGERS = {
    f"cube-{framing or transport}-{header}": [f"--{transport}", f"--{header}", *octets]
    for transport, framing, octets in (
        ("udp", "", ()),
        ("tcp", "lines", ()),
        ("tcp", "octets", ("--octet-count",)),
    )
    for header in ("rfc3164", "rfc5424")
}


@pytest.mark.engine("logger")
def test_what_logger_sends_is_judged_and_shown(monitor: Monitor) -> None:
    for name, options in LOGGERS.items():
        message = required(7, name, 2).removeprefix("<190>")
        subprocess.run(
            ["logger", "--server", "127.0.0.1", "--port", str(monitor.syslog), *options,
             "--priority", "local7.info", message],
            check=True,
        )  # fmt: skip

    eventually(lambda: len(monitor.findings()) == len(LOGGERS))

    assert monitor.findings() == {(name, "critical") for name in LOGGERS}


@pytest.mark.engine("rsyslogd")
@pytest.mark.parametrize("name", ["cube-octets", "cube-lines"])
def test_a_restart_in_the_middle_of_a_tcp_stream_loses_nothing(
    monitor: Monitor, run_relay: Callable[[str, int], Relay], name: str
) -> None:
    relay = run_relay(name, monitor.syslog)
    with stream(relay, name) as sent:
        eventually(lambda: monitor.committed_events() >= 500)
        assert monitor.stop() == 0
        before = {record.counter for record in monitor.stored()}
        monitor.start()
        eventually(lambda: monitor.committed_events() >= 500)
    eventually(lambda: len(before) + monitor.committed_events() >= len(sent))
    assert monitor.stop() == 0

    assert 500 <= len(before) <= len(sent) - 500
    assert {record.counter for record in monitor.stored()} == set(sent)


@contextlib.contextmanager
def stream(relay: Relay, name: str) -> Iterator[list[int]]:
    """Lines at a steady pace from another thread until the block ends; their counters."""
    sent: list[int] = []
    done = threading.Event()

    def send() -> None:
        while not done.wait(0.001):
            batch = range(len(sent), len(sent) + 3)
            relay.send(*(request(counter, name, counter) for counter in batch))
            sent.extend(batch)

    sending = threading.Thread(target=send)
    sending.start()
    try:
        yield sent
    finally:
        done.set()
        sending.join(DEADLINE)


def test_a_sender_that_notices_the_half_close_loses_nothing(monitor: Monitor) -> None:
    sent = 0
    with socket.create_connection(("127.0.0.1", monitor.syslog)) as connection:
        connection.sendall((request(sent, "cube-lines", 1) + "\n").encode())
        eventually(lambda: monitor.committed_events() >= 1)
        stopping = threading.Thread(target=monitor.stop)
        stopping.start()
        while not closed_by_peer(connection):
            sent += 1
            connection.sendall((request(sent, "cube-lines", 1) + "\n").encode())
        # Written before the sender looked; the last line is not even ended.
        connection.sendall(request(sent + 1, "cube-lines", 1).encode())
    stopping.join(DEADLINE)

    received = {record.counter or 0 for record in monitor.stored()}

    assert received == set(range(sent + 2))


def closed_by_peer(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
