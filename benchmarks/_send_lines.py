"""Sends numbered licence lines, odd ones over UDP, even ones over TCP, until its input ends.

usage: _send_lines.py UDP_PORT TCP_PORT LINES_PER_SECOND; prints how many it sent.
"""

import select
import socket
import sys
import time

_TICK = 0.002
_LINE = b"<133>%d: Nov 22 2026 10:00:00.000 UTC: %%CUBE-5-LICENSE_INFO: no %d"


def main() -> None:
    udp_port, tcp_port, rate = map(int, sys.argv[1:])
    sent, begun = 0, time.perf_counter()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.create_connection(("127.0.0.1", tcp_port)) as tcp,
    ):
        udp.connect(("127.0.0.1", udp_port))
        while not select.select([sys.stdin], [], [], 0)[0]:
            due = int((time.perf_counter() - begun) * rate)
            for number in range(sent, due):
                line = _LINE % (number, number)
                if number % 2:
                    udp.send(line)
                else:
                    tcp.sendall(line + b"\n")
            sent = max(sent, due)
            time.sleep(_TICK)
    print(sent)


if __name__ == "__main__":
    main()
