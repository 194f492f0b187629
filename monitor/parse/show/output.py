"""What reading gives: outputs with typed data, their JSON, and what they tell as facts."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from re import Pattern
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from monitor.domain.facts import FactKind, FactName, Value
from monitor.domain.instants import rfc3339
from monitor.parse.show.instants import Instant
from monitor.parse.show.page import Page, Unparsed

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


class Data(_Dataclass, Protocol):
    """Typed data of one command: a frozen dataclass with what was not understood."""

    @property
    def unparsed(self) -> Unparsed:
        """Lines nobody understood."""
        ...


class Told(NamedTuple):
    """One statement of an output, before it has a device and times."""

    name: FactName
    value: Value
    key: str = ""
    bound: bool = False
    text: str = ""
    kind: FactKind = FactKind.EXACT


D = TypeVar("D", bound=Data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Generic[D]):
    """A `show` command: how it is recognised, read, and what it tells."""

    name: str
    marks: frozenset[str] = frozenset()
    """Normal labels by which a line shows that it belongs here."""
    titles: frozenset[str] = frozenset()
    """The same for headings: they count only without a value behind them."""
    begins: str = ""
    """The mark with which an output of this command starts, where it always does."""
    patterns: Sequence[Pattern[str]] = ()
    """Marks that are not a fixed label."""
    read: Callable[[Page], D]
    tell: Callable[[D], Iterator[Told]]


AnyCommand = Command[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowOutput:
    """The output of one command, read."""

    command: str
    data: Data
    warnings: tuple[str, ...] = ()
    host: str = ""
    """The name in the prompt or in the output; empty where neither says one."""
    clock: Instant | None = None
    """The device's own time when it printed this, where it says so."""
    zones: Mapping[str, tuple[int, str]] = dataclasses.field(default_factory=dict)
    """Zone words the paste explained -> (seconds east of UTC, by what)."""

    @property
    def said(self) -> bool:
        """Whether anything at all was understood."""
        return any(
            getattr(self.data, field.name) not in (None, (), {})
            for field in dataclasses.fields(self.data)
            if field.name != "unparsed"
        )

    def as_json(self) -> dict[str, Json]:
        """`{"command", "data", "warnings"}`; a missing section or value is null."""
        return {
            "command": self.command,
            "data": plain(self.data),
            "warnings": list(self.warnings),
        }


def plain(value: object) -> Json:
    """JSON of typed data.

    An Instant is `{"utc", "text"}`, null where the device says none; an empty text is what the
    device leaves empty, and null too.
    """
    if isinstance(value, Instant):
        return _instant(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _object(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value) or None


def _object(value: _Dataclass) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for field in dataclasses.fields(value):
        item = plain(_present(getattr(value, field.name), field.metadata.get("empty")))
        # The data of a smaller command inside a larger one's keep their names.
        found |= (
            item
            if field.metadata.get("flat") and isinstance(item, dict)
            else {field.metadata.get("json", field.name): item}
        )
    return found


def _present(value: object, empty: Callable[[], object] | None) -> object:
    return empty() if value is None and empty is not None else value


def _instant(value: Instant) -> Json:
    if value.none:
        return None
    return {"utc": None if value.utc is None else rfc3339(value.utc), "text": value.text}


def instant(name: FactName, value: Instant | None, key: str = "") -> Iterator[Told]:
    """The statement of a time; none where its line is missing."""
    if value is not None:
        bound = value.utc is None and not value.none
        yield Told(name, value.earliest, key, bound, value.text)


def words(name: FactName, value: str | None, key: str = "") -> Iterator[Told]:
    """The statement of a text as printed; its value is None where the device says there is none."""
    if value is not None:
        yield Told(name, value or None, key, text=value)


def count(name: FactName, value: int | None, key: str = "") -> Iterator[Told]:
    """The statement of a number or of yes and no; none where its line is missing."""
    if value is not None:
        yield Told(name, value, key)


def underscored(status: str) -> str:
    """`OUT OF COMPLIANCE` as fact values write it: `out_of_compliance`."""
    return "_".join(status.lower().replace("-", " ").split())
