"""Virtual accounts as metrics: purchased, in use and what is left by tag."""

from collections.abc import Callable, Iterator
from typing import Final

from monitor.domain.state import Balance, FleetSnapshot
from monitor.expose.family import Family, Sample, word


def _balance(name: str, help_: str, value: Callable[[Balance], int | None], /) -> Family:
    def samples(fleet: FleetSnapshot) -> Iterator[Sample]:
        for state in fleet.accounts:
            for balance in state.balances:
                known = value(balance)
                if known is not None:
                    yield (word(balance.account), balance.tag), known

    return Family(name=name, help=help_, labels=("account", "tag"), samples=samples)


def _unmapped(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.accounts:
        if state.account.statements or state.account.unmapped:
            yield (word(state.account.name),), len(state.account.unmapped)


def _zero(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.accounts:
        for forecast in state.forecasts:
            if forecast.zero_at is not None:
                yield (word(forecast.account), forecast.tag), forecast.zero_at


ACCOUNT_FAMILIES: Final = (
    _balance(
        "cube_account_purchased",
        "Licences bought for a virtual account.",
        lambda balance: balance.purchased,
    ),
    _balance(
        "cube_account_in_use",
        "Licences in use in a virtual account.",
        lambda balance: balance.in_use,
    ),
    _balance(
        "cube_account_balance",
        "Purchased minus in use; negative where licences are missing.",
        lambda balance: balance.balance,
    ),
    Family(
        name="cube_account_balance_zero_timestamp_seconds",
        help="When the balance reaches 0; absent where no day can be told.",
        labels=("account", "tag"),
        samples=_zero,
    ),
    Family(
        name="cube_account_unmapped_names",
        help="Licences in an account's inventories whose name stands for no known tag.",
        labels=("account",),
        samples=_unmapped,
    ),
)
