"""`cubemon discover`: which addresses answer, and a configuration for them; nothing is written."""

import argparse
import asyncio
import ipaddress
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from monitor.app.discovery import Answer, Found, Ports, discover, prober
from monitor.cli.remote import tidy
from monitor.collect.host import LINK_LOCAL, is_link_local
from monitor.collect.secret import TlsFiles
from monitor.collect.snmp.session import Session
from monitor.collect.ssh import SshConfig
from monitor.config import Config, load
from monitor.errors import ConfigError
from monitor.secret import SecretRef

DESCRIPTION: Final = """\
Ask addresses over SSH (banner and host key only: nobody logs in), SNMP, gNMI and RESTCONF which of
them answer, and print a `devices:` block for those that do (progress on standard error). Nothing is
written, neither here nor there. Credentials are those of the collectors in --config; a password is
shown only to a verified certificate, and one that three devices refused and none took is shown to
no more of them. Devices that the configuration has already are left out of the block.

Addresses: networks, single addresses, host names, or files with one of these on each line (what
stands behind # does not count). Ask only networks that are yours.

examples:
  cubemon discover 192.0.2.0/28 --config cubemon.yml
  cubemon discover routers.txt --config cubemon.yml --ca ca.pem --json
  cubemon discover 10.20.0.0/20 --config cubemon.yml --yes
  cubemon discover 192.0.2.1 --config cubemon.yml --ca ca.pem --server-name cube-1.example.com

exit codes: 0 something was found; 1 nothing was; 2 unusable input, or not confirmed."""

