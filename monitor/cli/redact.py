"""`cubemon redact`: captured output with names taken out, so that it can be shared."""

import argparse
import hashlib
import hmac
import re
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final

from monitor.cli.capture import texts
from monitor.errors import ConfigError
from monitor.secret import SecretRef

DESCRIPTION: Final = """\
Take host names, addresses, serial numbers, tokens, passwords, account and user names, domains and
hardware addresses out of captured output, each replaced by one made-up word wherever it stands.
What is left reads as before; product ids, releases, times and numbers stay. Look at it before you
send it: free text that people typed may say more than any rule knows.

examples:
  cubemon redact router.txt > shared.txt
  cubemon redact cube-1.txt cube-2.txt --into shared/
  ssh cube-1 'show license all' | cubemon redact --key FILE -

The same word gets the same replacement within one run; with --key (a file with any secret text)
also in later runs.

exit codes: 0 done; 2 a file cannot be read or written."""

_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_SHORTEST: Final = 2
_NOTHING: Final = re.compile(
    r"none|null|yes|no|on|off|empty|not|unknown|default|unset|local|any|version|product|status"
    r"|disabled|enabled|installed|configured",
    re.IGNORECASE,
)
_VOCABULARY: Final = re.compile(
    r"show|license|cube|voice|sip|status|stats|usage|summary|all|tech|support|udi|rum|id|version"
    r"|redundancy|states|application|group|call-home|smart-licensing|clock|running-config"
    r"|terminal|router|cisco|ios|xe|system|smart|account|virtual|policy|transport|report|last"
    r"|next|ack|active|standby|device|host|name|hostname|user|username|admin|type|count"
    r"|description|trunk|standard|enhanced|sessions?|the|is|at|up|down|callhome|cslu"
)
"""Words the outputs themselves are made of: a name like these is replaced only where it is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """How words of one kind are found, and what stands in their place."""

    name: str
    patterns: tuple[re.Pattern[str], ...]
    """Group `word` is what is taken out."""
    stand_in: Callable[[str, bytes], str]


def _word(prefix: str, size: int = 6) -> Callable[[str, bytes], str]:
    def made(word: str, digest: bytes) -> str:
        del word
        return prefix + "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:size])

    return made


def _alike(word: str, digest: bytes) -> str:
    """Letters for letters and digits for digits, so that it is read as the same kind of thing."""
    stream = digest * (len(word) // len(digest) + 1)
    return "".join(_like(letter, byte) for letter, byte in zip(word, stream, strict=False))


def _like(letter: str, byte: int) -> str:
    if letter.isdigit():
        return str(byte % 10)
    if not letter.isascii() or not letter.isalpha():
        return letter if letter.isascii() else "x"
    other = chr(ord("a") + byte % 26)
    return other.upper() if letter.isupper() else other


def _hexadecimal(word: str, digest: bytes) -> str:
    digits = iter(digest.hex() * (len(word) // 32 + 1))
    return "".join(next(digits) if letter.isalnum() else letter for letter in word)


def _ipv4(word: str, digest: bytes) -> str:
    del word
    return f"198.{18 + digest[0] % 2}.{digest[1]}.{1 + digest[2] % 254}"


def _ipv6(word: str, digest: bytes) -> str:
    del word
    return str(IPv6Address("2001:db8::") + int.from_bytes(digest[:8], "big"))


def _found(*patterns: str, flags: re.RegexFlag = re.IGNORECASE) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(one, flags | re.MULTILINE) for one in patterns)


_HOST: Final = r"[A-Za-z0-9][\w.\-]{0,99}"
_VALUE: Final = r"[ \t]{0,40}[:=]?[ \t]{1,40}"
_KINDS: Final = (
    _Kind(
        name="secret",
        patterns=_found(
            r"\b(?:password|secret|key|community|passphrase|idtoken|token)(?:[ \t]{1,40}\d)?"
            r"[ \t]{0,40}[:= \t][ \t]{0,40}(?P<word>[^\s<\"']{4,500})",
            r"\bkey-string[ \t]{1,40}(?P<word>\S+)",
        ),
        stand_in=_word("removed-", 8),
    ),
    _Kind(
        name="account",
        patterns=_found(
            r"^[ \t]{0,40}(?:smart|virtual)[ \t]account(?:[ \t]name)?[ \t]{0,40}:[ \t]{0,40}"
            r"(?P<word>[^\s<][^\r\n]{0,199}?)(?:[ \t]{1,40}as of[ \t][^\r\n]*)?[ \t]{0,40}\r?$",
        ),
        stand_in=_word("account-"),
    ),
    _Kind(
        name="serial",
        patterns=_found(
            r"\bSN?[ \t]{0,40}[:=][ \t]{0,40}(?P<word>[A-Z0-9][A-Z0-9\-]{4,39})",
            r"\bsn[ \t]{1,40}(?P<word>[A-Z0-9]{5,40})\b",
            r"Processor board ID[ \t]{1,40}(?P<word>[A-Z0-9]{5,40})",
            r"serial[ \t]?number[ \t]{0,40}:?[ \t]{1,40}(?P<word>[A-Z0-9]{5,40})",
            flags=re.NOFLAG,
        )
        + _found(r"\bsn:[ \t]{0,40}(?P<word>[A-Z0-9]{5,40})"),
        stand_in=_alike,
    ),
    _Kind(
        name="instance",
        patterns=_found(
            r"\b(?P<word>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b"
        ),
        stand_in=_hexadecimal,
    ),
    _Kind(
        name="hardware",
        patterns=_found(
            r"(?<![\w.:])(?P<word>[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![\w.])",
            r"(?<![\w:])(?P<word>[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})(?![\w:])",
        ),
        stand_in=_hexadecimal,
    ),
    _Kind(
        name="mail",
        patterns=_found(r"(?<![\w.])(?P<word>[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,6})"),
        stand_in=_word("mail-"),
    ),
    _Kind(
        name="user",
        patterns=_found(
            r"^[ \t]{0,40}username:?[ \t]{1,40}(?P<word>[^\s<]\S{0,99})",
            r"\b(?:console|vty\d*|change at [^\r\n]{1,60}|updated at [^\r\n]{1,60}) by "
            r"(?P<word>[\w.\-@\\]{1,100})",
            r"\[user: (?P<word>[^\]\s]{1,100})\]",
        ),
        stand_in=_word("user-"),
    ),
    _Kind(
        name="host",
        patterns=_found(
            rf"^(?P<word>{_HOST}?)(?:\([\w\-]{{1,40}}\))?[#>]"
            r"(?=[ \t]{0,40}(?:sh|ter|en|ex|conf|deb|\r?$))",
            rf"^[ \t]{{0,40}}(?:peer )?host ?name{_VALUE}(?P<word>{_HOST})",
            rf"^(?P<word>{_HOST}) uptime is ",
            rf"^[ \t]{{0,40}}(?:ip )?domain(?:[ -]name)?[ \t]{{1,40}}"
            rf"(?P<word>{_HOST}\.[A-Za-z]{{2,24}})",
            r"\b[a-z]{2,10}://(?:[^\s/@]{1,99}@)?(?P<word>[A-Za-z0-9][\w.\-]{0,199})",
            r"(?P<word>(?<![\w.@/\-])(?:[a-z0-9\-]{1,63}\.){1,6}"
            r"(?:com|net|org|local|lan|corp|internal|intra|home|example|test|invalid))"
            r"(?!\.?[\w\-])",
        ),
        stand_in=_word("host-"),
    ),
    _Kind(
        name="remark",
        patterns=_found(
            r"^[ \t]{1,40}description[ \t]{1,40}(?P<word>\S[^\r\n]{0,239})",
            r"^snmp-server (?:location|contact)[ \t]{1,40}(?P<word>\S[^\r\n]{0,239})",
        ),
        stand_in=_word("remark-"),
    ),
)
_IPV4: Final = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)(?!\w)")
_IPV6: Final = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?![\w:])")
_PUBLIC: Final = re.compile(r"(?:.+\.)?cisco\.com", re.IGNORECASE)


class Redactor:
    """Learns what names there are, then writes texts without them."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._stand_ins: dict[str, str] = {}
        self._common: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    @property
    def words(self) -> frozenset[str]:
        """What is taken out wherever it stands, lower case."""
        return frozenset(self._stand_ins) - self._common

    def learn(self, text: str) -> None:
        """Note the names in a text."""
        for kind in _KINDS:
            for word in _names(kind, text):
                self._know(kind, word)
        self._pattern = None

    def apply(self, text: str) -> str:
        """The text without any name that was learned, and without addresses."""
        for kind in _KINDS:
            for pattern in kind.patterns:
                text = pattern.sub(self._in_place, text)
        everywhere = self._everywhere()
        if everywhere is not None:
            text = everywhere.sub(lambda found: self._stand_ins[found[0].lower()], text)
        text = _IPV4.sub(self._address4, text)
        return _IPV6.sub(self._address6, text)

    def stand_in(self, word: str) -> str:
        """What stands in the place of a word; the word itself where it is kept."""
        return self._stand_ins.get(word.lower(), word)

    def _know(self, kind: _Kind, word: str) -> None:
        lower = word.lower()
        if lower in self._stand_ins:
            return
        self._stand_ins[lower] = self._made(kind.name, word, kind.stand_in)
        if _VOCABULARY.fullmatch(lower) or lower.isdecimal():
            self._common.add(lower)

    def _made(self, kind: str, word: str, stand_in: Callable[[str, bytes], str]) -> str:
        digest = hmac.digest(self._key, f"{kind}:{word.lower()}".encode(), hashlib.sha256)
        made = stand_in(word, digest)
        return made if made.lower() != word.lower() else stand_in(word, digest[::-1])

    def _in_place(self, found: re.Match[str]) -> str:
        word = found["word"]
        # Other words are replaced wherever they stand; these only here.
        if word.lower() not in self._common:
            return found[0]
        first, last = found.start("word") - found.start(), found.end("word") - found.start()
        return found[0][:first] + self._stand_ins[word.lower()] + found[0][last:]

    def _everywhere(self) -> re.Pattern[str] | None:
        words = sorted(self.words, key=lambda word: (-len(word), word))
        if self._pattern is None and words:
            any_of = "|".join(re.escape(word) for word in words)
            self._pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{any_of})(?![A-Za-z0-9])", re.I)
        return self._pattern

    def _address4(self, found: re.Match[str]) -> str:
        try:
            address = IPv4Address(found[0])
        except ValueError:
            return found[0]
        masks = found[0].startswith(("255.", "0."))
        kept = masks or address.is_loopback or found[0].startswith(("198.18.", "198.19."))
        return found[0] if kept else self._made("address", found[0], _ipv4)

    def _address6(self, found: re.Match[str]) -> str:
        try:
            address = IPv6Address(found[0])
        except ValueError:
            return found[0]
        kept = address.is_unspecified or address.is_loopback
        kept = kept or found[0].lower().startswith("2001:db8::")
        return found[0] if kept else self._made("address", str(address), _ipv6)


