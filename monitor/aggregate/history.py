"""What live measuring reads from the store; the store implements it, tests have a double."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from monitor.domain.measurement import HourValue, Measurement
from monitor.domain.readings import Series


class History(Protocol):
    """Everything committed so far. Instants are seconds since 1970 UTC."""

    def origin(self, device: str, tag: str) -> int | None:
        """Start of the first period; None where none was stored."""
        ...

    def checkpoint(self, device: str, tag: str, at: int) -> Measurement | None:
        """The newest measurement of the latest versions that ends at or before `at`."""
        ...

    def latest_version(self, device: str, tag: str) -> int:
        """Highest version ever recorded, 0 where there is none."""
        ...

    def hours(self, device: str, tag: str, start: int, end: int) -> Sequence[HourValue]:
        """Stored hours with `start <= hour.start < end`, in order."""
        ...

    def dense(self, device: str, start: int, hours: int) -> Mapping[Series, NDArray[np.int32]]:
        """Readings of a device from `start` (any whole minute): shape (hours, 3600), -1 absent."""
        ...

    def touched(self) -> Sequence[tuple[str, int]]:
        """(device, start of the UTC hour) that got readings since they were last worked out."""
        ...

    def sealed(self, device: str, starts: Collection[int]) -> Collection[int]:
        """Those of the hours that were measured and whose seconds are gone, in whole or in part."""
        ...

    def tags(self, device: str) -> Sequence[str]:
        """Tags of a device that have readings."""
        ...
