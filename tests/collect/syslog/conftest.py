"""Sockets of senders over TCP."""

import asyncio
import socket

import pytest

DEADLINE = 20.0


class Tcp:
    """What a sender does."""

    async def opened(self, port: int, source: str = "127.0.0.1") -> socket.socket:
        sock = socket.socket()
        sock.setblocking(False)
        sock.bind((source, 0))
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        return sock

    async def send(self, sock: socket.socket, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(sock, data)

    async def closed_by_peer(self, sock: socket.socket) -> bool:
        """True once the other side has closed or reset; a deadline bounds the wait."""
        async with asyncio.timeout(DEADLINE):
            try:
                return await asyncio.get_running_loop().sock_recv(sock, 10) == b""
            except ConnectionResetError:
                return True


@pytest.fixture
def tcp() -> Tcp:
    return Tcp()
