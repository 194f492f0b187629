"""A virtual account uses more licences of a tag than were bought."""

import math
from collections.abc import Iterator
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.state import Balance
from monitor.domain.tags import TAGS, kind_of
from monitor.evaluate.accounts import AccountCase
from monitor.evaluate.promql.balance import short as open_shortage
from monitor.evaluate.rule import Condition, Rule, Scope

NAME: Final = "insufficient_licenses"
ONLY_HOLDS: Final = math.inf
"""Seconds to wait before opening: for ever. Such a finding keeps open what is open."""


def find(case: AccountCase) -> Iterator[Finding]:
    """Below 0 it is raised; at 0 it raises nothing, but holds what is open."""
    for balance in case.balances:
        left = balance.balance
        if left is not None and (left < 0 or (left == 0 and balance.in_use)):
            yield _finding(case, balance, left)


def severity_of(tag: str) -> Severity:
    """Licences that are not of CUBE, of the platform for one, are for information."""
    return Severity.INFO if kind_of(tag) is None else Severity.WARNING


def _finding(case: AccountCase, balance: Balance, left: int) -> Finding:
    short = left < 0
    return Finding(
        rule=NAME,
        step=balance.tag,
        subject=case.account.name,
        severity=severity_of(balance.tag),
        why=_why(balance, left),
        next=(
            f"Buy or move {abs(left) or 1} more {balance.tag} into this virtual account"
            " in CSSM, or find the router that uses more than planned."
        ),
        devices=balance.devices,
        raise_after=case.limits.balance_raise_seconds if short else ONLY_HOLDS,
    )


def _why(balance: Balance, left: int) -> str:
    numbers = f"{balance.in_use} in use, {balance.purchased} purchased"
    state = "below 0" if left < 0 else "0, held until above 0"
    asked = f" It is asked for as {', '.join(balance.asked)}, too." if balance.asked else ""
    return (
        f"Insufficient licences of {balance.tag} in {balance.account}: {numbers}, balance"
        f" {left} ({state}). Calls do not stop for this.{asked}"
    )


_KNOWN: Final = "|".join(sorted(TAGS))

RULE: Final = Rule(
    name=NAME,
    scope=Scope.ACCOUNT,
    summary="More licences in use than purchased",
    runbook="insufficient-licenses",
    steps=(),
    find=find,
    next="Buy or move licences in CSSM, or find the router that uses more than planned.",
    promql=(
        Condition(
            expr=open_shortage(f'tag!~"{_KNOWN}"'), severity=Severity.INFO, subject="account"
        ),
        Condition(
            expr=open_shortage(f'tag=~"{_KNOWN}"'), severity=Severity.WARNING, subject="account"
        ),
    ),
)
