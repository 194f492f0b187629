"""What one device says over gNMI or RESTCONF, read into facts and readings."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from monitor.domain.facts import Fact, FactKind, FactName
from monitor.domain.instants import MINUTE
from monitor.errors import ParseError
from monitor.parse.gnmi import (
    device_hardware,
    ha_oper,
    rg_oper,
    smart_license,
    voice_oper,
)
from monitor.parse.gnmi.branch import Branch, Counted, Said, Told, Used
from monitor.parse.gnmi.leaves import Names, Place, opened, place
from monitor.parse.gnmi.usage import UsageBook
from monitor.parse.gnmi.values import Scalar
from monitor.wire import TelemetryNotification, TelemetryValue, YangElements

_MODULES: Final = {
    module.root: module
    for module in (
        smart_license.MODULE,
        voice_oper.MODULE,
        ha_oper.MODULE,
        rg_oper.MODULE,
        device_hardware.MODULE,
    )
}
_BRANCHES: Final = dict(chain.from_iterable(one.branches.items() for one in _MODULES.values()))
_QUIET: Final = _BRANCHES.keys() - {smart_license.USAGE, voice_oper.CALLS}
"""Branches that say nothing new while their leaves stay the same."""
_NANO: Final = 1_000_000_000
_TRUSTED_SKEW: Final = 5 * MINUTE
"""A device's time that far from ours is kept, and reception counts instead."""
_SAY_AGAIN: Final = MINUTE
"""Seconds after which a value that stayed the same is told again."""
_MOST_BRANCHES: Final = 5000
_MOST_TOLD: Final = 10_000
_MOST_PLACES: Final = 500
_LONGEST_PLACE: Final = 512

