"""Columns of a table that are read side by side by GETBULK, however an agent cuts its answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.wire import Absent, SnmpValue

Varbind = tuple[str, SnmpValue]


@dataclass(slots=True)
class Table:
    """What was read so far of columns, given by their object identifiers."""

    columns: tuple[str, ...]
    varbinds: list[Varbind] = field(default_factory=list)
    _last: dict[str, str] = field(default_factory=dict)
    """Column -> the object identifier that was read last."""
    _ended: set[str] = field(default_factory=set)

    @property
    def whole(self) -> bool:
        """Every column was read to its end."""
        return len(self._ended) == len(self.columns)

    @property
    def rows(self) -> int:
        """Rows of the longest column."""
        return max(
            sum(oid.startswith(f"{one}.") for oid, _ in self.varbinds) for one in self.columns
        )

    @property
    def after(self) -> tuple[str, ...]:
        """What to ask the next rows after: one object identifier for each column that goes on."""
        return tuple(self._last.get(one, one) for one in self._going_on())

    def take(self, answer: Sequence[Varbind]) -> bool:
        """Take the answer to a question for `after`; False where it brought nothing new."""
        asked, before = self._going_on(), len(self.varbinds) + len(self._ended)
        for place, varbind in enumerate(answer):
            self._read(asked[place % len(asked)], varbind)
        return len(self.varbinds) + len(self._ended) > before

    def _read(self, column: str, varbind: Varbind) -> None:
        oid, value = varbind
        if column in self._ended:
            return
        if value is Absent.END_OF_MIB_VIEW:
            self._ended.add(column)
        elif isinstance(value, Absent) or _arcs(oid) <= _arcs(self._last.get(column, column)):
            return  # no answer to GETBULK is like that: nothing is concluded from it
        elif oid.startswith(f"{column}."):
            self.varbinds.append(varbind)
            self._last[column] = oid
        else:
            # GETBULK runs on into whatever comes after a column.
            self._ended.add(column)

    def _going_on(self) -> tuple[str, ...]:
        return tuple(one for one in self.columns if one not in self._ended)


def _arcs(oid: str) -> tuple[int, ...]:
    return tuple(map(int, oid.split(".")))
