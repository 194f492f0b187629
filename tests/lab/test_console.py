"""The command line of a virtual CUBE, over real SSH."""

import asyncio

import asyncssh

from monitor.lab.console import Console

PASSWORD = "-".join(("of", "the", "lab"))


def test_a_command_line_that_is_not_open_yet_answers_from_then_on() -> None:
    async def story() -> None:
        opens, key = asyncio.Event(), asyncssh.generate_private_key("ssh-ed25519")
        console = Console(
            host_name="cube-1",
            answer=lambda _: "answered\n",
            user="monitor",
            password=PASSWORD,
            opens=opens,
        )
        async with asyncio.timeout(30), await console.listen(key) as door:
            asked = asyncio.create_task(ask(door.get_port()))
            while not console.sessions:  # noqa: ASYNC110 - a session announces nothing
                await asyncio.sleep(0.01)
            assert (console.typed, asked.done()) == ([], False)
            opens.set()
            assert "cube-1#answered" in await asked

    asyncio.run(story())


async def ask(port: int) -> str:
    async with asyncssh.connect(
        "127.0.0.1", port, username="monitor", password=PASSWORD, known_hosts=None
    ) as connection:
        answered = await connection.run(input="show clock\nexit\n")
        return str(answered.stdout)
