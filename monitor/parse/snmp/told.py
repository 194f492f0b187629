"""One statement of a MIB module, before it is filed as a fact of a device."""

from typing import NamedTuple

from monitor.domain.facts import FactKind, FactName, Value


class Told(NamedTuple):
    """A fact without device, source and times."""

    name: FactName
    value: Value
    key: str = ""
    text: str = ""
    kind: FactKind = FactKind.EXACT


class Asked(NamedTuple):
    """When it was said and by what: what modules may need beside the values."""

    received: float
    """Seconds since 1970 UTC."""
    before_policy: bool
    """The release is known to be older than Smart Licensing Using Policy."""
    walked: frozenset[str] = frozenset()
    """Columns that were read to their end."""
