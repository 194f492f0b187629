"""Operations on the identity of devices, as an operator asks for them."""

from dataclasses import dataclass
from enum import StrEnum


class Operation(StrEnum):
    """What is done; each is kept with who, when and why."""

    RETIRE = "retire"
    """Out of use: not judged, not counted; its findings are closed as retired."""
    REINSTATE = "reinstate"
    """The opposite."""
    RENAME = "rename"
    """Another name to show and to find it by; the id stays."""
    MERGE = "merge"
    """Two names of one router: what was learned of the first belongs to the second."""
    REPLACED_BY = "replaced-by"
    """Another router stands in its place and has its names; it starts its own history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One operation asked for. Texts are bounded by whoever takes it in."""

    operation: Operation
    device: str
    """Its id or one of its aliases."""
    by: str
    """Who asks."""
    other: str = ""
    """The new name, or the other device; empty where the operation needs none."""
    reason: str = ""
