"""Where a device is reached: a host name or an address, as all ways of asking take it."""

import re
from ipaddress import IPv6Address
from typing import Annotated, Final

from pydantic import AfterValidator

LINK_LOCAL: Final = "link-local addresses are not supported: give another address or a name"
_HOST: Final = re.compile(r"[A-Za-z0-9_.:-]{1,253}")


def is_link_local(host: str) -> bool:
    """`fe80::1`, with or without an interface: it says nothing without one."""
    try:
        return IPv6Address(host).is_link_local
    except ValueError:
        return False


def _checked(host: str) -> str:
    if is_link_local(host):
        raise ValueError(LINK_LOCAL)
    if _HOST.fullmatch(host) is None:
        raise ValueError("neither a host name nor an address (without brackets)")
    return host


Host = Annotated[str, AfterValidator(_checked)]
"""A host name or an address, without brackets or an interface."""
