"""What a reload of the configuration did."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """The keys of the configuration that are another way now; none where it is the same."""

    changed: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    """What somebody should look at, though all of it is in use."""
