"""Forecasts of balances and advised transfers as the API shows them."""

from monitor.domain.account import Forecast, Transfer
from monitor.expose.views.view import View, moment


class WeekView(View):
    """Licences that all consumers of an account needed in one week."""

    start: str | None
    licenses: int
    measured: int
    """Consumers that were measured; the others count with their nearest week."""
    consumers: int


class BacktestView(View):
    """What the method would have said so many weeks before, against what came."""

    weeks_ahead: int
    cases: int
    mean_error: float
    """How far it was off, in licences, on average."""
    bias: float
    """Mean of said minus came."""
    last_said: float
    last_came: int


class ForecastView(View):
    """When the balance of a tag reaches 0."""

    tag: str
    outlook: str
    """rising, reached, no_trend, far_off, too_little; only `rising` names a day."""
    zero: str | None
    earliest: str | None
    """The same, were the line off by as much as it was before."""
    per_week: float | None
    """Licences by which the line rises in a week; null without a trend."""
    others: int
    """Licences that CSSM counts beyond the devices we know, taken to stay."""
    why: str
    weeks: list[WeekView]
    backtests: list[BacktestView]


class TransferView(View):
    """Licences this account should get from another one of its smart account."""

    tag: str
    giver: str
    """Empty where no account can spare them: buy."""
    count: int
    by: str | None
    short_now: bool
    giver_left: int | None
    """What the giver keeps above its own need and reserve."""


def forecast_view(forecast: Forecast) -> ForecastView:
    """One tag's."""
    return ForecastView(
        tag=forecast.tag,
        outlook=forecast.outlook.value,
        zero=moment(forecast.zero_at),
        earliest=moment(forecast.earliest),
        per_week=forecast.per_week,
        others=forecast.others,
        why=forecast.why,
        weeks=[
            WeekView(
                start=moment(one.start),
                licenses=one.licenses,
                measured=one.measured,
                consumers=one.consumers,
            )
            for one in forecast.weeks
        ],
        backtests=[
            BacktestView(
                weeks_ahead=one.weeks_ahead,
                cases=one.cases,
                mean_error=one.mean_error,
                bias=one.bias,
                last_said=one.last_said,
                last_came=one.last_came,
            )
            for one in forecast.backtests
        ],
    )


def transfer_view(transfer: Transfer) -> TransferView:
    """One move."""
    return TransferView(
        tag=transfer.tag,
        giver=transfer.giver,
        count=transfer.count,
        by=moment(transfer.by),
        short_now=transfer.short_now,
        giver_left=transfer.giver_left,
    )
