"""Entitlement tags of CUBE sessions, as `show license usage` prints them.

Source: Cisco's chapter "CUBE Smart Licensing"; the CUBE_TS_* family (Collaboration Flex) appears
with IOS XE 17.18.1a. A tag that is not in the table is kept and measured like the others.
"""

from enum import StrEnum


class TagKind(StrEnum):
    """What a tag licenses."""

    STANDARD = "STD"
    ENHANCED = "ENH"
    REDUNDANT = "RED"
    VOICE_GATEWAY = "VGW"


TAGS: dict[str, TagKind] = {
    f"CUBE_{family}_{kind.value}": kind
    for family, kinds in (
        ("T", tuple(TagKind)),
        ("TS", (TagKind.STANDARD, TagKind.ENHANCED, TagKind.REDUNDANT)),
    )
    for kind in kinds
}

TRUNK_TAGS = frozenset(tag for tag, kind in TAGS.items() if kind is not TagKind.VOICE_GATEWAY)

AGGREGATE = "AGG"
"""The aggregate trunk count: per second the sum of the trunk tags."""

CALLS = "CALLS"
"""Calls of every kind, perhaps legs, as call tables count them; no licence by itself."""

NOT_A_LICENCE = frozenset({AGGREGATE, CALLS})


def kind_of(tag: str) -> TagKind | None:
    """The kind of a known tag, None for any other word."""
    return TAGS.get(tag)
