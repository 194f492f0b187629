"""`cubemon try`: log in to a router once, say what is known of it then; nothing is written."""

import argparse
import asyncio
import getpass
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncssh
from rich.console import Console

from monitor.cli import judge
from monitor.cli.remote import CheckParser, tidy
from monitor.cli.telemetry_offers import Offer, offers
from monitor.collect.ssh import Credential, PollResult, SecretRef, SshConfig, SshTarget
from monitor.collect.ssh.commands import Show, bearable
from monitor.collect.ssh.credentials import CredentialDesk
from monitor.collect.ssh.failure import PollError
from monitor.collect.ssh.hostkeys import HostKeys
from monitor.collect.ssh.shell import Shell, taken
from monitor.collect.ssh.visit import Visits
from monitor.parse import show
from monitor.parse.show.output import ShowOutput
from monitor.parse.show.running_config_data import RunningConfig
from monitor.pipeline.verdict import Verdict, judge_capture

DESCRIPTION: Final = """\
Log in to one router once, type every show command that is read (progress on standard error), and
say whether calls will stop, what the router could tell besides, and what to write into the
configuration. Nothing is written, neither here nor there; only show commands are typed, `enable`
where --enable-file is given, and `terminal length`/`width`.

The host key must stand in known_hosts, or be accepted for this once with --accept-host-key: compare
the fingerprint that is shown with that of the key which `show ip ssh` prints on the router
(`ssh-keygen -lf FILE` works it out).

examples:
  cubemon try monitor@192.0.2.1 --ask
  cubemon try monitor@cube-1.example.net:2222 --key ~/.ssh/id_ed25519
  cubemon try monitor@cube-1 --password-file pw --accept-host-key --json

exit codes: 0 nothing is wrong; 1 warning; 2 critical; 3 cannot tell, or no login."""