_BranchKey = tuple[Names, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a notification came to."""

    facts: list[Fact] = field(default_factory=list)
    calls: list[tuple[int, int]] = field(default_factory=list)
    """(second since 1970 UTC, concurrent legs)."""
    unknown: Counter[str] = field(default_factory=Counter)
    """Reason -> updates, deletes or leaves that were not understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Times:
    received: float
    effective: float
    device: float | None


@dataclass(slots=True)
class _Pass:
    """One notification while it is read."""

    at: float
    touched: dict[_BranchKey, None] = field(default_factory=dict)
    entries: set[str] = field(default_factory=set)
    """Keys of usage entries that came."""
    lists: set[Names] = field(default_factory=set)
    licensing: bool = False
    said: dict[tuple[FactName, str], Told] = field(default_factory=dict)


class Reader:
    """One device and one source. Keeps what the device told, as much as later parts need of it."""

    def __init__(self, device: str, source: str) -> None:
        self._device = device
        self._source = source
        self._branches: dict[_BranchKey, dict[str, Scalar]] = {}
        self._spoke: dict[_BranchKey, float] = {}
        self._places: dict[YangElements, Place] = {}
        self._told: dict[tuple[FactName, str], tuple[object, float]] = {}
        self._udi: str | None = None
        self._synced = False
        self.usage = UsageBook()

    def read(self, notification: TelemetryNotification) -> Read:
        """Facts and readings; never raises for what a device sent."""
        times = _times(notification)
        now = _Pass(notification.received)
        read = Read()
        self._prepare(notification)
        gone = list(self._deletions(notification.deletes, read))
        for path, value in notification.updates:
            self._update(path, value, now, read)
        for said in self._speak(now, read):
            self._take(said, now, read, times)
        gone += self._vanished(notification, now)
        for tag in gone:
            now.said[FactName.USAGE_COUNT, tag] = Told(FactName.USAGE_COUNT, 0, tag)
        read.facts.extend(self._facts(now.said.values(), notification, times))
        return read

    def _prepare(self, notification: TelemetryNotification) -> None:
        if notification.begins:
            self._branches.clear()
            self._spoke.clear()
            self._synced = False
            self.usage.begin(notification.received)
        if notification.lost:
            self.usage.lose(notification.received)

    # What came

    def _update(self, path: YangElements, value: TelemetryValue, now: _Pass, read: Read) -> None:
        try:
            start = self._place(path)
            if not _ours(start):
                read.unknown["unknown_path"] += 1
                return
            found = opened(start, value)
        except ParseError as error:
            read.unknown[error.reason] += 1
            return
        known = [self._file(leaf.names, leaf.key, leaf.value, now) for leaf in found.leaves]
        now.lists |= found.lists
        if found.leaves and not any(known):
            read.unknown["unknown_path"] += 1

    def _place(self, path: YangElements) -> Place:
        known = self._places.get(path)
        if known is None:
            known = place(path)
            if len(self._places) < _MOST_PLACES and sum(map(len, known.names)) < _LONGEST_PLACE:
                self._places[path] = known
        return known

    def _file(self, names: Names, key: str, value: Scalar, now: _Pass) -> bool:
        parent = names[:-1]
        if parent not in _BRANCHES:
            return False
        where = (parent, key)
        branch = self._branches.get(where)
        if branch is None:
            if len(self._branches) >= _MOST_BRANCHES:
                return False
            branch = self._branches[where] = {}
        news = branch.get(names[-1]) != value or not self._spoken(where, now)
        branch[names[-1]] = value
        if news or parent not in _QUIET:
            now.touched[where] = None
        now.licensing = now.licensing or parent[0] == smart_license.MODULE.root
        return True

    def _spoken(self, where: _BranchKey, now: _Pass) -> bool:
        """What a branch says was told a moment ago."""
        return now.at - self._spoke.get(where, 0.0) < _SAY_AGAIN

    def _deletions(self, deletes: Iterable[YangElements], read: Read) -> Iterator[str]:
        for path in deletes:
            try:
                gone = place(path)
            except ParseError as error:
                read.unknown[error.reason] += 1
                continue
            if not _ours(gone):
                read.unknown["unknown_path"] += 1
                continue
            self._forget(gone)
            if _holds(gone.names, smart_license.USAGE) or gone.names == smart_license.COUNT:
                yield from self.usage.delete(gone.key) if self._synced else self._doubt(gone.key)

    def _doubt(self, entry: str) -> Iterator[str]:
        self.usage.doubt(entry)
        return iter(())

    def _forget(self, gone: Place) -> None:
        for names, key in list(self._branches):
            if _holds(gone.names, names) and (not gone.key or gone.key == key):
                del self._branches[names, key]
                self._spoke.pop((names, key), None)
            elif gone.names[:-1] == names and gone.key == key:
                self._branches[names, key].pop(gone.names[-1], None)

    # What it says

    def _speak(self, now: _Pass, read: Read) -> Iterator[Said]:
        for names, key in now.touched:
            branch = Branch(
                leaves=self._branches[names, key],
                key=key,
                keys=self._keys(names) if names == rg_oper.GROUPS else (),
                udi=self._udi,
            )
            self._spoke[names, key] = now.at
            if names == smart_license.USAGE:
                now.entries.add(key)
            yield from _BRANCHES[names](branch)
            read.unknown.update(branch.spoilt)

    def _keys(self, names: Names) -> list[str]:
        return [key for where, key in self._branches if where == names]

    def _take(self, said: Said, now: _Pass, read: Read, times: _Times) -> None:
        if isinstance(said, Counted):
            read.calls.append((int(times.effective), said.calls))
        elif isinstance(said, Used):
            if self.usage.use(said.entry, said.tag, times.received):
                told = Told(FactName.USAGE_COUNT, said.licences, said.tag)
                now.said[told.name, told.key] = told
        else:
            self._keep(said, now)

    def _keep(self, told: Told, now: _Pass) -> None:
        if told.name is FactName.UDI:
            self._udi = str(told.value)
        if told.text or (told.name, told.key) not in now.said:
            now.said[told.name, told.key] = told

    def _vanished(self, notification: TelemetryNotification, now: _Pass) -> list[str]:
        gone: list[str] = []
        if notification.synced and self._heard_of_licences():
            gone += self.usage.sync()
        self._synced = self._synced or notification.synced
        if self._synced and smart_license.USAGE in now.lists:
            gone += self.usage.listed(now.entries)
        if self._synced and now.licensing:
            gone += self.usage.missed(notification.received, notification.sample_seconds)
        return gone

    def _heard_of_licences(self) -> bool:
        """The stream told something of the licence module: its silence about usage means none."""
        return any(names[0] == smart_license.MODULE.root for names, _ in self._branches)

    def _facts(
        self, said: Iterable[Told], notification: TelemetryNotification, times: _Times
    ) -> Iterator[Fact]:
        for told in said:
            before = self._told.get((told.name, told.key))
            value = (told.value, told.text)
            if before and before[0] == value and times.received - before[1] < _SAY_AGAIN:
                continue
            if len(self._told) >= _MOST_TOLD:
                self._told.clear()
            self._told[told.name, told.key] = (value, times.received)
            yield Fact(
                subject=self._device,
                name=told.name,
                source=self._source,
                value=told.value,
                kind=FactKind.EXACT,
                received=times.received,
                effective=times.effective,
                device_time=times.device,
                key=told.key,
                authenticated=notification.authenticated,
                text=told.text,
            )


def _ours(start: Place) -> bool:
    if not start.names:
        return True
    module = _MODULES.get(start.names[0])
    return module is not None and (not start.owner or start.owner in module.owners)


def _holds(outer: Names, inner: Names) -> bool:
    return inner[: len(outer)] == outer


def _times(notification: TelemetryNotification) -> _Times:
    received = notification.received
    device = notification.timestamp / _NANO if notification.timestamp > 0 else None
    trusted = device is not None and abs(device - received) <= _TRUSTED_SKEW
    effective = device if trusted and device is not None else received
    return _Times(received=received, effective=effective, device=device)
