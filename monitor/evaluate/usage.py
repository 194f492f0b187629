"""Licences in use as the device reports them: finished numbers, never readings."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.pair import BOX_TO_BOX_TYPE, NeedProfile
from monitor.domain.release import is_before
from monitor.domain.tags import TRUNK_TAGS, TagKind, kind_of
from monitor.evaluate.evidence import Sheet, instant, newest

_COUNTS = (FactName.USAGE_COUNT, FactName.REQUESTED_COUNT, FactName.RECENT_COUNT)

REPORTED: Final = "reported"
_LIST: Final = "cli"
"""The source whose every output is a list of all tags in use. A poll over SNMP says of itself
whether it is one. YANG and traps tell tags one by one; a tag that left the YANG tree comes as a
count of 0."""
_FIRST_DYNAMIC: Final = "17.2.1"
"""From here on licence use follows the calls; before, the configured capacity counts."""


def counted(sheet: Sheet, release: str | None) -> tuple[Mapping[str, int], str]:
    """Licences in use, and how the numbers came about: `reported`, or `static-capacity`."""
    reported = in_use(sheet)
    capacity = instant(sheet.best(FactName.LICENSED_CAPACITY))
    if capacity is None or not is_before(release, _FIRST_DYNAMIC):
        return reported, REPORTED
    others = {tag: count for tag, count in reported.items() if tag not in TRUNK_TAGS}
    static = {**others, _static_tag(sheet, reported): int(capacity)}
    return MappingProxyType(static), NeedProfile.STATIC_CAPACITY.value


def _static_tag(sheet: Sheet, reported: Mapping[str, int]) -> str:
    trunks = sorted(tag for tag, count in reported.items() if tag in TRUNK_TAGS and count)
    ha_type = sheet.best(FactName.HA_TYPE)
    redundant = ha_type is not None and ha_type.value == BOX_TO_BOX_TYPE
    return trunks[0] if trunks else f"CUBE_T_{'RED' if redundant else 'STD'}"


def in_use(sheet: Sheet) -> Mapping[str, int]:
    """The latest reported count of each tag.

    Where an authenticated count is known, an unauthenticated newer one may raise it, not lower it.
    """
    tags = sorted({fact.key for name in _COUNTS for fact in sheet.of(name) if fact.key})
    counts = {tag: _count(sheet, tag) for tag in tags}
    return MappingProxyType({tag: count for tag, count in counts.items() if count is not None})


def only_voice_gateway(sheet: Sheet) -> bool:
    """Voice gateway sessions are reported, and no trunk session is."""
    counts = in_use(sheet)
    gateway = sum(n for tag, n in counts.items() if kind_of(tag) is TagKind.VOICE_GATEWAY)
    return gateway > 0 and not any(counts.get(tag) for tag in TRUNK_TAGS)


def _count(sheet: Sheet, tag: str) -> int | None:
    said = [fact for name in _COUNTS for fact in sheet.of(name) if fact.key == tag]
    proven = newest(fact for fact in said if fact.authenticated)
    claimed = newest(fact for fact in said if not fact.authenticated)
    if proven is None:
        return _licences(claimed, sheet)
    count = _licences(proven, sheet)
    if claimed is None or claimed.effective <= proven.effective:
        return count
    raised = _licences(claimed, sheet)
    return count if raised is None else max(count or 0, raised)


def _licences(fact: Fact | None, sheet: Sheet) -> int | None:
    count = instant(fact)
    if fact is None or count is None:
        return None
    return 0 if _left_out(fact, sheet) else int(count)


def _left_out(fact: Fact, sheet: Sheet) -> bool:
    return fact.name is FactName.USAGE_COUNT and is_left_out(fact, sheet)


def is_left_out(fact: Fact, sheet: Sheet) -> bool:
    """The fact's tag was in use, and is missing from a newer list of its source.

    `show license usage` lists what is in use: a tag that is missing from it is not. So do the
    entitlements of a poll over SNMP that were read to their end; of a poll without authentication
    no more than it said itself.
    """
    counts = [other for other in sheet.of(FactName.USAGE_COUNT) if other.source == fact.source]
    own = [other.effective for other in counts if other.key == fact.key]
    lists = [
        other.effective
        for other in sheet.of(FactName.USAGE_LISTED)
        if other.source == fact.source and other.authenticated >= fact.authenticated
    ]
    if fact.source == _LIST:
        lists += [other.effective for other in counts]
    latest = max(lists, default=0.0)
    return bool(own) and fact.key != "" and latest > max([*own, fact.effective])