MOST: Final = 65_536
ASKED_FROM: Final = 1_024
"""More addresses than this are asked only after a question, or with --yes."""
_NOTHING: Final = 1
_REFUSED: Final = 2
_LARGEST_FILE: Final = 4 << 20
_TOLD_EVERY: Final = 64
_OVER_TLS: Final = frozenset({"gnmi", "restconf"})
_NO_FILES: Final = TlsFiles()
_IPV6: Final = 6
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}(\.[A-Za-z0-9-]{1,63}){0,40}", re.ASCII)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(slots=True)
class Progress:
    """What was asked so far."""

    total: int
    done: int = 0
    found: list[Found] = field(default_factory=list)

    def __call__(self, one: Found) -> None:
        """One address is done."""
        self.done += 1
        if one.answers:
            self.found.append(one)
            words = ", ".join(f"{way} ({it.detail})" for way, it in one.answers.items())
            _tell(f"{one.address}: {words}")
        if self.done % _TOLD_EVERY == 0 or self.done == self.total:
            _tell(f"{self.done} of {self.total} asked, {len(self.found)} answer")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("addresses", nargs="+", metavar="FILE|CIDR|ADDRESS", help="see above")
    parser.add_argument("--config", type=Path, metavar="FILE", help="its collectors' credentials")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="authorities of the certificates")
    parser.add_argument(
        "--server-name",
        metavar="NAME",
        type=_server_name,
        help="the name in the certificates, where it is not the address or host name asked;"
        " the same for all that are asked",
    )
    parser.add_argument("--cert", type=Path, metavar="FILE", help="our certificate, with --key")
    parser.add_argument("--key", type=Path, metavar="FILE", help="its key, where routers want one")
    parser.add_argument("--yes", action="store_true", help=f"more than {ASKED_FROM:,} addresses")
    parser.add_argument(
        "--at-once", type=_bounded(512), default=64, metavar="N", help="so many together (64)"
    )
    parser.add_argument(
        "--timeout",
        type=_bounded(60),
        default=3,
        metavar="SECONDS",
        help="wait at most so long (3)",
    )
    for way, port in (("ssh", 22), ("snmp", 161), ("gnmi", 9339), ("restconf", 443)):
        parser.add_argument(
            f"--{way}-port", type=_bounded(65_535), default=port, metavar="PORT", help=f"({port})"
        )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Ask all, print what was found."""
    tls = _tls(arguments)
    config = Config(collect=()) if arguments.config is None else load(arguments.config)
    addresses = list(dict.fromkeys(addresses_of(arguments.addresses)))
    if len(addresses) > ASKED_FROM and not (arguments.yes or _confirmed(len(addresses))):
        _tell(f"{len(addresses):,} addresses; --yes asks them all")
        return _REFUSED
    found = asyncio.run(_discover(addresses, config, tls, arguments))
    places = {address: place for place, address in enumerate(addresses)}
    found.sort(key=lambda one: places[one.address])
    if arguments.json:
        print(json.dumps({"asked": len(addresses), "found": [_as_json(one) for one in found]}))
    else:
        print("\n".join(block(found, config, _ports(arguments), tls)))
    return 0 if found else _NOTHING


async def _discover(
    addresses: Sequence[str], config: Config, tls: TlsFiles, arguments: argparse.Namespace
) -> list[Found]:
    progress = Progress(len(addresses))
    with Session() as session:
        asking = prober(
            config, session, ports=_ports(arguments), tls=tls, seconds=arguments.timeout
        )
        await discover(asking.probe, addresses, at_once=arguments.at_once, asked=progress)
    return progress.found


def _tls(arguments: argparse.Namespace) -> TlsFiles:
    """How certificates are verified and what is shown; ConfigError where files cannot be read."""
    for path in (arguments.ca, arguments.cert, arguments.key):
        if path is not None:
            _readable(path)
    if (arguments.cert is None) != (arguments.key is None):
        raise ConfigError("give both --cert and --key, or none")
    return TlsFiles(
        ca=arguments.ca,
        cert=arguments.cert,
        key=None if arguments.key is None else SecretRef(file=arguments.key),
        server_name=arguments.server_name,
    )


def _readable(path: Path) -> None:
    try:
        with path.open("rb"):
            return
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error


def _server_name(text: str) -> str:
    if _HOST.fullmatch(text) is None:
        raise argparse.ArgumentTypeError(f"{text[:60]!r} is no host name")
    return text


def _ports(arguments: argparse.Namespace) -> Ports:
    return Ports(
        ssh=arguments.ssh_port,
        snmp=arguments.snmp_port,
        gnmi=arguments.gnmi_port,
        restconf=arguments.restconf_port,
    )


def _confirmed(number: int) -> bool:
    if not sys.stdin.isatty():
        return False
    _tell(f"{number:,} addresses will be asked. Are they yours? Type yes:")
    return sys.stdin.readline().strip().lower() == "yes"


# Addresses


def addresses_of(words: Iterable[str]) -> Iterator[str]:
    """Single addresses and host names, in order; ConfigError names what cannot be one."""
    left = MOST
    for word in words:
        for one in _of_word(word):
            left -= 1
            if left < 0:
                raise ConfigError(f"more than {MOST:,} addresses; ask for fewer at a time")
            yield one


def _of_word(word: str) -> Iterator[str]:
    network = _network(word)
    if network is not None:
        yield from _hosts(network)
    elif _is_file(word):
        for number, line in enumerate(_lines(Path(word)), start=1):
            yield from _of_line(line, f"{word}:{number}")
    else:
        yield _host(word, "addresses")


def _is_file(word: str) -> bool:
    with suppress(OSError, ValueError):
        return Path(word).is_file()
    return False


def _of_line(line: str, where: str) -> Iterator[str]:
    word = line.partition("#")[0].strip()
    if not word:
        return
    network = _network(word)
    if network is None:
        yield _host(word, where)
    else:
        yield from _hosts(network)


def _network(word: str) -> Network | None:
    with suppress(ValueError):
        return ipaddress.ip_network(word, strict=False)
    return None


def _hosts(network: Network) -> Iterator[str]:
    # IPv6 has its loopback within what is reserved.
    reserved = network.is_reserved and not network.is_loopback
    if network.is_multicast or network.is_unspecified or reserved:
        raise ConfigError(f"{network}: no addresses of routers")
    if network.version == _IPV6 and network.is_link_local:
        raise ConfigError(f"{network}: {LINK_LOCAL}")
    if network.num_addresses > MOST:
        raise ConfigError(
            f"{network} has {network.num_addresses:,} addresses; {MOST:,} at a time are asked"
        )
    return map(str, network.hosts())


def _host(word: str, where: str) -> str:
    if is_link_local(word):
        raise ConfigError(f"{where}: {word[:60]!r}: {LINK_LOCAL}")
    if _HOST.fullmatch(word) is None:
        raise ConfigError(f"{where}: {word[:60]!r} is no address, network, host name or file")
    return word


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            raise ConfigError(f"{path}: longer than {_LARGEST_FILE:,} bytes")
        return content.decode().splitlines()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is no text") from error


# What is printed


def block(
    found: Sequence[Found], config: Config, ports: Ports, tls: TlsFiles = _NO_FILES
) -> Iterator[str]:
    """Lines of a `devices:` block for routers that are not configured yet, comments beside."""
    known = _known(config)
    routers = [one for one in found if one.is_router]
    fresh = [one for one in routers if not known & _names(one)]
    if len(found) > len(routers):
        yield f"# {len(found) - len(routers)} more answer, and none of them like a router"
    if len(routers) > len(fresh):
        yield f"# {len(routers) - len(fresh)} are configured already"
    yield "devices:" if fresh else "devices: []"
    taken = set(known)
    for one in _by_router(fresh):
        yield from _device(one, _name(one[0], taken), lambda way: _how(way, config, ports, tls))


def _known(config: Config) -> set[str]:
    known: set[str] = set()
    for one in config.devices:
        targets = (one.ssh, one.snmp, one.gnmi, one.restconf)
        known |= {one.name, *one.addresses, *one.aliases}
        known |= {target.host for target in targets if target is not None}
    return {name.casefold() for name in known}


def _names(one: Found) -> set[str]:
    return {name.casefold() for name in (one.address, one.name, one.udi) if name}


def _by_router(found: Iterable[Found]) -> Iterator[list[Found]]:
    """Addresses of one router, by its UDI, together."""
    routers: dict[str, list[Found]] = {}
    for one in found:
        routers.setdefault(one.udi or one.address, []).append(one)
    return iter(routers.values())


def _name(one: Found, taken: set[str]) -> str:
    """Its host name where nobody has it, else with its address behind it."""
    name = one.name or one.address
    if name.casefold() in taken:
        name = f"{name}-{one.address}"
    taken.add(name.casefold())
    return name


def _device(
    addresses: Sequence[Found], name: str, how: Callable[[str], tuple[str | None, str]]
) -> Iterator[str]:
    first = addresses[0]
    yield f"  - name: {json.dumps(tidy(name))}"
    listed = [one.address for one in addresses if one.address != name]
    if listed:
        yield f"    addresses: {json.dumps(listed)}"
    if first.udi:
        yield f"    aliases: [{json.dumps(tidy(first.udi))}]"
    about = ", ".join(tidy(word) for word in (first.platform, first.release) if word)
    if about:
        yield f"    # {about}"
    for way, answer in first.answers.items():
        yield from _way(way, answer, first.address, how(way))


def _way(way: str, answer: Answer, address: str, how: tuple[str | None, str]) -> Iterator[str]:
    credential, more = answer.credential or how[0], how[1]
    if not answer.works or credential is None or way == "ssh":
        yield f"    # {way}: {tidy(answer.detail)}"
    if answer.works and credential is not None:
        named = f"credential: {json.dumps(credential)}"
        yield f"    {way}: {{host: {json.dumps(address)}, {named}{more}}}"


def _how(way: str, config: Config, ports: Ports, tls: TlsFiles) -> tuple[str | None, str]:
    """The credential that nobody had to try, and what is not as usual: port, certificates."""
    port = getattr(ports, way)
    more = "" if port == getattr(Ports(), way) else f", port: {port}"
    if way in _OVER_TLS and tls != _NO_FILES:
        said = tls.model_dump(mode="json", exclude_none=True)
        more += f", tls: {json.dumps(said)}"
    return _of_ssh(config) if way == "ssh" else None, more


def _of_ssh(config: Config) -> str | None:
    """The only credential of the command line; of several nobody knows which fits."""
    names = [name for one in config.collect if isinstance(one, SshConfig)
             for name in one.credentials]  # fmt: skip
    return names[0] if len(names) == 1 else None


def _as_json(one: Found) -> dict[str, object]:
    return {
        "address": one.address,
        "router": one.is_router,
        "name": one.name,
        "udi": one.udi,
        "release": one.release,
        "platform": one.platform,
        "answers": {
            way: {"works": it.works, "detail": it.detail, "credential": it.credential}
            for way, it in one.answers.items()
        },
    }


def _bounded(most: int) -> "type[int]":
    def number(text: str) -> int:
        value = int(text)
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"{value} is not within 1 to {most}")
        return value

    return number  # type: ignore[return-value]  # argparse calls it like a type


def _tell(line: str) -> None:
    print(tidy(line), file=sys.stderr, flush=True)
