"""Sends Cisco syslog lines over UDP at an even pace, some of them about licences.

usage: _send_syslog.py PORT LINES_PER_SECOND SECONDS LICENCE_SHARE SENT_FILE

SENT_FILE gets a line `counter time` for each licence line; a JSON summary goes to standard output.
"""

import json
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_TICK = 0.001
_DEVICES = 200
_LICENCE = (
    b"<189>%d: cube-%d: %s.%03d UTC: %%CUBE-5-LICENSE_INFO: Requesting for %d CUBE Enhanced trunk"
    b" licenses"
)
_OTHER = (
    b"<189>%d: cube-%d: %s.%03d UTC: %%LINEPROTO-5-UPDOWN: Line protocol on Interface"
    b" GigabitEthernet0/0/%d, changed state to up after the carrier delay that was set for it"
)


@dataclass(frozen=True)
class Load:
    """What to send."""

    port: int
    rate: int
    seconds: float
    share: float


def send(load: Load) -> tuple[dict[str, float], list[tuple[int, float]]]:
    """Send; a summary, and when each licence line went out."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect(("127.0.0.1", load.port))
    every = round(1 / load.share)
    total = round(load.rate * load.seconds)
    licences: list[tuple[int, float]] = []
    start = time.perf_counter()
    counter = 0
    worst = 0.0
    while counter < total:
        elapsed = time.perf_counter() - start
        due = min(total, int(elapsed * load.rate) + 1)
        worst = max(worst, (due - counter) / load.rate)
        _send_some(sock, range(counter, due), every, licences)
        counter = due
        time.sleep(max(0.0, _TICK - (time.perf_counter() - start - elapsed)))
    took = time.perf_counter() - start
    summary = {"sent": total, "licences": len(licences), "seconds": took, "longest_pause": worst}
    return summary, licences


def _send_some(
    sock: socket.socket, counters: range, every: int, licences: list[tuple[int, float]]
) -> None:
    now = time.time()
    # Formatting the stamp costs more than sending: once for all lines of a tick.
    stamp = time.strftime("%b %e %H:%M:%S", time.gmtime(now)).encode()
    milliseconds = int(now * 1000) % 1000
    put = sock.send
    for counter in counters:
        licence = counter % every == 0
        shape = _LICENCE if licence else _OTHER
        data = shape % (counter, counter % _DEVICES, stamp, milliseconds, counter % 100)
        if licence:
            licences.append((counter, time.time()))
        put(data)


def main() -> None:
    """Send, say what was sent."""
    port, rate, seconds, share, sent_file = sys.argv[1:]
    summary, licences = send(Load(int(port), int(rate), float(seconds), float(share)))
    rows = "".join(f"{counter} {moment:.6f}\n" for counter, moment in licences)
    Path(sent_file).write_text(rows, encoding="ascii")
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
