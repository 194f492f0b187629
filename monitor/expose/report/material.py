"""Where the parts of a report are from: a running monitor, or a data directory alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.measurement import Measurement
from monitor.domain.records import EventRecord
from monitor.domain.rum_ledger import Told


class Records(Protocol):
    """What is stored of routers."""

    def measurements(
        self, *, device: str | None, tag: str | None, start: int, end: int, limit: int
    ) -> Iterable[Measurement]:
        """The latest versions that overlap [start, end), at most so many of the newest."""
        ...

    def events(self, *, device: str, since: int, limit: int) -> Iterable[EventRecord]:
        """Messages of a device."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a report is made of."""

    records: Records
    accounts: Mapping[str, str | None]
    """Device -> its virtual account."""
    bought: Mapping[tuple[str, str], int | None]
    """(account, tag) -> licences bought; None or absent where nobody said it."""
    told: Callable[[str], Sequence[Told]]
    """What CSSM can know of a device by usage reports."""

    def devices_of(self, account: str) -> Sequence[str]:
        """Those of a virtual account."""
        return [device for device, its in self.accounts.items() if its == account]

    def purchased(self, account: str | None, tag: str) -> int | None:
        """Licences bought; None where nobody said it."""
        return None if account is None else self.bought.get((account, tag))
