"""Virtual accounts: as subjects of facts, and what several sources say of their licences."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

UNASSIGNED: Final = "unassigned"
"""The account of devices whose account is not known."""
CONFIGURED: Final = "config"
"""The source of what the configuration says."""
CSSM_SOURCE: Final = "cssm"
"""The source of what CSSM says about one device."""
_PREFIX: Final = "account:"


def account_subject(name: str) -> str:
    """The subject of facts about a virtual account."""
    return f"{_PREFIX}{name}"


def account_of(subject: str) -> str | None:
    """The virtual account a subject stands for; None where it is a device."""
    return subject.removeprefix(_PREFIX) if subject.startswith(_PREFIX) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one source says of one tag of an account; None for what it does not say."""

    source: str
    """`config`, or the shape of an inventory of CSSM."""
    effective: float
    """When it was so, seconds since 1970 UTC."""
    names: tuple[str, ...] = ()
    """The source's own words for the licence."""
    purchased: int | None = None
    in_use: int | None = None
    available: int | None = None
    reserved: int | None = None
    pending: int | None = None
    balance: int | None = None
    status: str = ""


WEEK: Final = 7 * 86_400
"""Weeks are counted from 1970-01-01, a Thursday, in UTC."""


class Outlook(StrEnum):
    """What the weekly peaks of an account's use say of its balance."""

    RISING = "rising"
    """The balance reaches 0 on a day."""
    REACHED = "reached"
    """It is 0 or below already."""
    NO_TREND = "no_trend"
    """The peaks do not rise more than by chance."""
    FAR_OFF = "far_off"
    """They rise, and the day lies too far ahead to be told."""
    TOO_LITTLE = "too_little"
    """Too few weeks were measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekUse:
    """Licences that all consumers of an account needed in one week, summed over their peaks."""

    start: int
    """Seconds since 1970 UTC."""
    licenses: int
    measured: int
    """Consumers that were measured in that week; the others count with their nearest week."""
    consumers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What the same method would have said so many weeks before, against what came."""

    weeks_ahead: int
    cases: int
    mean_error: float
    """Mean of how far it was off, in licences, either way."""
    bias: float
    """Mean of said minus came: above 0 it said too much."""
    last_said: float
    """For the newest week, in licences."""
    last_came: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """When the balance of one tag reaches 0, and on what that rests."""

    account: str
    tag: str
    outlook: Outlook
    zero_at: float | None = None
    """Seconds since 1970 UTC; only where the outlook is `rising`."""
    earliest: float | None = None
    """`zero_at`, moved forward by as much as the method was off before."""
    per_week: float | None = None
    """Licences by which the line rises in a week."""
    level: float | None = None
    """Licences of the line in the newest week, with `others`."""
    others: int = 0
    """Licences that CSSM counts beyond the devices we know, taken to stay as they are."""
    weeks: tuple[WeekUse, ...] = ()
    backtests: tuple[Backtest, ...] = ()
    why: str = ""

    def licenses_at(self, at: float) -> float | None:
        """What the line says for a moment; where there is no trend the highest week, else None."""
        if self.level is None or not self.weeks:
            return None
        if self.outlook is Outlook.NO_TREND or self.per_week is None:
            return max(week.licenses for week in self.weeks) + self.others
        return self.level + self.per_week * max(0.0, at - self.weeks[-1].start - WEEK / 2) / WEEK


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Licences to move between two virtual accounts of one smart account, or to buy."""

    smart_account: str
    tag: str
    giver: str
    """Empty: no account can spare them, so they are to be bought."""
    taker: str
    count: int
    by: float
    """Seconds since 1970 UTC; not after this they are needed."""
    short_now: bool
    giver_left: int | None = None
    """What the giver keeps above its own need and reserve."""
