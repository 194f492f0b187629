"""`pairs:` of the configuration file: which devices take over from each other, and when."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from monitor.domain.instants import instant
from monitor.domain.pair import NeedProfile, Pair
from monitor.errors import ReadingError


def _moment(value: Any) -> Any:
    # YAML reads a day as a date, and a time with a zone as UTC without its zone.
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).timestamp()
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC).timestamp()
    if not isinstance(value, str):
        return value
    try:
        return instant(value)
    except ReadingError as error:
        raise ValueError(str(error)) from error


Moment = Annotated[float, BeforeValidator(_moment)]
"""Seconds since 1970 UTC; written as a day or as RFC 3339."""


class PairConfig(BaseModel):
    """One pair: two devices box to box, or one device with two processors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=200, pattern=r"^[^/\s][^/]*$")
    members: tuple[str, ...] = Field(min_length=1, max_length=2)
    need: NeedProfile = NeedProfile.SEPARATE
    since: Moment | None = None
    until: Moment | None = None

    def pair(self) -> Pair:
        """The domain's pair."""
        return Pair(
            name=self.name,
            members=self.members,
            need=self.need,
            since=self.since,
            until=self.until,
        )


def check_pairs(pairs: Iterable[PairConfig], devices: Iterable[str]) -> None:
    """ValueError where a pair names no device, or a device would be in two pairs at once."""
    known = frozenset(devices)
    checked: list[PairConfig] = []
    for pair in pairs:
        strange = next((member for member in pair.members if member not in known), None)
        if strange is not None:
            raise ValueError(f"pair {pair.name!r}: {strange!r} is no name under `devices`")
        if len(set(pair.members)) < len(pair.members):
            raise ValueError(f"pair {pair.name!r}: its members are one device")
        if pair.name in known and pair.members != (pair.name,):
            raise ValueError(f"{pair.name!r} names both a pair and a device")
        for other in checked:
            _check_apart(pair, other)
        checked.append(pair)


def _check_apart(pair: PairConfig, other: PairConfig) -> None:
    begin = max(pair.since or 0.0, other.since or 0.0)
    end = min(_end(pair), _end(other))
    shared = sorted(set(pair.members) & set(other.members))
    if shared and begin < end:
        raise ValueError(
            f"{shared[0]!r} is in the pairs {other.name!r} and {pair.name!r} at the same time;"
            " give `since` and `until`"
        )
    if pair.name == other.name and begin < end:
        raise ValueError(f"two pairs are called {pair.name!r}")


def _end(pair: PairConfig) -> float:
    return float("inf") if pair.until is None else pair.until
