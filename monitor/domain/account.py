"""Virtual accounts as subjects of facts."""

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
