"""Many virtual CUBEs, each with a port of its own on loopback: `_ssh_routers.py COUNT PASSWORD`.

Prints one line of JSON, `{"key": ..., "ports": [...]}`, then serves until it is ended.
"""

import asyncio
import contextlib
import json
import sys
import time

import asyncssh

from monitor.lab.console import Console
from monitor.lab.cube import Cube
from monitor.lab.fleet import virtual_fleet


def console(number: int, cube: Cube, password: str) -> Console:
    return Console(
        host_name=f"cube-{number}",
        answer=lambda command: cube.answer(command, time.time()),
        user="monitor",
        password=password,
    )


async def main(count: int, password: str) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    cubes = [one for one in virtual_fleet(int(time.time()), 1).cubes if one.silent_since is None]
    ports = []
    async with contextlib.AsyncExitStack() as stack:
        for number in range(count):
            listening = await console(number, cubes[number % len(cubes)], password).listen(key)
            ports.append((await stack.enter_async_context(listening)).get_port())
        public = key.export_public_key("openssh").decode().strip()
        print(json.dumps({"key": public, "ports": ports}), flush=True)
        await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
