"""What the syslog listeners share: opening a port, and saying what to do where that fails."""

import errno
import socket
from typing import Final

from monitor.errors import CollectError

_PRIVILEGED: Final = 1024
_MAPPED: Final = "::ffff:"


def resolve(host: str, port: int, kind: socket.SocketKind) -> tuple[socket.AddressFamily, str]:
    """Address family and numeric address to bind; the first that the resolver offers.

    Raises CollectError for a host that has no address.
    """
    try:
        found = socket.getaddrinfo(host, port, type=kind, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise CollectError(f"cannot listen on host {host!r}: {error.strerror or error}") from error
    family, _, _, _, address = found[0]
    return family, str(address[0])


def open_socket(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
    """A bound, non-blocking socket; `::` also takes IPv4.

    Raises CollectError with what to do about it.
    """
    family, address = resolve(host, port, kind)
    sock = socket.socket(family, kind)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        if kind == socket.SOCK_STREAM:
            # A restart must not wait for old connections to leave TIME_WAIT. On UDP the same
            # option would let a second program take the port from under us.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.settimeout(0)
        sock.bind((address, port))
    except OSError as error:
        sock.close()
        raise refused(error, host, port, kind) from error
    return sock


def refused(error: OSError, host: str, port: int, kind: socket.SocketKind) -> CollectError:
    """Why a port cannot be listened on, and what to do."""
    protocol = "TCP" if kind == socket.SOCK_STREAM else "UDP"
    return CollectError(
        f"cannot listen for syslog on {protocol} {host} port {port}: {error.strerror}; "
        + _advice(error.errno, port, protocol)
    )


def plain_address(address: str) -> str:
    """`::ffff:192.0.2.1` is 192.0.2.1 through an IPv6 socket; other addresses stay as they are."""
    return address.removeprefix(_MAPPED) if "." in address else address


def _advice(number: int | None, port: int, protocol: str) -> str:
    if number == errno.EADDRINUSE:
        option = "-ltnp" if protocol == "TCP" else "-lunp"
        return f"`ss {option} 'sport = :{port}'` names the program that has it; or set another port"
    if number == errno.EACCES and port < _PRIVILEGED:
        return "give the service CAP_NET_BIND_SERVICE, or set a port from 1024 up"
    if number == errno.EADDRNOTAVAIL:
        return "this machine has no such address; set host to one that `ip address` shows"
    return "check host and port"
