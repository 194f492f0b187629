"""CSSM's names of licences and the entitlement tags they stand for, as a table.

CSSM's first API and its exports name a licence by its display name, routers by its tag. The names
are those that outputs and exports were seen to print; the configuration (`license_names`) adds
others. A name that is not here is kept as it is and never guessed.
"""

import re
from collections.abc import Mapping
from typing import Final

LICENSE_NAMES: Final[Mapping[str, str]] = {
    "CUBE Trunk Standard Session": "CUBE_T_STD",
    "CUBE Standard Session": "CUBE_T_STD",
    "CUBE v14 Trunk Standard Session": "CUBE_T_STD",
    "CUBE v14 Standard Session": "CUBE_T_STD",
    "CUBE Trunk Enhanced Session": "CUBE_T_ENH",
    "CUBE Enhanced Session": "CUBE_T_ENH",
    "CUBE v14 Enhanced Session": "CUBE_T_ENH",
    "CUBE Trunk Redundant Session": "CUBE_T_RED",
    "CUBE Redundant Session": "CUBE_T_RED",
    "CUBE v14 Redundant Session": "CUBE_T_RED",
    "CUBE Voice Gateway Session": "CUBE_T_VGW",
    "CUBE v14 Voice Gateway Session": "CUBE_T_VGW",
}
_SHORT_TAG: Final = re.compile(r"(?<![A-Za-z0-9])CUBE_TS?_(?:STD|ENH|RED|VGW)(?![A-Za-z0-9])")
_LONGEST: Final = 500


def folded(name: str) -> str:
    """A name as names are compared: without regard to case, underscores and blanks."""
    return " ".join(name.replace("_", " ").split()).casefold()


def names_with(more: Mapping[str, str]) -> Mapping[str, str]:
    """Folded name -> tag: the table, and above it what an operator says."""
    return {folded(name): tag for name, tag in {**LICENSE_NAMES, **more}.items()}


DEFAULT_NAMES: Final = names_with({})


def tag_of(name: str, names: Mapping[str, str] = DEFAULT_NAMES) -> str | None:
    """The tag a name of CSSM stands for, None where nobody said; `names` as by `names_with`."""
    said = names.get(folded(name))
    if said is not None:
        return said
    found = _SHORT_TAG.search(name[:_LONGEST])
    return found[0] if found else None
