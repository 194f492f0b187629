"""Blocks of dense hours become hour values of every tag, the aggregate included."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitor.aggregate.chain import Hour, Name
from monitor.aggregate.kernels import (
    ABSENT,
    Dense,
    HourArrays,
    Values,
    aggregate_seconds,
    hour_values,
    sessions,
    told_minutes,
)
from monitor.aggregate.rules import Calls, DeviceRules
from monitor.domain.readings import Series, tells_minutes
from monitor.domain.tags import AGGREGATE, CALLS, TRUNK_TAGS

Integers = NDArray[np.int64]
Rules = Callable[[str], DeviceRules]

_TOLD: Final = "\n"
"""Begins the tag of a row of device minutes; no tag holds one."""


def row_name(series: Series) -> Name:
    """The name under which a series is worked: its device minutes have rows of their own."""
    tag = _TOLD + series.tag if tells_minutes(series.source) else series.tag
    return Name(series.device, tag)


def _target(name: Name) -> Name:
    return Name(name.device, name.tag.removeprefix(_TOLD))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Dense hours in order of (device, hour) or (hour, device); sources are merged."""

    names: Integers
    """Row -> position in the list of names."""
    starts: Integers
    """Row -> start of its hour."""
    dense: Dense
    """Shape (rows, 3600), signed, -1 where there is no reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HourRows:
    """Hour values of any names and hours; all arrays have one length."""

    names: Integers
    starts: Integers
    values: HourArrays

    def hours(self) -> Iterator[tuple[int, Hour]]:
        """(position of the name, hour) of each row; units None where there is no value."""
        units = (None if value < 0 else value for value in self.values.units.tolist())
        seconds, minutes = self.values.seconds.tolist(), self.values.minutes.tolist()
        hours = map(Hour, self.starts.tolist(), units, seconds, minutes)
        return zip(self.names.tolist(), hours, strict=True)

    def chosen(self, rows: NDArray[np.integer] | NDArray[np.bool_] | slice) -> "HourRows":
        """Some of the rows."""
        values = self.values
        return HourRows(
            names=self.names[rows],
            starts=self.starts[rows],
            values=HourArrays(
                units=values.units[rows],
                seconds=values.seconds[rows],
                minutes=values.minutes[rows],
            ),
        )


def joined(parts: Sequence[HourRows]) -> HourRows:
    """All rows one after the other."""
    return HourRows(
        names=_all([part.names for part in parts]),
        starts=_all([part.starts for part in parts]),
        values=HourArrays(
            units=_all([part.values.units for part in parts]),
            seconds=_all([part.values.seconds for part in parts]),
            minutes=_all([part.values.minutes for part in parts]),
        ),
    )


def _all(arrays: Sequence[Integers]) -> Integers:
    return np.concatenate(arrays) if arrays else np.empty(0, np.int64)


class NameTable:
    """What the tags of some names mean for the aggregates of their devices."""

    def __init__(self, given: Sequence[Name], rules: Rules) -> None:
        names = list(dict.fromkeys((*given, *map(_target, given))))
        at = {name: position for position, name in enumerate(names)}
        told = [at[_target(name)] if _target(name) != name else -1 for name in names]
        self.told = np.array(told, np.int64)
        """Row of device minutes -> the name they are of; -1 for other rows."""
        legs = [_legs(name, rules) for name in names]
        trunk = [name.tag in TRUNK_TAGS for name in names]
        self.trunk = np.array(trunk, np.bool_)
        self.legs = np.array(legs, np.int64)
        """0 where counts of the name are no counts of the aggregate."""
        self.own = np.array([name.tag != AGGREGATE for name in names], np.bool_)
        """Names whose hours are their own; those of the aggregate are worked out."""
        devices = list(dict.fromkeys(name.device for name in names))
        place = {device: at for at, device in enumerate(devices)}
        self.device = np.array([place[name.device] for name in names], np.int64)
        self.names, self.aggregate = _with_aggregates(names, devices, self.trunk | (self.legs > 0))


def _legs(name: Name, rules: Rules) -> int:
    if name.tag == AGGREGATE:
        return 1
    if name.tag != CALLS:
        return 0
    device = rules(name.device)
    return device.legs if device.calls is Calls.AGGREGATE else 0


def _with_aggregates(
    names: Sequence[Name], devices: Sequence[str], contributing: NDArray[np.bool_]
) -> tuple[list[Name], Integers]:
    """All names, and the position of the aggregate of each device (-1 for none)."""
    every = list(names)
    place = {name: at for at, name in enumerate(names)}
    having = {name.device for name, joins in zip(names, contributing, strict=True) if joins}
    positions = []
    for device in devices:
        name = Name(device, AGGREGATE)
        if device in having and name not in place:
            place[name] = len(every)
            every.append(name)
        positions.append(place.get(name, -1))
    return every, np.array(positions, np.int64)


def block_hours(block: Block, table: NameTable) -> HourRows:
    """Hour values of the rows of a block and of the aggregates they make, in no order."""
    block, told = _without_told(block, table)
    rows = HourRows(names=block.names, starts=block.starts, values=hour_values(block.dense, told))
    own = rows.chosen(table.own[block.names])
    return joined([own, *_aggregates(block, table, rows, told)])


def _without_told(block: Block, table: NameTable) -> tuple[Block, Values | None]:
    """Rows of device minutes apart from the others: shape (rows, 60), None where there are none.

    Where nothing but device minutes is known of a name and hour, its row is left without a reading.
    """
    targets = table.told[block.names]
    telling = np.flatnonzero(targets >= 0)
    if not len(telling):
        return block, None
    names, dense = block.names.copy(), block.dense.copy()
    told = np.full((len(names), 60), ABSENT, np.int64)
    row_of = {
        key: row for row, key in enumerate(zip(names.tolist(), block.starts.tolist(), strict=True))
    }
    kept = np.ones(len(names), np.bool_)
    for row, minutes in zip(telling.tolist(), told_minutes(block.dense[telling]), strict=True):
        own = row_of.get((int(targets[row]), int(block.starts[row])))
        kept[row] = own is None
        names[row], dense[row] = targets[row], ABSENT
        told[row if own is None else own] = minutes
    rest = Block(names=names[kept], starts=block.starts[kept], dense=dense[kept])
    return rest, told[kept]


def _aggregates(
    block: Block, table: NameTable, rows: HourRows, told: Values | None
) -> Iterator[HourRows]:
    """Aggregates, worked for all devices and hours together that have as many parts."""
    device = table.device[block.names]
    changes = (device[1:] != device[:-1]) | (block.starts[1:] != block.starts[:-1])
    group = np.append(0, np.cumsum(changes))
    trunk = _Parts.of(np.flatnonzero(table.trunk[block.names]), group)
    named = _Parts.of(np.flatnonzero(table.legs[block.names] > 0), group)
    shapes = trunk.counts * (len(block.names) + 1) + named.counts
    for shape in np.unique(shapes[shapes > 0]).tolist():
        groups = np.flatnonzero(shapes == shape)
        parts = trunk.rows_of(groups), named.rows_of(groups)
        first = np.concatenate(parts, axis=1)[:, 0]
        work = _Aggregate(block=block, table=table, trunk=parts[0], named=parts[1])
        values = work.known(rows) if told is None else hour_values(work.seconds(), work.told(told))
        yield HourRows(
            names=table.aggregate[device[first]], starts=block.starts[first], values=values
        )


@dataclass(frozen=True, slots=True)
class _Parts:
    """Rows that take part in an aggregate, by group (one device, one hour)."""

    rows: Integers
    firsts: Integers
    counts: Integers

    @classmethod
    def of(cls, rows: Integers, group: Integers) -> "_Parts":
        counts = np.bincount(group[rows], minlength=int(group[-1]) + 1)
        return cls(rows=rows, firsts=np.cumsum(counts) - counts, counts=counts)

    def rows_of(self, groups: Integers) -> Integers:
        """Shape (groups, parts), for groups that all have the same number of parts."""
        count = int(self.counts[groups[0]])
        rows: Integers = self.rows[self.firsts[groups][:, None] + np.arange(count)]
        return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Aggregate:
    """Aggregates that have as many parts; parts are rows of the block, shape (groups, parts)."""

    block: Block
    table: NameTable
    trunk: Integers
    named: Integers

    def known(self, rows: HourRows) -> HourArrays:
        """Their hour values, where the block has no device minutes."""
        legs = self.table.legs[self.block.names[self.named]]
        if self.trunk.shape[1] + self.named.shape[1] == 1 and (legs <= 1).all():
            # One part alone is its own sum: nothing to work out.
            return rows.chosen(np.concatenate((self.trunk, self.named), axis=1)[:, 0]).values
        return hour_values(self.seconds())

    def seconds(self) -> Dense:
        """Their seconds, shape (groups, 3600)."""
        legs = self.table.legs[self.block.names[self.named]]
        dense = self.block.dense
        return aggregate_seconds(
            [dense[column] for column in self.trunk.T],
            [sessions(dense[rows], legs[:, at]) for at, rows in enumerate(self.named.T)],
        )

    def told(self, told: Values) -> Values:
        """Device minutes of the aggregate itself: the sum of the tags' own would overstate."""
        shown = np.full((len(self.trunk), 60), ABSENT, np.int64)
        for rows in self.named.T:
            itself = ~self.table.own[self.block.names[rows]][:, None]
            shown = np.maximum(shown, np.where(itself, told[rows], ABSENT))
        return shown
