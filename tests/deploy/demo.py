"""The demo as a user has it: started, watched and typed on from outside."""

import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from monitor.lab.fleet import virtual_fleet
from monitor.lab.verdict import difference, found

PATIENCE = 100.0
LOGIN = re.compile(r"ssh -p (?P<port>\d+) -o UserKnownHostsFile=(?P<hosts>\S+) (?P<user>\w+)@(\S+)")
PASSWORD = re.compile(r"password is in (?P<file>\S+)[.]$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A demo that runs; `said` is what it told the user."""

    url: str
    said: str

    async def stands(self) -> None:
        """Wait until it finds what it is there to show."""
        expected = virtual_fleet(0).expected
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(OSError):
                    there = await asyncio.to_thread(found, self.url)
                    if not list(difference(expected, there)):
                        return
                await asyncio.sleep(0.1)

    async def type(self, command: str) -> str:
        """Log in by the words the demo prints, type one command, and say what was answered."""
        login, password = LOGIN.search(self.said), PASSWORD.search(self.said)
        assert login is not None, self.said
        assert password is not None, self.said
        secret = await asyncio.to_thread(Path(password["file"]).read_text)
        async with asyncssh.connect(
            "127.0.0.1",
            int(login["port"]),
            username=login["user"],
            password=secret,
            known_hosts=login["hosts"],
        ) as connection:
            answered = await connection.run(input=f"{command}\nexit\n", timeout=PATIENCE)
        return str(answered.stdout)


@contextlib.asynccontextmanager
async def demo(folder: Path, port: int) -> AsyncIterator[Demo]:
    """`cubemon demo`, ended by SIGTERM; what it goes on to say is read and dropped."""
    with folder.with_suffix(".log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "monitor", "demo", "--port", str(port)),
            *("--directory", str(folder)),
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    assert process.stdout is not None
    rest: asyncio.Task[bytes] | None = None
    try:
        async with asyncio.timeout(PATIENCE):
            said = await process.stdout.readuntil(b"Ctrl-C ends it.")
        rest = asyncio.create_task(process.stdout.read())
        yield Demo(url=f"http://127.0.0.1:{port}", said=said.decode())
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), PATIENCE)
        if rest is not None:
            await rest
