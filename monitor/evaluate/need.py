"""Licences that a consumer needs, by profile; every number names the one it came by."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from monitor.domain.pair import Needed, NeedProfile
from monitor.domain.tags import AGGREGATE, TRUNK_TAGS, TagKind, kind_of

_FAMILIES: Final = ("CUBE_TS_", "CUBE_T_")
_KINDS: Final = {
    kind: tuple(sorted(tag for tag in TRUNK_TAGS if kind_of(tag) is kind)) for kind in TagKind
}

Peaks = Mapping[str, int]
"""Tag -> licences measured for the last period."""


def measured(peaks: Peaks, profile: NeedProfile, *, box_to_box: bool) -> tuple[Needed, ...]:
    """What our own measurement comes to; nothing where nothing was measured.

    A box-to-box pair asks for one kind only, redundant or enhanced: either licence is accepted.
    """
    family = _family(peaks)
    if box_to_box:
        return _either(peaks, family, profile)
    kinds = _PROFILES[profile](peaks)
    return tuple(
        Needed(tag=f"{family}{kind.value}", count=count, profile=profile)
        for kind, count in kinds.items()
    )


def reported(in_use: Mapping[str, int], counted_by: str, *, box_to_box: bool) -> tuple[Needed, ...]:
    """The device's own finished numbers, trunk tags only."""
    return tuple(
        Needed(tag=_accepted(tag) if box_to_box else tag, count=count, profile=counted_by)
        for tag, count in sorted(in_use.items())
        if tag in TRUNK_TAGS and count
    )


def _family(peaks: Peaks) -> str:
    return next((one for one in _FAMILIES if any(tag.startswith(one) for tag in peaks)), "CUBE_T_")


def _accepted(tag: str) -> str:
    if kind_of(tag) not in (TagKind.REDUNDANT, TagKind.ENHANCED):
        return tag
    stem = tag[: -len(TagKind.REDUNDANT.value)]
    return f"{stem}{TagKind.REDUNDANT.value} or {stem}{TagKind.ENHANCED.value}"


def _either(peaks: Peaks, family: str, profile: NeedProfile) -> tuple[Needed, ...]:
    trunks = [count for tag, count in peaks.items() if tag in TRUNK_TAGS]
    count = peaks.get(AGGREGATE, max(trunks, default=None))
    if count is None:
        return ()
    tag = _accepted(f"{family}{TagKind.REDUNDANT.value}")
    return (Needed(tag=tag, count=count, profile=profile),)


def _separate(peaks: Peaks) -> Mapping[TagKind, int]:
    # CUBE_T_* and CUBE_TS_* are one need: an upgrade moves it from one name to the other.
    found = {
        kind: sum(peaks[tag] for tag in tags if tag in peaks)
        for kind, tags in _KINDS.items()
        if any(tag in peaks for tag in tags)
    }
    return MappingProxyType(found)


def _aggregate_minus_enhanced(peaks: Peaks) -> Mapping[TagKind, int]:
    found = dict(_separate(peaks))
    if AGGREGATE in peaks:
        enhanced = found.get(TagKind.ENHANCED, 0)
        # The two peaks may lie at different moments, so less than any standard peak can come out.
        found[TagKind.STANDARD] = max(0, peaks[AGGREGATE] - enhanced)
    return MappingProxyType(found)


_PROFILES: Final[Mapping[NeedProfile, Callable[[Peaks], Mapping[TagKind, int]]]] = {
    NeedProfile.SEPARATE: _separate,
    NeedProfile.AGGREGATE_MINUS_ENHANCED: _aggregate_minus_enhanced,
    NeedProfile.STATIC_CAPACITY: _separate,
}
