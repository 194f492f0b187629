"""Virtual accounts as the API shows them: what each source says, and what is left."""

from collections.abc import Iterable

from monitor.domain.account import Statement
from monitor.domain.state import Account, AccountState, Balance
from monitor.expose.views.forecast import (
    ForecastView,
    TransferView,
    forecast_view,
    transfer_view,
)
from monitor.expose.views.view import View, moment


class StatementView(View):
    """What one source says of one licence; null for what it does not say."""

    source: str
    """config, cssm_csv, cssm_licenses, cssm_summary."""
    time: str | None
    """When it was so."""
    names: list[str]
    purchased: int | None
    in_use: int | None
    available: int | None
    reserved: int | None
    pending: int | None
    balance: int | None
    status: str
    """in_compliance, out_of_compliance, ...; empty where not said."""


class BalanceView(View):
    """Licences of one tag in a virtual account."""

    tag: str
    """The tag that is owned; the one that is asked for where none is."""
    asked: list[str]
    """Other tags under which the same need is counted."""
    purchased: int | None
    """By the newest source; null where nobody says."""
    in_use: int
    """As CSSM would count: the higher of `consumers` and `said_in_use`."""
    balance: int | None
    """Purchased minus in use; negative where licences are missing, null where not known."""
    consumers: int
    """What the devices add up to: their last acknowledged reports, else their latest counts."""
    said_in_use: int | None
    """CSSM's own newest number."""
    reported: int
    """What the devices reported last, acknowledged or not."""
    measured: int | None
    """What was measured for their last periods; weak measurements are left out."""
    devices: list[str]
    profiles: list[str]
    """How `consumers` came about: cssm, acknowledged, reported, static-capacity."""
    sources: list[StatementView]
    """The newest first; the first that says `purchased` holds."""
    disputed: bool
    """Sources disagree on what was purchased."""


class UnmappedView(View):
    """A licence whose name stands for no known tag: kept and counted, but in no balance."""

    name: str
    sources: list[StatementView]


class AccountView(View):
    """One virtual account."""

    name: str
    smart_account: str
    balances: list[BalanceView]
    unmapped: list[UnmappedView]
    unknown_devices: int
    """Devices that CSSM lists in it and that are not watched."""
    forecasts: list[ForecastView]
    transfers: list[TransferView]


class AccountsView(View):
    """Virtual accounts."""

    now: str | None
    accounts: list[AccountView]


def account_view(state: AccountState) -> AccountView:
    """One account with its balances."""
    account = state.account
    return AccountView(
        name=account.name,
        smart_account=account.smart_account,
        balances=[_balance_view(account, each) for each in state.balances],
        unmapped=[
            UnmappedView(name=name, sources=_statements(its))
            for name, its in account.unmapped.items()
        ],
        unknown_devices=account.unknown_devices,
        forecasts=[forecast_view(one) for one in state.forecasts],
        transfers=[transfer_view(one) for one in state.transfers],
    )


def _balance_view(account: Account, balance: Balance) -> BalanceView:
    statements = account.statements.get(balance.tag, ())
    return BalanceView(
        tag=balance.tag,
        asked=list(balance.asked),
        purchased=balance.purchased,
        in_use=balance.in_use,
        balance=balance.balance,
        consumers=balance.consumers,
        said_in_use=balance.said_in_use,
        reported=balance.reported,
        measured=balance.measured,
        devices=list(balance.devices),
        profiles=list(balance.profiles),
        sources=_statements(statements),
        disputed=len({one.purchased for one in statements} - {None}) > 1,
    )


def _statements(statements: Iterable[Statement]) -> list[StatementView]:
    return [
        StatementView(
            source=one.source,
            time=moment(one.effective),
            names=list(one.names),
            purchased=one.purchased,
            in_use=one.in_use,
            available=one.available,
            reserved=one.reserved,
            pending=one.pending,
            balance=one.balance,
            status=one.status,
        )
        for one in statements
    ]