_CANNOT_TELL: Final = 3
_NAME: Final = "try"
_PLACE: Final = "CUBEMON_TRY_PASSWORD"
_WHERE: Final = re.compile(
    r"(?P<user>[^@\s]{1,100})@(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^:\s\[\]]{1,253}))"
    r"(?::(?P<port>\d{1,5}))?"
)
_ASKED: Final = (
    Show.CLOCK,
    Show.VERSION,
    Show.CUBE_STATUS,
    Show.LICENSE_STATUS,
    Show.LICENSE_SUMMARY,
    Show.LICENSE_USAGE,
    Show.LICENSE_UDI,
    Show.VOICE_LICENSE_STATUS,
    Show.VOICE_LICENSE_STATS,
    Show.REDUNDANCY_STATES,
    Show.REDUNDANCY_GROUP,
    Show.CALL_HOME,
    Show.RUNNING_CONFIG,
    Show.LICENSE_TECH_SUPPORT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Router:
    user: str
    host: str
    port: int


@dataclass(slots=True, kw_only=True)
class _Heard:
    """What the router printed, and what became of each command."""

    texts: dict[Show, str] = field(default_factory=dict)
    became: dict[str, str] = field(default_factory=dict)
    outputs: list[ShowOutput] = field(default_factory=list)

    def said(self, name: str) -> str | None:
        """The first value of that name in any output."""
        values = (getattr(one.data, name, None) for one in self.outputs)
        return next((value for value in values if isinstance(value, str)), None)

    @property
    def config(self) -> RunningConfig | None:
        """The running configuration, where it was read."""
        found = (one.data for one in self.outputs)
        return next((data for data in found if isinstance(data, RunningConfig)), None)


class _Looked(HostKeys):
    """Known hosts that are only read."""

    def remember(self, host: str, port: int, key: asyncssh.SSHKey) -> None:
        """Tell the fingerprint; nothing is written."""
        _tell(f"host key of {host}:{port}, accepted for this once: {key.get_fingerprint()}")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them; wrong ones end with 3."""
    parser.__class__ = CheckParser
    parser.add_argument(
        "router", type=_router, metavar="USER@ROUTER[:PORT]", help="port 22, unless given"
    )
    login = parser.add_mutually_exclusive_group(required=True)
    login.add_argument("--password-file", type=Path, metavar="FILE", help="holds it")
    login.add_argument("--key", type=Path, metavar="FILE", help="private key without a passphrase")
    login.add_argument("--ask", action="store_true", help="ask for the password")
    parser.add_argument("--enable-file", type=Path, metavar="FILE", help="password of `enable`")
    parser.add_argument(
        "--accept-host-key", action="store_true", help="for this once, where none is known"
    )
    parser.add_argument(
        "--known-hosts",
        type=Path,
        metavar="FILE",
        default=Path("~/.ssh/known_hosts").expanduser(),
        help="host keys that are known (default: ~/.ssh/known_hosts)",
    )
    parser.add_argument("--legacy", action="store_true", help="allow old algorithms")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Log in, ask, judge."""
    router: _Router = arguments.router
    heard = _Heard()
    try:
        asyncio.run(_visit(router, arguments, heard))
    except (PollError, TimeoutError) as failure:
        _tell(f"{router.host}: {_why(failure)}")
        if not heard.texts:
            return _CANNOT_TELL
    finally:
        os.environ.pop(_PLACE, None)
    texts = [f"{command.value}\n{text}" for command, text in heard.texts.items()]
    heard.outputs.extend(show.read("\n".join(texts)))
    verdict = judge_capture(texts, zones={}, now=time.time())
    found = list(offers(heard.said("platform") or "", verdict.release, heard.config))
    if arguments.json:
        print(json.dumps(_as_json(verdict, heard, found, _block(router, arguments, heard))))
    else:
        _print(verdict, found, _block(router, arguments, heard))
    return judge.exit_code(verdict)


def _why(failure: Exception) -> str:
    if not isinstance(failure, PollError):
        return "timeout"
    hints = {
        PollResult.HOST_KEY_UNKNOWN: "; compare it, then --accept-host-key",
        PollResult.NO_COMMON_ALGORITHM: " (here: --legacy)",
        PollResult.ENABLE_REFUSED: "; it was typed once only",
    }
    return f"{failure}{hints.get(failure.result, '')}"


async def _visit(router: _Router, arguments: argparse.Namespace, heard: _Heard) -> None:
    config = SshConfig(credentials={_NAME: _credential(router, arguments)})
    visits = Visits(
        config=config,
        host_keys=_Looked(arguments.known_hosts),
        desk=CredentialDesk(config.credentials, config.pace, time.monotonic),
    )
    enable = None if arguments.enable_file is None else SecretRef(file=arguments.enable_file)
    target = SshTarget(
        host=router.host,
        port=router.port,
        credential=_NAME,
        accept_first_key=arguments.accept_host_key,
        legacy=arguments.legacy,
        enable=enable,
    )
    async with asyncio.timeout(300), visits.enter(target) as shell:
        await _ask(shell, heard)


def _credential(router: _Router, arguments: argparse.Namespace) -> Credential:
    if arguments.key is not None:
        return Credential(user=router.user, key=SecretRef(file=arguments.key))
    if arguments.password_file is not None:
        return Credential(user=router.user, password=SecretRef(file=arguments.password_file))
    os.environ[_PLACE] = getpass.getpass(f"Password of {router.user}@{router.host}: ")
    return Credential(user=router.user, password=SecretRef(env=_PLACE))


async def _ask(shell: Shell, heard: _Heard) -> None:
    release: str | None = None
    for command in _ASKED:
        if not bearable(command, release):
            heard.became[command.value] = "left out"
            _tell(f"{command.value}: left out on release {release or 'unknown'} (FN72578)")
            continue
        text = await shell.ask(command)
        heard.became[command.value] = "read" if taken(text) else "not taken"
        _tell(f"{command.value}: {heard.became[command.value]}")
        if taken(text):
            heard.texts[command] = text
        if command is Show.VERSION:
            release = _release(text)


def _release(text: str) -> str | None:
    outputs = show.read(text, command=Show.VERSION.value)
    found = (getattr(one.data, "release", None) for one in outputs)
    return next((one for one in found if isinstance(one, str)), None)


def _router(text: str) -> _Router:
    found = _WHERE.fullmatch(text)
    if found is None or not 0 < int(found["port"] or 22) < 65_536:  # noqa: PLR2004 - ports end there
        raise argparse.ArgumentTypeError(f"{text!r} is not like monitor@192.0.2.1:22")
    port = int(found["port"] or 22)
    return _Router(user=found["user"], host=found["six"] or found["host"], port=port)


def _block(router: _Router, arguments: argparse.Namespace, heard: _Heard) -> str:
    """What to write into the configuration for this router; no secret is in it."""
    name = heard.said("host_name") or router.host
    secret = "key" if arguments.key is not None else "password"
    place = f"/etc/cubemon/ssh-{secret}"
    ssh = [f"host: {json.dumps(router.host)}", "credential: noc"]
    ssh += [] if router.port == 22 else [f"port: {router.port}"]  # noqa: PLR2004 - SSH's own
    ssh += ["legacy: true"] if arguments.legacy else []
    ssh += ["enable: {file: /etc/cubemon/enable}"] if arguments.enable_file else []
    return "\n".join(
        [
            "collect:",
            "  - kind: ssh",
            "    known_hosts: /etc/cubemon/known_hosts",
            "    credentials:",
            f"      noc: {{user: {json.dumps(router.user)}, {secret}: {{file: {place}}}}}",
            "devices:",
            f"  - name: {json.dumps(name)}",
            f"    ssh: {{{', '.join(ssh)}}}",
            *_zones(heard.config),
        ]
    )


def _zones(config: RunningConfig | None) -> Iterator[str]:
    zone = None if config is None else config.clock_zone
    if zone is None or zone.offset_seconds is None:
        return
    hours, rest = divmod(abs(zone.offset_seconds), 3600)
    sign = "-" if zone.offset_seconds < 0 else "+"
    yield f'    timezones: {{{zone.word}: "{sign}{hours:02d}:{rest // 60:02d}"}}'


def _as_json(
    verdict: Verdict, heard: _Heard, found: list[Offer], block: str
) -> Mapping[str, object]:
    return {
        **judge.as_json(verdict),
        "commands": heard.became,
        "telemetry": [
            {"way": one.way, "tells": one.tells, "configured": one.configured, "type": one.type}
            for one in found
        ],
        "configuration": block,
    }


def _print(verdict: Verdict, found: list[Offer], block: str) -> None:
    judge.show_verdict(verdict, time.time())
    console = Console(highlight=False, soft_wrap=True, markup=False)
    console.print("\nbesides SSH this router could tell")
    for one in found:
        state = {True: "configured", False: "not configured", None: "not known"}[one.configured]
        console.print(tidy(f"  {one.way:<10}{one.tells} ({state}; type: {one.type})"))
    console.print("\nfor the configuration\n")
    print(block)


def _tell(line: str) -> None:
    print(tidy(line), file=sys.stderr, flush=True)
