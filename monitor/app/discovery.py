"""Ask addresses what they answer: SSH, SNMP, gNMI, RESTCONF; nothing is changed or written."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import asyncssh

from monitor.collect.gnmi import GnmiConfig, GnmiTarget
from monitor.collect.gnmi import messages as gnmi
from monitor.collect.gnmi.link import REFUSED, LinkError, LinkOptions, connected
from monitor.collect.https import AnswerError
from monitor.collect.restconf import RestconfConfig, RestconfTarget
from monitor.collect.restconf.door import opened
from monitor.collect.secret import Login, TlsFiles
from monitor.collect.snmp import SnmpConfig, VisitResult, plan
from monitor.collect.snmp.failure import VisitError
from monitor.collect.snmp.login import Login as SnmpLogin
from monitor.collect.snmp.session import Peer, Session
from monitor.config import Config
from monitor.domain.facts import FactName
from monitor.domain.yang import DEFAULTS, LICENSE, Purpose
from monitor.errors import ParseError
from monitor.parse import snmp
from monitor.parse.snmp.system import DESCR, NAME
from monitor.wire import SnmpReport

_BANNER: Final = 255
"""RFC 4253, section 4.2."""
_MOST_LINES: Final = 20
_MOST_REFUSALS: Final = 3
"""A credential that so many devices refused and none took is shown to no more of them."""
_SYSTEM: Final = next(path for path in DEFAULTS if path.purpose is Purpose.SYSTEM)
_CISCO: Final = "-Cisco-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where each way is tried."""

    ssh: int = 22
    snmp: int = 161
    gnmi: int = 9339
    restconf: int = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one way. `credential` names the one that was taken."""

    works: bool
    detail: str
    credential: str | None = None


@dataclass(slots=True, kw_only=True)
class Found:
    """What one address answers."""

    address: str
    answers: dict[str, Answer] = field(default_factory=dict)
    """By way (ssh, snmp, gnmi, restconf); ways that nothing answered at are left out."""
    name: str | None = None
    udi: str | None = None
    release: str | None = None
    platform: str | None = None

    @property
    def is_router(self) -> bool:
        """Something that only an IOS XE router says was heard."""
        banner = self.answers.get("ssh")
        trees = [self.answers.get(way) for way in ("gnmi", "restconf")]
        return (
            self.release is not None
            or any(one is not None and one.works for one in trees)
            or (banner is not None and _CISCO in banner.detail)
        )


class Refusals:
    """Which credentials may still be shown: accounts lock when they are tried on a whole fleet."""

    def __init__(self) -> None:
        self._refused: Counter[str] = Counter()
        self._taken: set[str] = set()

    def may_show(self, credential: str) -> bool:
        """It was taken before, or not refused often."""
        return credential in self._taken or self._refused[credential] < _MOST_REFUSALS

    def note(self, credential: str, *, taken: bool) -> None:
        """What a device did with it."""
        if taken:
            self._taken.add(credential)
        else:
            self._refused[credential] += 1


@dataclass(slots=True, kw_only=True)
class Prober:
    """Asks addresses, one after another or side by side; `seconds` bound each question."""

    snmp: Mapping[str, SnmpLogin]
    gnmi: Mapping[str, Login]
    restconf: Mapping[str, Login]
    session: Session
    ports: Ports = field(default_factory=Ports)
    tls: TlsFiles = field(default_factory=TlsFiles)
    seconds: float = 3.0
    refusals: Refusals = field(default_factory=Refusals)

    async def probe(self, address: str) -> Found:
        """What answers at one address; never raises for what is there."""
        found = Found(address=address)
        ways: dict[str, Callable[[Found], Awaitable[Answer | None]]] = {
            "ssh": self._ssh, "snmp": self._snmp,
            "gnmi": self._gnmi, "restconf": self._restconf,
        }  # fmt: skip
        answers = await asyncio.gather(*(ask(found) for ask in ways.values()))
        for way, answer in zip(ways, answers, strict=True):
            if answer is not None:
                found.answers[way] = answer
        return found

    # SSH: the banner and the host key, no login

    async def _ssh(self, found: Found) -> Answer | None:
        banner = await self._banner(found.address)
        if banner is None:
            return None
        key = await self._host_key(found.address)
        return Answer(works=True, detail=f"{banner}{f', host key {key}' if key else ''}")

    async def _banner(self, address: str) -> str | None:
        with suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
            async with asyncio.timeout(self.seconds):
                reader, writer = await asyncio.open_connection(
                    address, self.ports.ssh, limit=_BANNER + 1
                )
                try:
                    # Lines may stand before it.
                    for _ in range(_MOST_LINES):
                        line = await reader.readuntil(b"\n")
                        if line.startswith(b"SSH-"):
                            return _printable(line)
                finally:
                    writer.close()
        return None

    async def _host_key(self, address: str) -> str | None:
        with suppress(OSError, TimeoutError, asyncssh.Error, ValueError):
            async with asyncio.timeout(self.seconds):
                key = await asyncssh.get_server_host_key(
                    address, self.ports.ssh, config=None, client_version="cubemon"
                )
            return None if key is None else key.get_fingerprint()
        return None

    # SNMP

    async def _snmp(self, found: Found) -> Answer | None:
        refused = None
        for name, login in self.snmp.items():
            try:
                peer = await self.session.peer(
                    found.address, self.ports.snmp, login,
                    patience=self.seconds, retries=1,
                )  # fmt: skip
                await self._identify(found, peer)
            except VisitError as error:
                if error.result is VisitResult.LOGIN_REFUSED:
                    refused = Answer(works=False, detail="the login is refused")
                continue
            words = found.release or "no IOS XE by its description"
            return Answer(works=True, detail=words, credential=name)
        return refused

    async def _identify(self, found: Found, peer: Peer) -> None:
        asked = time.time()
        varbinds = await self.session.get(peer, (DESCR, NAME))
        with suppress(VisitError):
            varbinds += await self.session.bulk(peer, (), plan.CHASSIS, plan.CHASSIS_ROWS)
        report = SnmpReport(
            device=found.address, address=found.address, asked=asked, received=time.time(),
            authenticated=False, varbinds=varbinds,
        )  # fmt: skip
        said = {one.name: one.value for one in snmp.facts(report, device="", release=None)}
        found.name = _word(said.get(FactName.HOST_NAME))
        found.udi = _word(said.get(FactName.UDI))
        found.release = _word(said.get(FactName.RELEASE))
        found.platform = _word(said.get(FactName.PLATFORM))

    # gNMI and RESTCONF: a password is shown only to a verified certificate

    async def _gnmi(self, found: Found) -> Answer | None:
        if not await self._listens(found.address, self.ports.gnmi):
            return None
        options = LinkOptions(keepalive=300, message_cap=4 << 20, timeout=self.seconds)
        target = GnmiTarget(host=found.address, port=self.ports.gnmi, tls=self.tls)
        last = Answer(works=False, detail="the port is open; no credential to try")
        for name, login in self._shown("gnmi", self.gnmi):
            try:
                async with connected(target, login, options) as link:
                    can = gnmi.capabilities(await link.capabilities(gnmi.capability_request()))
            except (LinkError, ParseError) as error:
                last = self._failed("gnmi", name, _code(error), refused=_code(error) in REFUSED)
                continue
            self.refusals.note(f"gnmi {name}", taken=True)
            licences = LICENSE in can.models
            tree = "with the licence model" if licences else "no licence model of IOS XE"
            return Answer(works=licences, detail=f"{len(can.models)} models, {tree}",
                          credential=name)  # fmt: skip
        return last

    async def _restconf(self, found: Found) -> Answer | None:
        if not await self._listens(found.address, self.ports.restconf):
            return None
        target = RestconfTarget(host=found.address, port=self.ports.restconf, tls=self.tls)
        config = RestconfConfig(timeout=self.seconds)
        last = Answer(works=False, detail="the port is open; no credential to try")
        for name, login in self._shown("restconf", self.restconf):
            try:
                async with opened(target, login, config) as door:
                    body = await door.get(_SYSTEM)
            except AnswerError as error:
                refused = error.result == "login_refused"
                last = self._failed("restconf", name, error.result, refused=refused)
                continue
            self.refusals.note(f"restconf {name}", taken=True)
            there = body is not None
            return Answer(works=there, detail="answers" if there else "without the tree of IOS XE",
                          credential=name)  # fmt: skip
        return last

    def _shown(self, way: str, logins: Mapping[str, Login]) -> Iterator[tuple[str, Login]]:
        return (one for one in logins.items() if self.refusals.may_show(f"{way} {one[0]}"))

    def _failed(self, way: str, name: str, word: str, *, refused: bool) -> Answer:
        if refused:
            self.refusals.note(f"{way} {name}", taken=False)
        return Answer(works=False, detail=f"the port is open; {word.replace('_', ' ')}")

    async def _listens(self, address: str, port: int) -> bool:
        with suppress(OSError, TimeoutError, ValueError):
            async with asyncio.timeout(self.seconds):
                _, writer = await asyncio.open_connection(address, port)
            writer.close()
            return True
        return False


def prober(
    config: Config, session: Session, *, ports: Ports, tls: TlsFiles, seconds: float
) -> Prober:
    """A prober with the credentials of a configuration's collectors.

    Raises ConfigError where a secret of SNMP cannot be read.
    """
    snmp_logins: dict[str, SnmpLogin] = {}
    gnmi_logins: dict[str, Login] = {}
    restconf_logins: dict[str, Login] = {}
    for one in config.collect:
        if isinstance(one, SnmpConfig):
            snmp_logins |= {name: it.login() for name, it in one.credentials.items()}
        elif isinstance(one, GnmiConfig):
            gnmi_logins |= one.credentials
        elif isinstance(one, RestconfConfig):
            restconf_logins |= one.credentials
    return Prober(
        snmp=snmp_logins,
        gnmi=gnmi_logins,
        restconf=restconf_logins,
        session=session,
        ports=ports,
        tls=tls,
        seconds=seconds,
    )


async def discover(
    probe: Callable[[str], Awaitable[Found]],
    addresses: Iterable[str],
    *,
    at_once: int,
    asked: Callable[[Found], None],
) -> None:
    """Probe every address, `at_once` at a time; `asked` hears of each as it is done."""
    rest = iter(addresses)

    async def work() -> None:
        # One iterator for all workers: nothing is made for an address before its turn.
        for address in rest:
            asked(await probe(address))

    async with asyncio.TaskGroup() as workers:
        for _ in range(at_once):
            workers.create_task(work())


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _code(error: LinkError | ParseError) -> str:
    return error.code if isinstance(error, LinkError) else error.reason


def _printable(line: bytes) -> str:
    text = line[:_BANNER].decode("ascii", "replace").strip()
    return "".join(letter if letter.isprintable() else "?" for letter in text)
