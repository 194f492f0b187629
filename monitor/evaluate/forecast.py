"""The day on which a balance reaches 0, from the weekly peaks of an account's consumers.

The method is plain on purpose: for each week the highest measured licences of every consumer are
added up; a robust line through the last twelve such weeks is drawn on; where it meets what was
purchased, the balance is 0. Where the weeks do not rise more than by chance, no day is given. The
same method, applied to the past, says how far it was off.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from monitor.domain.account import WEEK, Backtest, Forecast, Outlook, WeekUse
from monitor.domain.measurement import WEAK_BELOW, Measurement
from monitor.domain.state import Account, Balance, DeviceState, PairState
from monitor.domain.tags import TRUNK_TAGS
from monitor.evaluate.accounts import Consumer, consumers_of, owned_tag
from monitor.evaluate.trend import Line, rises, theil_sen
from monitor.evaluate.wording import utc

WINDOW: Final = 12
"""Weeks through which the line is drawn."""
FEWEST: Final = 6
"""With fewer weeks nothing is said."""
HISTORY: Final = 26
"""Weeks that are looked at, for the errors of the past."""
FARTHEST: Final = 52
"""Weeks ahead beyond which a day would be a fancy."""
_AHEAD: Final = (1, 2, 4, 8)
_HALF: Final = 2

TagWeeks = Mapping[str, Mapping[int, int]]
"""Tag -> number of the week since 1970 -> highest licences measured in it."""
WeeksOf = Callable[[str], TagWeeks]
"""By device."""


def weekly_peaks(measurements: Iterable[Measurement]) -> TagWeeks:
    """The highest measurement of each tag and week, of one device; weak ones say too little."""
    weeks: dict[str, dict[int, int]] = {}
    for one in measurements:
        if one.count is None or one.minute_coverage < WEAK_BELOW or one.tag not in TRUNK_TAGS:
            continue
        of_tag = weeks.setdefault(one.tag, {})
        week = (one.end - 1) // WEEK
        of_tag[week] = max(one.count, of_tag.get(week, one.count))
    return weeks


def forecasts_of(
    account: Account,
    balances: Sequence[Balance],
    devices: Sequence[DeviceState],
    pairs: Sequence[PairState],
    *,
    weeks_of: WeeksOf,
    now: float,
) -> tuple[Forecast, ...]:
    """A forecast for each tag of which something was purchased and something measured."""
    consumers = [_consumer_weeks(account, one, weeks_of) for one in consumers_of(devices, pairs)]
    found = []
    for balance in balances:
        series = [weeks[balance.tag] for weeks in consumers if weeks.get(balance.tag)]
        if balance.purchased and series:
            found.append(forecast(balance, account_weeks(series, now), now))
    return tuple(found)


def _consumer_weeks(account: Account, consumer: Consumer, weeks_of: WeeksOf) -> TagWeeks:
    """By the tag that is owned; a pair counts with the higher of its members, once."""
    weeks: dict[str, dict[int, int]] = {}
    for state in consumer.all_members:
        for tag, its in weeks_of(state.device.id).items():
            owned = weeks.setdefault(owned_tag(account, tag, box_to_box=consumer.box_to_box), {})
            for week, count in its.items():
                # In the week of an upgrade one need is measured under two tags.
                owned[week] = max(count, owned.get(week, count))
    return weeks


def account_weeks(consumers: Sequence[Mapping[int, int]], now: float) -> tuple[WeekUse, ...]:
    """Weekly sums over consumers, of the weeks that are over.

    A consumer that was not measured in a week counts with its week before, or with its first one:
    coming under watch is no growth. A week in which fewer than half were measured is left out.
    """
    last = int(now // WEEK) - 1
    first = max(min(min(weeks) for weeks in consumers), last - HISTORY + 1)
    return tuple(
        week
        for number in range(first, last + 1)
        if (week := _week(consumers, number)).measured * _HALF >= len(consumers)
    )


def _week(consumers: Sequence[Mapping[int, int]], number: int) -> WeekUse:
    return WeekUse(
        start=number * WEEK,
        licenses=sum(_nearest(weeks, number) for weeks in consumers),
        measured=sum(number in weeks for weeks in consumers),
        consumers=len(consumers),
    )


def _nearest(weeks: Mapping[int, int], number: int) -> int:
    before = [week for week in weeks if week <= number]
    return weeks[max(before) if before else min(weeks)]


def forecast(balance: Balance, weeks: Sequence[WeekUse], now: float) -> Forecast:
    """When `balance` reaches 0 by these weeks, the newest last."""
    used = tuple(weeks[-WINDOW:])
    ours = max(balance.consumers, used[-1].licenses if used else 0)
    others = max(0, (balance.said_in_use or 0) - ours)
    said = Forecast(
        account=balance.account,
        tag=balance.tag,
        outlook=Outlook.TOO_LITTLE,
        others=others,
        weeks=tuple(weeks),
        why=f"Only {len(used)} weeks were measured; {FEWEST} are needed.",
    )
    if len(used) < FEWEST:
        return said
    return _drawn(said, balance, _line(used), now)


def _drawn(said: Forecast, balance: Balance, line: Line | None, now: float) -> Forecast:
    used, backtests = said.weeks[-WINDOW:], _backtests(said.weeks)
    outlook, zero = _outlook(balance, line, used, said.others, now)
    flat = line is None
    level = _highest(used) if line is None else line.at(_place(used[-1]))
    rising = outlook is Outlook.RISING and line is not None and zero is not None
    return Forecast(
        account=said.account,
        tag=said.tag,
        outlook=outlook,
        zero_at=zero if rising else None,
        earliest=_earlier(zero, line, backtests, now) if rising else None,
        per_week=None if flat else line.slope if line else None,
        level=level + said.others,
        others=said.others,
        weeks=said.weeks,
        backtests=backtests,
        why=_why(outlook, line, used, zero, balance),
    )


def _place(week: WeekUse) -> float:
    """Its middle, in weeks since 1970."""
    return week.start / WEEK + 0.5


def _points(weeks: Sequence[WeekUse]) -> list[tuple[float, float]]:
    return [(_place(week), week.licenses) for week in weeks]


def _line(weeks: Sequence[WeekUse]) -> Line | None:
    """None where the weeks do not rise more than by chance."""
    points = _points(weeks)
    line = theil_sen(points)
    return line if line.slope > 0 and rises(points) else None


def _highest(weeks: Sequence[WeekUse]) -> float:
    return float(max(week.licenses for week in weeks))


def _outlook(
    balance: Balance, line: Line | None, used: Sequence[WeekUse], others: int, now: float
) -> tuple[Outlook, float | None]:
    if balance.balance is not None and balance.balance <= 0:
        return Outlook.REACHED, None
    if line is None:
        return Outlook.NO_TREND, None
    purchased = (balance.purchased or 0) - others
    zero = (purchased - line.level) / line.slope * WEEK
    if zero > used[-1].start + FARTHEST * WEEK:
        return Outlook.FAR_OFF, None
    return Outlook.RISING, max(zero, now)


def _earlier(
    zero: float | None, line: Line | None, backtests: Sequence[Backtest], now: float
) -> float | None:
    if zero is None or line is None or not backtests:
        return None
    return max(now, zero - backtests[-1].mean_error / line.slope * WEEK)


def _backtests(weeks: Sequence[WeekUse]) -> tuple[Backtest, ...]:
    tests = (_backtest(weeks, ahead) for ahead in _AHEAD)
    return tuple(test for test in tests if test is not None)


def _backtest(weeks: Sequence[WeekUse], ahead: int) -> Backtest | None:
    """Stand before each week in turn and look so many weeks ahead with what was known then."""
    by_start = {week.start: week for week in weeks}
    cases = []
    for came in weeks:
        known = [week for week in weeks if week.start <= came.start - ahead * WEEK][-WINDOW:]
        if len(known) >= FEWEST and known[-1].start == came.start - ahead * WEEK:
            cases.append((_said(known, _place(by_start[came.start])), came.licenses))
    if not cases:
        return None
    errors = [said - licenses for said, licenses in cases]
    return Backtest(
        weeks_ahead=ahead,
        cases=len(cases),
        mean_error=sum(map(abs, errors)) / len(errors),
        bias=sum(errors) / len(errors),
        last_said=cases[-1][0],
        last_came=cases[-1][1],
    )


def _said(known: Sequence[WeekUse], place: float) -> float:
    line = _line(known)
    return _highest(known) if line is None else line.at(place)


def _why(
    outlook: Outlook,
    line: Line | None,
    used: Sequence[WeekUse],
    zero: float | None,
    balance: Balance,
) -> str:
    span = f"weekly peaks of {len(used)} weeks, {used[0].licenses} to {used[-1].licenses} licences"
    if outlook is Outlook.REACHED:
        return f"The balance is {balance.balance} already ({span})."
    if line is None:
        return f"The {span} do not rise more than by chance; no day is given."
    rise = f"The {span} rise by {line.slope:.1f} a week (median of all pairs of weeks)"
    if zero is None:
        return f"{rise}; {balance.purchased} purchased last for more than {FARTHEST} weeks."
    return f"{rise} and meet the {balance.purchased} purchased on {utc(zero)}."
