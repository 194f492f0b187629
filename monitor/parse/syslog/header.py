"""Everything in front of `%FAC-SEV-MNEMONIC`: PRI, counter, relay, origin, sequence, stamp.

Grammar of IOS and IOS XE: `<PRI>[counter: ][origin: ][sequence: ][*|.][stamp[ zone]]: `. The stamp
is looked for from the end, because relays put headers of their own in front; what cannot be told is
None and the header is marked as not understood, never refused.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from monitor.parse.syslog.stamp import ZONE, Found, Stamp, find_last, find_uptime, match_first

_LONGEST: Final = 1024
"""Characters of a header that are looked at: half from its start, half from its end."""
_HIGHEST_PRI: Final = 191
_LONGEST_ORIGIN: Final = 255

_PRI = re.compile(r"<(\d{1,3})>", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_COUNTER = re.compile(r"\s*(?P<counter>\d{1,18})?:(?:\s+|$)", re.ASCII)
_KIWI = re.compile(r"\s*Original Address=(?P<host>[^\s]{1,255})\s")
_RFC5424 = re.compile(
    r"\s*1 (?P<stamp>\S{1,64}) (?P<host>\S{1,255}) (?P<app>\S{1,48}) \S{1,128} \S{1,32} ?"
    r"(?:- ?|(?:\[(?:[^\]\\]|\\.){0,512}\]){1,8} ?)?(?:\ufeff|BOM)?"
)
_HOST = re.compile(r" (?P<host>[\w.-]{1,255}|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]+)(?=\s|$)")
_CARD = re.compile(r"(?:^|(?<=[\s:]))(?:RP|DRP|LC|SP|\d{1,3})/[\w/]{1,32}:\s*$", re.ASCII)
"""Node of IOS XR: `RP/0/RP0/CPU0:`."""
_PROCESS = re.compile(r"[\w.-]{1,64}\[\d{1,10}\]\s?:?\s*$", re.ASCII)
"""Process of IOS XR: `smartlicserver[392]: `."""
_HOST_AND_NUMBER = re.compile(r"(?P<host>\S{1,255}) (?P<number>\d{5,18})", re.ASCII)
_SEPARATOR = re.compile(r":(?:\s+|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a header says; None where it does not or cannot be told."""

    pri: int | None = None
    counter: int | None = None
    """Of `logging message-counter`: the number right after PRI or a relay's header."""
    sequence: int | None = None
    """Of `service sequence-numbers`: any later number."""
    origin: str | None = None
    relay: str | None = None
    stamp: Stamp | None = None
    ok: bool = True
    """False where something was left over or cut away."""


@dataclass(slots=True)
class _Reading:
    """A header while it is taken apart; `rest` is what is left of it."""

    rest: str
    pri: int | None = None
    counter: int | None = None
    counter_past: bool = False
    sequence: int | None = None
    relay: str | None = None
    outer: Stamp | None = None
    """The stamp of a relay's header."""
    tagged: bool = False
    """A relay's RFC 3164 header with a host: a TAG may stand behind it."""
    stamp: Stamp | None = None
    origins: list[str] = field(default_factory=list)
    ok: bool = True


def read_header(text: str) -> Header:
    """Take a header apart; never raises, in time that does not depend on its length."""
    header = _Reading(rest=_bounded(text), ok=len(text) <= _LONGEST)
    _take_pri(header)
    _take_rfc5424(header)
    _take_stamp(header)
    _take_counter(header)
    _take_relay(header)
    _take_segments(header)
    origin = header.origins[0] if header.origins else header.relay
    return Header(
        pri=header.pri,
        counter=header.counter,
        sequence=header.sequence,
        origin=origin,
        relay=header.relay,
        stamp=header.stamp or header.outer,
        ok=header.ok and len(header.origins) <= 1,
    )


def _bounded(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]} {text[-half:]}"


def _take_pri(header: _Reading) -> None:
    marks = list(_PRI.finditer(header.rest))
    if not marks:
        return
    # A relay that did not understand the message puts its own header in front of PRI.
    inner = marks[-1]
    outside = _Reading(rest=header.rest[: inner.start()].strip())
    _take_relay(outside)
    header.relay, header.outer = outside.relay, outside.outer
    header.ok = header.ok and not outside.rest.strip()
    header.rest = header.rest[inner.end() :]
    number = int(inner[1])
    if number > _HIGHEST_PRI:
        header.ok = False
    else:
        header.pri = number


