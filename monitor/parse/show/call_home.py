"""`show call-home smart-licensing`: where Call Home sends licence messages, profile by profile."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitor.domain.facts import FactName
from monitor.parse.show.output import Command, Told
from monitor.parse.show.page import ALL_READ, Page, Unparsed, labelled, normal
from monitor.parse.show.running_config_lines import without_password

_PROFILE = re.compile(r"Profile: (\S.{0,79}?) \(status: ([A-Za-z]{1,20})\)", re.IGNORECASE)
_TITLE: Final = "current smart-licensing transport settings"
_MESSAGES: Final = "smart-license messages"
_DESTINATION: Final = "destination url(s)"
_MOST_PROFILES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`destinations` are the URLs as printed, without a password."""

    name: str
    active: bool | None = None
    destinations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHome:
    """Values are None where their line is missing."""

    messages: bool | None = None
    """Whether licence messages are sent at all."""
    profiles: tuple[Profile, ...] = ()
    unparsed: Unparsed = ALL_READ


@dataclass(slots=True)
class _Found:
    name: str
    active: bool | None
    urls: list[str]


def read(page: Page) -> CallHome:
    """The output's values."""
    messages: dict[str, str] = {}
    profiles: list[_Found] = []
    for line in page:
        if found := _PROFILE.fullmatch(line):
            _begin(page, profiles, found)
        else:
            _take(page, line, messages, profiles)
    return CallHome(
        messages=_enabled(page, messages.get(_MESSAGES)),
        profiles=tuple(
            Profile(name=one.name, active=one.active, destinations=tuple(one.urls))
            for one in profiles
        ),
        unparsed=page.unparsed,
    )


def _begin(page: Page, profiles: list[_Found], found: re.Match[str]) -> None:
    words = {"active": True, "inactive": False}
    active = words.get(found[2].lower())
    if active is None:
        page.unclear("Profile", found[2], "active or inactive")
    if profiles and profiles[-1].name == found[1]:
        return
    if len(profiles) < _MOST_PROFILES:
        profiles.append(_Found(found[1], active, []))
    else:
        page.warn(f"more than {_MOST_PROFILES} profiles; the rest is not read")


def _take(page: Page, line: str, messages: dict[str, str], profiles: list[_Found]) -> None:
    label, value = labelled(line) or (normal(line), "")
    if label == _MESSAGES:
        page.file(messages, label, value)
    elif label == _DESTINATION or _is_url(line):
        _destination(page, value if label == _DESTINATION else line, profiles)
    elif label == _TITLE:
        page.settle(line)
    else:
        page.leave(line)


def _is_url(line: str) -> bool:
    return line.lower().startswith(("http://", "https://"))


def _destination(page: Page, text: str, profiles: list[_Found]) -> None:
    url = without_password(text)
    if not profiles:
        page.warn("a destination URL stands above any profile")
    elif url and url not in profiles[-1].urls:
        profiles[-1].urls.append(url)


def _enabled(page: Page, text: str | None) -> bool | None:
    known = {"enabled": True, "disabled": False}.get((text or "").lower())
    if text is not None and known is None:
        page.unclear("Smart-license messages", text, "enabled or disabled")
    return known


def tell(data: CallHome) -> Iterator[Told]:
    """Facts."""
    for profile in data.profiles:
        if profile.active is not None:
            yield Told(FactName.CALL_HOME_ACTIVE, profile.active, profile.name)
        if profile.destinations:
            yield Told(FactName.CALL_HOME_URL, " ".join(profile.destinations), profile.name)


COMMAND: Final = Command(
    name="show call-home smart-licensing",
    marks=frozenset({_MESSAGES, _DESTINATION}),
    titles=frozenset({_TITLE}),
    patterns=(_PROFILE,),
    begins=_TITLE,
    read=read,
    tell=tell,
)
