"""Ports that cannot be had say what to do; addresses are plain; open files are asked for."""

import errno
import resource
import socket

import pytest

from monitor.collect.syslog import tcp
from monitor.collect.syslog.listening import plain_address, refused


@pytest.mark.parametrize(
    ("number", "port", "words"),
    [
        (errno.EADDRINUSE, 5514, "`ss -lunp 'sport = :5514'` names the program that has it"),
        (errno.EACCES, 514, "give the service CAP_NET_BIND_SERVICE, or set a port from 1024 up"),
        (errno.EACCES, 5514, "check host and port"),
        (errno.EADDRNOTAVAIL, 5514, "set host to one that `ip address` shows"),
        (errno.ENOBUFS, 5514, "check host and port"),
    ],
)
def test_advice_fits_the_error(number: int, port: int, words: str) -> None:
    error = refused(OSError(number, "reason"), "127.0.0.1", port, socket.SOCK_DGRAM)

    assert str(error).startswith(f"cannot listen for syslog on UDP 127.0.0.1 port {port}: reason; ")
    assert words in str(error)


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:1", "::ffff:1"),
    ],
)
def test_mapped_addresses_become_plain(address: str, plain: str) -> None:
    assert plain_address(address) == plain


@pytest.mark.parametrize(
    ("limits", "allowed", "asked"),
    [
        ((1024, 4096), 1000, [(1256, 4096)]),
        ((1024, 512_000), 1000, [(1256, 512_000)]),
        ((1024, 1024), 768, [(1024, 1024)]),
        ((4096, 4096), 1000, []),
        ((100, 100), 1, [(100, 100)]),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), 1000, []),
        ((1024, resource.RLIM_INFINITY), 1000, [(1256, resource.RLIM_INFINITY)]),
    ],
)
def test_open_files_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
    limits: tuple[int, int],
    allowed: int,
    asked: list[tuple[int, int]],
) -> None:
    requests: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, wanted: requests.append(wanted))

    assert tcp._file_limit(1000) == allowed
    assert requests == asked
