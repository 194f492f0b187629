"""Variable bindings by object identifier: numbers, texts and table rows, absent values left out."""

from collections.abc import Iterator, Sequence
from typing import Final

from monitor.wire import SnmpValue

_LONGEST_TEXT: Final = 255


class Bindings:
    """The values of one report. Where an identifier comes twice, the last one counts."""

    def __init__(self, varbinds: Sequence[tuple[str, SnmpValue]]) -> None:
        self._values = dict(varbinds)

    def number(self, oid: str) -> int | None:
        """A whole number; None where it is absent or something else."""
        value = self._values.get(oid)
        return value if isinstance(value, int) else None

    def text(self, oid: str) -> str | None:
        """Octets as text, bounded, without blanks around; None where absent or something else."""
        value = self._values.get(oid)
        if not isinstance(value, bytes):
            return None
        return value.decode("utf-8", "replace").strip("\0 \t\r\n")[:_LONGEST_TEXT]

    def column(self, oid: str) -> Iterator[str]:
        """Row indices of a table's column that have a value, as in the report's order."""
        prefix = oid + "."
        for name, value in self._values.items():
            if name.startswith(prefix) and isinstance(value, int | bytes):
                yield name[len(prefix) :]

    def first_number(self, column: str) -> int | None:
        """The number of whichever row comes first: notifications name their rows."""
        row = next(self.column(column), None)
        return None if row is None else self.number(f"{column}.{row}")

    def first_text(self, column: str) -> str | None:
        """The text of whichever row comes first."""
        row = next(self.column(column), None)
        return None if row is None else self.text(f"{column}.{row}")


class Words:
    """Names of an enumeration; a number that is not in it is `unknown(n)`."""

    def __init__(self, names: dict[int, str]) -> None:
        self._names = names

    def __call__(self, number: int) -> str:
        return self._names.get(number, f"unknown({number})")
