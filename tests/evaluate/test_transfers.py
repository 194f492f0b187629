"""What to move between accounts of one smart account, and that no giver becomes short."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.account import WEEK, Forecast, Outlook, Statement, WeekUse
from monitor.domain.findings import Severity
from monitor.domain.instants import DAY
from monitor.domain.state import Account, AccountState, Balance
from monitor.evaluate import advised
from monitor.evaluate.transfers import LEAD, transfers, words

NOW = 1_780_000_000.0
TAG = "CUBE_T_STD"


def account(
    name: str, purchased: int | None, in_use: int, *, smart: str = "example", **more: object
) -> AccountState:
    forecast = more.pop("forecast", None)
    balance = Balance(
        account=name,
        tag=TAG,
        purchased=purchased,
        in_use=in_use,
        **more,  # type: ignore[arg-type]  # whole numbers all
    )
    return AccountState(
        account=Account(name=name, smart_account=smart),
        balances=(balance,),
        forecasts=(forecast,) if isinstance(forecast, Forecast) else (),
    )


def outlook(
    name: str, outlook: Outlook, level: float, per_week: float, days: float = 0
) -> Forecast:
    return Forecast(
        account=name,
        tag=TAG,
        outlook=outlook,
        zero_at=NOW + days * DAY if days else None,
        per_week=per_week,
        level=level,
        weeks=(WeekUse(start=int(NOW - WEEK), licenses=int(level), measured=1, consumers=1),),
    )


def moved(*states: AccountState) -> list[tuple[str, str, int]]:
    return [(one.giver, one.taker, one.count) for one in transfers(states, NOW)]


def test_an_account_that_is_short_gets_what_others_can_spare() -> None:
    short = account("EMEA", 50, 60)
    # Without a forecast a giver keeps a fifth of its need.
    assert moved(short, account("APAC", 100, 50)) == [("APAC", "EMEA", 10)]
    assert moved(short, account("APAC", 62, 50)) == [("APAC", "EMEA", 2), ("", "EMEA", 8)]
    assert moved(short, account("APAC", 60, 50)) == [("", "EMEA", 10)]
    unused = account("APAC", 70, 0, said_in_use=0)
    assert moved(short, unused, account("AMER", 60, 50)) == [("APAC", "EMEA", 10)]


def test_who_has_most_gives_first_and_the_others_help() -> None:
    states = [account("EMEA", 50, 100), account("APAC", 40, 10), account("AMER", 30, 10)]
    assert moved(*states) == [("AMER", "EMEA", 18), ("APAC", "EMEA", 28), ("", "EMEA", 4)]


def test_other_smart_accounts_and_unknown_ones_take_no_part() -> None:
    short = account("EMEA", 50, 60)
    assert moved(short, account("APAC", 100, 5, smart="other")) == [("", "EMEA", 10)]
    assert moved(account("EMEA", 50, 60, smart=""), account("APAC", 100, 5, smart="")) == []
    assert moved(short, account("APAC", None, 5)) == [("", "EMEA", 10)]


def test_a_shortage_that_is_forecast_has_a_date() -> None:
    rising = outlook("EMEA", Outlook.RISING, 45, 2, days=20)
    (move,) = transfers([account("EMEA", 50, 45, forecast=rising), account("APAC", 100, 5)], NOW)
    assert (move.giver, move.short_now, move.by) == ("APAC", False, NOW + 20 * DAY - LEAD)
    # Ninety days from now it needs 45 + 2 * 90 / 7 and a half week.
    assert move.count == 22
    soon = outlook("EMEA", Outlook.RISING, 45, 2, days=2)
    (now,) = transfers([account("EMEA", 50, 45, forecast=soon), account("APAC", 100, 5)], NOW)
    assert now.by == NOW


def test_a_giver_keeps_what_its_own_forecast_needs() -> None:
    short = account("EMEA", 50, 60)
    grows = outlook("APAC", Outlook.RISING, 60, 2, days=200)
    assert moved(short, account("APAC", 100, 60, forecast=grows)) == [
        ("APAC", "EMEA", 4),
        ("", "EMEA", 6),
    ]
    steady = outlook("APAC", Outlook.NO_TREND, 60, 0)
    assert moved(short, account("APAC", 100, 60, forecast=steady)) == [("APAC", "EMEA", 10)]
    # What it reported or we measured will be counted soon.
    assert moved(short, account("APAC", 100, 10, reported=95)) == [("", "EMEA", 10)]
    assert moved(short, account("APAC", 100, 10, measured=95)) == [("", "EMEA", 10)]


def test_what_nobody_counts_is_not_unused() -> None:
    """An account with purchases and without a router that we watch gives nothing."""
    short = account("EMEA", 50, 60)
    assert moved(short, account("APAC", 100, 0)) == [("", "EMEA", 10)]
    assert moved(short, account("APAC", 100, 0, measured=0)) == [("APAC", "EMEA", 10)]


def test_a_quiet_week_is_no_reason_to_give_the_rest_away() -> None:
    short = account("EMEA", 50, 60)
    few = outlook("APAC", Outlook.TOO_LITTLE, 0, 0)
    peaks = tuple(
        WeekUse(start=int(NOW - ago * WEEK), licenses=count, measured=1, consumers=1)
        for ago, count in ((3, 90), (2, 92), (1, 10))
    )
    quiet = replace(few, level=None, per_week=None, weeks=peaks)
    assert moved(short, account("APAC", 100, 10, forecast=quiet)) == [("", "EMEA", 10)]
    # A peak of the past is no shortage of its own.
    assert moved(account("APAC", 50, 10, forecast=quiet)) == []


def stated(state: AccountState, *statements: Statement) -> AccountState:
    return replace(state, account=replace(state.account, statements={TAG: statements}))


def test_only_what_cssm_would_let_go_is_moved() -> None:
    short, giver = account("EMEA", 50, 60), account("APAC", 100, 10)
    said = Statement(source="cssm_csv", effective=NOW, purchased=100, in_use=10)
    assert moved(short, stated(giver, said)) == [("APAC", "EMEA", 10)]
    few = replace(said, available=4)
    assert moved(short, stated(giver, few)) == [("APAC", "EMEA", 4), ("", "EMEA", 6)]
    reserved = replace(said, reserved=90, pending=3)
    assert moved(short, stated(giver, reserved)) == [("APAC", "EMEA", 7), ("", "EMEA", 3)]
    missing = replace(said, status="out_of_compliance")
    assert moved(short, stated(giver, missing)) == [("", "EMEA", 10)]
    # Of sources that disagree the lowest holds for who gives.
    other = Statement(source="config", effective=NOW - DAY, purchased=15)
    assert moved(short, stated(giver, said, other)) == [("APAC", "EMEA", 3), ("", "EMEA", 7)]


def test_advice_is_for_information_and_in_plain_words() -> None:
    states = advised([account("EMEA", 50, 60), account("APAC", 62, 50)], NOW)
    (finding,) = states[0].advice
    assert finding.severity is Severity.INFO
    assert (finding.rule, finding.step, finding.subject) == ("license_transfer", TAG, "EMEA")
    assert finding.why == "EMEA is short of 10 CUBE_T_STD within 90 days."
    assert "move 2 CUBE_T_STD from APAC to EMEA now; APAC keeps 0 above" in finding.next
    assert "Buy 8 CUBE_T_STD for EMEA now" in finding.next
    assert len(states[0].transfers) == 2
    assert states[1].advice == ()
    rising = outlook("EMEA", Outlook.RISING, 45, 2, days=20)
    later = transfers([account("EMEA", 50, 45, forecast=rising), account("APAC", 100, 5)], NOW)
    assert "by 2026-06-" in words(later[0], NOW)
    told = advised([account("EMEA", 50, 45, forecast=rising)], NOW)[0].advice[0]
    assert "will be short of" in told.why


def test_sources_that_disagree_are_said() -> None:
    statements = (
        Statement(source="cssm_csv", effective=NOW, purchased=60),
        Statement(source="config", effective=NOW - DAY, purchased=50),
    )
    state = AccountState(account=Account(name="EMEA", statements={TAG: statements}))
    (finding,) = advised([state], NOW)[0].advice
    assert (finding.rule, finding.step) == ("purchases_disagree", TAG)
    assert "60 by cssm_csv" in finding.why
    assert "50 by config" in finding.why


_ACCOUNTS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=6)


@given(_ACCOUNTS)
def test_no_giver_becomes_short_and_no_taker_gets_too_much(numbers: list[tuple[int, int]]) -> None:
    states = [
        account(f"a{n}", bought, used, said_in_use=used) for n, (bought, used) in enumerate(numbers)
    ]
    given_away = dict.fromkeys((one.account.name for one in states), 0)
    gets = dict(given_away)
    for move in transfers(states, NOW):
        gets[move.taker] += move.count
        if move.giver:
            given_away[move.giver] += move.count
    for state, (bought, used) in zip(states, numbers, strict=True):
        name = state.account.name
        assert gets[name] == max(0, used - bought)
        assert given_away[name] == 0 or bought - given_away[name] >= used * 1.1
        assert not (gets[name] and given_away[name])