def _take_rfc5424(header: _Reading) -> None:
    kiwi = _KIWI.match(header.rest)
    found = _RFC5424.match(header.rest, kiwi.end() if kiwi else 0)
    if found is None:
        return
    stamp = match_first(found["stamp"])
    if stamp is None and found["stamp"] != "-":
        return
    host = found["host"]
    header.relay = kiwi["host"] if kiwi else (None if host == "-" else host)
    header.outer = stamp.stamp if stamp else None
    # rsyslog takes the counter for the tag and passes it on as APP-NAME.
    if _NUMBER.fullmatch(found["app"]):
        header.counter, header.counter_past = int(found["app"]), True
    header.rest = header.rest[found.end() :]


def _take_stamp(header: _Reading) -> None:
    text = _PROCESS.sub("", header.rest).rstrip(" *")
    found = find_last(text)
    inner = None if found is None else _inner(text, found)
    if inner is None:
        inner = find_uptime(text)
    header.rest = text
    if inner is not None:
        header.stamp = inner.stamp
        header.rest = _CARD.sub("", text[: inner.start])


def _inner(text: str, found: Found) -> Found | None:
    """The stamp, with its zone, if nothing but its colon follows; a host behind it is a relay's."""
    after = text[found.end :]
    zone = ZONE.match(after)
    if zone is None:
        return found if not after.strip(" :") else None
    if after[zone.end() :].strip(" :"):
        return None
    stamp = replace(found.stamp, zone=_word(found, zone))
    return Found(stamp=stamp, start=found.start, end=len(text))


def _word(found: Found, zone: re.Match[str]) -> str:
    return found.stamp.zone or zone["zone"] or zone["utc"]


def _take_counter(header: _Reading) -> None:
    found = _COUNTER.match(header.rest)
    if found is None or header.counter_past:
        return
    # Without a message counter IOS keeps its colon: what follows is no counter then.
    header.counter_past = True
    header.counter = int(found["counter"]) if found["counter"] else None
    header.rest = header.rest[found.end() :]


def _take_relay(header: _Reading) -> None:
    found = match_first(header.rest.lstrip())
    if found is None:
        return
    rest = header.rest.lstrip()[found.end :]
    # Without another stamp this is the device's own, with more behind it: `UTC: sbc-1: `.
    zone = ZONE.match(rest) if header.stamp is None else None
    if zone is not None:
        found = replace(found, stamp=replace(found.stamp, zone=_word(found, zone)))
        rest = rest[zone.end() :]
    host = _HOST.match(rest)
    header.outer = found.stamp
    header.relay = host["host"] if host else header.relay
    header.tagged = host is not None
    header.rest = rest[host.end() :] if host else rest
    _take_counter(header)


def _take_segments(header: _Reading) -> None:
    words = [word for part in _SEPARATOR.split(header.rest) if (word := part.strip())]
    # `*Dot1x_NW_MsgTask_0` is a task of a wireless controller, `[syslog@9 ...]` is structured
    # data of `logging host ... session-id`: neither names the device.
    words = [word for word in words if not word.startswith(("*", "["))]
    for word in _without_tag(header, words):
        _take_segment(header, word)


def _without_tag(header: _Reading, words: list[str]) -> list[str]:
    """RFC 3164 has a TAG behind the host, as `logger` writes it: a program, not the device.

    It is told from an origin by the origin that follows, or by the lack of an inner stamp.
    """
    names = [word for word in words if not _NUMBER.fullmatch(word)]
    tag = header.tagged and names[:1] == words[:1] and (len(names) > 1 or header.stamp is None)
    if not tag or not names:
        return words
    if len(words) > 1 and _NUMBER.fullmatch(words[1]) and header.counter is None:
        header.counter = int(words[1])
        return words[2:]
    return words[1:]


def _take_segment(header: _Reading, word: str) -> None:
    if _NUMBER.fullmatch(word):
        header.ok = header.ok and header.sequence is None
        header.sequence = int(word)
        return
    both = _HOST_AND_NUMBER.fullmatch(word)
    if both is not None:
        header.sequence = int(both["number"])
        word = both["host"]
    if word.isprintable() and len(word) <= _LONGEST_ORIGIN and "\ufffd" not in word:
        header.origins.append(word)
    else:
        header.ok = False