def _names(kind: _Kind, text: str) -> Iterator[str]:
    for pattern in kind.patterns:
        for found in pattern.finditer(text):
            word = found["word"].strip().rstrip(".,")
            if len(word) >= _SHORTEST and not _NOTHING.fullmatch(word) and not _is_kept(word):
                yield word


def _is_kept(word: str) -> bool:
    """Cisco's own addresses say how a router reports; addresses have their own replacement."""
    if _PUBLIC.fullmatch(word) or _IPV4.fullmatch(word):
        return True
    return word.lower().startswith(("host-", "user-", "account-", "removed-", "remark-", "mail-"))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="captured output; - or none: standard input"
    )
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="secret text; the same one gives the same names"
    )
    parser.add_argument(
        "--into", type=Path, metavar="DIR", help="write each file there under a made-up name"
    )


def run(arguments: argparse.Namespace) -> int:
    try:
        read = texts(arguments.files)
    except OSError as error:
        raise ConfigError(f"{error.filename or 'input'}: {error.strerror}") from error
    key = secrets.token_bytes() if arguments.key is None else _key(arguments.key)
    redactor = Redactor(key)
    for text in read:
        redactor.learn(text)
    written = [redactor.apply(text) for text in read]
    if arguments.into is None:
        sys.stdout.write("".join(written))
    else:
        _write(arguments.into, written)
    return 0


def _key(path: Path) -> bytes:
    return SecretRef(file=path).reveal().encode()


def _write(directory: Path, written: Iterable[str]) -> None:
    # File names hold host names as a rule: they are not kept.
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for number, text in enumerate(written, start=1):
            path = directory / f"capture-{number}.txt"
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
            print(path)
    except OSError as error:
        raise ConfigError(f"{error.filename}: {error.strerror}") from error
