"""Virtual accounts: as subjects of facts, and what several sources say of their licences."""

from dataclasses import dataclass
from typing import Final

UNASSIGNED: Final = "unassigned"
"""The account of devices whose account is not known."""
CONFIGURED: Final = "config"
"""The source of what the configuration says."""
CSSM_SOURCE: Final = "cssm"
"""The source of what CSSM says about one device."""
_PREFIX: Final = "account:"


def account_subject(name: str) -> str:
    """The subject of facts about a virtual account."""
    return f"{_PREFIX}{name}"


def account_of(subject: str) -> str | None:
    """The virtual account a subject stands for; None where it is a device."""
    return subject.removeprefix(_PREFIX) if subject.startswith(_PREFIX) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one source says of one tag of an account; None for what it does not say."""

    source: str
    """`config`, or the shape of an inventory of CSSM."""
    effective: float
    """When it was so, seconds since 1970 UTC."""
    names: tuple[str, ...] = ()
    """The source's own words for the licence."""
    purchased: int | None = None
    in_use: int | None = None
    available: int | None = None
    reserved: int | None = None
    pending: int | None = None
    balance: int | None = None
    status: str = ""
