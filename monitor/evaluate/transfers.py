"""Which virtual account may give licences to which, so that neither is short; pure.

An account needs what it uses, or what its forecast says for ninety days from now, whichever is
more. Giving never takes an account below its own need and a tenth of it in reserve, nor below any
of its last weeks. Who gives must be known to have it: what nobody counts is not unused, and where
sources disagree the lowest of them holds.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.domain.account import Forecast, Outlook, Statement, Transfer
from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import DAY
from monitor.domain.state import AccountState, Balance
from monitor.evaluate.ownership import COMPLIANT
from monitor.evaluate.wording import utc

NAME: Final = "license_transfer"
HORIZON: Final = 90 * DAY
RESERVE: Final = 0.1
LEAD: Final = 7 * DAY
"""Licences are to be there so long before they are needed."""
_WEEKS: Final = 12


@dataclass(slots=True)
class _Place:
    """One account and tag: what it needs, and what is left to give or to get."""

    state: AccountState
    balance: Balance
    need: int
    short: int
    spare: int
    by: float


def transfers(states: Sequence[AccountState], now: float) -> tuple[Transfer, ...]:
    """What to move within each smart account, the most urgent first; what no one has, to buy.

    Accounts whose smart account is not known take no part.
    """
    groups: defaultdict[tuple[str, str], list[_Place]] = defaultdict(list)
    for state in states:
        if state.account.smart_account:
            for balance in state.balances:
                if balance.purchased is not None:
                    key = (state.account.smart_account, balance.tag)
                    groups[key].append(_place(state, balance, now))
    found = [one for (smart, tag), its in groups.items() for one in _moved(smart, tag, its, now)]
    return tuple(sorted(found, key=_urgency))


def _urgency(move: Transfer) -> tuple[float, str, str, bool, str]:
    return (move.by, move.tag, move.taker, not move.giver, move.giver)


def _place(state: AccountState, balance: Balance, now: float) -> _Place:
    forecast = next((one for one in state.forecasts if one.tag == balance.tag), None)
    purchased = balance.purchased or 0
    need = _need(balance, forecast, now)
    return _Place(
        state=state,
        balance=balance,
        need=need,
        short=max(0, need - purchased),
        spare=_spare(state, balance, max(need, _seen(forecast)), forecast),
        by=_by(balance, forecast, now),
    )


def _spare(state: AccountState, balance: Balance, need: int, forecast: Forecast | None) -> int:
    statements = state.account.statements.get(balance.tag, ())
    if not _counted(balance) or any(one.status not in COMPLIANT for one in statements):
        return 0
    reserve = max(1, math.ceil(need * RESERVE)) if need else 0
    # Without a forecast nobody knows whether its need grows: it keeps twice the reserve.
    known = forecast is not None and forecast.outlook is not Outlook.TOO_LITTLE
    kept = need + (reserve if known else 2 * reserve)
    owned = [balance.purchased or 0, *(one.purchased for one in statements if one.purchased)]
    left = min(owned) - kept
    return max(0, min([left, *(_movable(one) for one in statements if one.purchased)]))


def _counted(balance: Balance) -> bool:
    """Whether anybody says what is used: 0 because nobody looked is unknown."""
    said = balance.said_in_use is not None or balance.measured is not None
    return said or bool(balance.in_use or balance.reported)


def _movable(said: Statement) -> int:
    """What CSSM would let go: neither in use nor reserved nor on its way."""
    if said.available is not None:
        return said.available
    return (said.purchased or 0) - (said.reserved or 0) - (said.pending or 0)


def _seen(forecast: Forecast | None) -> int:
    """The highest of the last weeks: a quiet week is no reason to give the rest away."""
    if forecast is None:
        return 0
    weeks = [week.licenses for week in forecast.weeks[-_WEEKS:]]
    return max(weeks, default=0) + forecast.others


def _need(balance: Balance, forecast: Forecast | None, now: float) -> int:
    # What a device reported but CSSM has not counted yet will be counted soon.
    need = max(balance.in_use, balance.reported, balance.measured or 0)
    ahead = forecast.licenses_at(now + HORIZON) if forecast is not None else None
    return max(need, math.ceil(ahead)) if ahead is not None else need


def _by(balance: Balance, forecast: Forecast | None, now: float) -> float:
    if (balance.balance or 0) < 0 or forecast is None or forecast.zero_at is None:
        return now
    return max(now, forecast.zero_at - LEAD)


def _moved(smart: str, tag: str, places: Sequence[_Place], now: float) -> Iterator[Transfer]:
    takers = sorted((one for one in places if one.short), key=lambda one: (one.by, -one.short))
    for taker in takers:
        givers = sorted(
            (one for one in places if one.spare and not one.short),
            key=lambda one: (-one.spare, one.state.account.name),
        )
        for giver in givers:
            count = min(giver.spare, taker.short)
            if count:
                giver.spare -= count
                taker.short -= count
                yield _transfer(smart, tag, giver, taker, count)
        if taker.short:
            yield _transfer(smart, tag, None, taker, taker.short)


def _transfer(smart: str, tag: str, giver: _Place | None, taker: _Place, count: int) -> Transfer:
    return Transfer(
        smart_account=smart,
        tag=tag,
        giver="" if giver is None else giver.state.account.name,
        taker=taker.state.account.name,
        count=count,
        by=taker.by,
        short_now=(taker.balance.balance or 0) < 0,
        giver_left=None if giver is None else giver.spare,
    )


def advice(moves: Sequence[Transfer], now: float) -> Mapping[str, tuple[Finding, ...]]:
    """By the account that takes: one finding a tag, for information."""
    by_taker: defaultdict[tuple[str, str], list[Transfer]] = defaultdict(list)
    for move in moves:
        by_taker[move.taker, move.tag].append(move)
    found: defaultdict[str, list[Finding]] = defaultdict(list)
    for (taker, tag), its in by_taker.items():
        found[taker].append(_finding(taker, tag, its, now))
    return {taker: tuple(findings) for taker, findings in found.items()}


def _finding(taker: str, tag: str, moves: Sequence[Transfer], now: float) -> Finding:
    total = sum(one.count for one in moves)
    first = moves[0]
    lack = "is short of" if first.short_now else "will be short of"
    return Finding(
        rule=NAME,
        step=tag,
        subject=taker,
        severity=Severity.INFO,
        why=f"{taker} {lack} {total} {tag} within {HORIZON // DAY} days.",
        next=" ".join(words(one, now) for one in moves),
    )


def words(move: Transfer, now: float) -> str:
    """One transfer in plain words."""
    when = "now" if move.by <= now else f"by {utc(move.by)}"
    if not move.giver:
        return (
            f"Buy {move.count} {move.tag} for {move.taker} {when}: no other account can spare it."
        )
    return (
        f"In CSSM, move {move.count} {move.tag} from {move.giver} to {move.taker} {when};"
        f" {move.giver} keeps {move.giver_left} above its own need and reserve."
    )
