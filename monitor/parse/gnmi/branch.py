"""One container or list entry of a YANG tree, as far as a device has told it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

from monitor.domain.facts import FactName, Value
from monitor.errors import ParseError
from monitor.parse.gnmi import values
from monitor.parse.gnmi.leaves import Names
from monitor.parse.gnmi.values import Scalar


class Told(NamedTuple):
    """One fact without its subject and times."""

    name: FactName
    value: Value
    key: str = ""
    text: str = ""


class Counted(NamedTuple):
    """Concurrent calls, perhaps legs, at the time of the notification."""

    calls: int


class Used(NamedTuple):
    """Licences that one entry of the usage list reports."""

    entry: str
    """The key of the entry."""
    tag: str
    licences: int


Said = Told | Counted | Used
_Read = TypeVar("_Read")
_MOST_SPOILT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """`leaves` by bare name. A leaf that cannot be read is left out and put among `spoilt`."""

    leaves: Mapping[str, Scalar]
    key: str = ""
    """Of the list entry, its key values joined by `|`."""
    keys: Sequence[str] = ()
    """Of all entries known now, in order."""
    udi: str | None = None
    """`PID:..,SN:..` of the device itself, where it said it already."""
    spoilt: list[str] = field(default_factory=list)

    def number(self, leaf: str) -> int | None:
        """A count; None where it is absent or unreadable."""
        return self._read(leaf, values.number)

    def flag(self, leaf: str) -> bool | None:
        """A boolean; None where it is absent or unreadable."""
        return self._read(leaf, values.flag)

    def words(self, leaf: str) -> str:
        """Text without blanks around; empty where it is absent or unreadable."""
        return (self._read(leaf, values.words) or "").strip()

    def word(self, leaf: str, start: str, names: Sequence[str]) -> str | None:
        """The word of an enumeration; None where it is absent or unreadable."""
        return self._read(leaf, lambda value: values.enumerated(value, start, names))

    def instant(self, name: FactName, leaf: str) -> Iterator[Told]:
        """The fact of a time; the epoch is told as None: there is no such time."""
        if leaf in self.leaves:
            before = len(self.spoilt)
            told = self._read(leaf, values.instant)
            if len(self.spoilt) == before:
                yield Told(name, told, text=str(self.leaves[leaf])[:64])

    def _read(self, leaf: str, read: Callable[[Scalar], _Read]) -> _Read | None:
        if leaf not in self.leaves:
            return None
        try:
            return read(self.leaves[leaf])
        except ParseError as error:
            if len(self.spoilt) < _MOST_SPOILT:
                self.spoilt.append(error.reason)
            return None


Tell = Callable[[Branch], Iterator[Said]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A YANG module as far as it is understood."""

    owners: frozenset[str]
    """Its name and its YANG prefix: what a path may name it by."""
    root: str
    branches: Mapping[Names, Tell]
    """Names from the root, root included -> what the container there tells."""
