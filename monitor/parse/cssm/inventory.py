"""What CSSM or SSM On-Prem says of licences and product instances, each number as it was said."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final

from monitor.domain.instants import instant
from monitor.errors import ReadingError

LONGEST_WORD: Final = 200
MOST_ROWS: Final = 100_000
LARGEST: Final = 32 << 20
_LARGEST_COUNT: Final = 10**12
_MILLISECONDS: Final = 10**11
_WHOLE: Final = re.compile(r"[+-]?\d{1,15}(?:[.,]0{1,2})?")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:[., '\u00a0\u202f\u2019]\d{3}){1,4}(?:[.,]0{1,2})?")
_NOT_SAID: Final = frozenset({"", "-", "--", "\u2013", "\u2014", "n/a", "na", "none", "null"})


class Shape(StrEnum):
    """How an inventory was written; each is a source of its own, so that none is counted twice."""

    CSV = "cssm_csv"
    LICENSES = "cssm_licenses"
    """`v1/accounts/{sa}/licenses`."""
    SUMMARY = "cssm_summary"
    """`v3/licenses/summary`."""
    DEVICES = "cssm_devices"
    """`v1/accounts/{sa}/devices`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Licences, each as said and None where not said: balance and available follow no formula."""

    purchased: int | None = None
    in_use: int | None = None
    available: int | None = None
    reserved: int | None = None
    pending: int | None = None
    balance: int | None = None

    def plus(self, other: "Counts") -> "Counts":
        """Both together, as for two terms of one licence."""
        sums = {one.name: _added(self, other, one.name) for one in fields(Counts)}
        return Counts(**sums)


def _added(one: Counts, other: Counts, name: str) -> int | None:
    first, second = getattr(one, name), getattr(other, name)
    return None if first is None and second is None else (first or 0) + (second or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One licence of one virtual account."""

    account: str
    name: str
    """CSSM's display name, or the tag where it says that."""
    counts: Counts
    status: str = ""
    """in_compliance, out_of_compliance, ...; empty where not said."""
    title: str = ""
    """The display name where `name` is a tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductInstance:
    """One device as CSSM lists it."""

    account: str
    host_name: str
    pid: str
    serial: str
    counts: Mapping[str, int]
    """CSSM's name of a licence -> licences it counts for the device."""
    status: str = ""
    last_contact: float | None = None

    @property
    def udi(self) -> str:
        """`PID:<pid>,SN:<sn>`; empty where there is no serial number."""
        return f"PID:{self.pid},SN:{self.serial}" if self.serial else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """One row that was not taken: its line or number (from 1), and why with the key."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """One file or answer, read."""

    shape: Shape
    lines: tuple[Line, ...] = ()
    devices: tuple[ProductInstance, ...] = ()
    refused: tuple[Refused, ...] = ()
    """The first of the rows that were not taken."""
    refused_rows: int = 0
    smart_account: str = ""


@dataclass(slots=True)
class Refusals:
    """Counts all, keeps the first."""

    most: int = 20
    count: int = 0
    kept: list[Refused] = field(default_factory=list)

    def add(self, row: int, reason: str) -> None:
        """Note one."""
        self.count += 1
        if len(self.kept) < self.most:
            self.kept.append(Refused(row=row, reason=reason[:LONGEST_WORD]))


def whole(said: object, key: str) -> int | None:
    """A whole number as exports and answers write it; None where none is said.

    Raises ReadingError naming the key for what is no whole number.
    """
    if said is None:
        return None
    if isinstance(said, int | float) and not isinstance(said, bool):
        return _bounded(said, key)
    text = str(said).strip() if isinstance(said, str) else repr(said)
    if text.casefold() in _NOT_SAID:
        return None
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1].strip()}"
    # Licences are whole: 1.000 and 1,000 are a thousand, wherever it was written.
    if _GROUPED.fullmatch(text) or _WHOLE.fullmatch(text):
        return int(re.sub(r"[^\d+-]", "", re.sub(r"[.,]0{1,2}$", "", text)))
    raise ReadingError(f"{key}: {text[:40]!r} is no whole number")


def _bounded(said: float, key: str) -> int:
    if said != said // 1 or abs(said) > _LARGEST_COUNT:
        raise ReadingError(f"{key}: {said!r} is no whole number of licences")
    return int(said)


def at_least_0(said: object, key: str) -> int | None:
    """The same where a negative number makes no sense."""
    number = whole(said, key)
    if number is not None and number < 0:
        raise ReadingError(f"{key}: {number} is negative")
    return number


def word(said: object) -> str:
    """One printable, bounded line."""
    text = " ".join(str(said).split()) if isinstance(said, str | int) else ""
    return "".join(one if one.isprintable() else " " for one in text[:LONGEST_WORD]).strip()


def worse_status(one: str, other: str) -> str:
    """The worse word of two rows that are about one licence."""
    return other if one in {"", "in_compliance"} and other else one


def status_word(said: object) -> str:
    """`Out Of Compliance` -> out_of_compliance, whatever its case."""
    return re.sub(r"[^a-z0-9]+", "_", word(said).casefold()).strip("_")


def moment(said: object) -> float | None:
    """Seconds since 1970 UTC of an ISO time with its zone, or of epoch milliseconds; else None."""
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return None
    number = said / 1000 if isinstance(said, int | float) and said > _MILLISECONDS else said
    try:
        return instant(str(number))
    except ReadingError:
        return None
