"""What an account owns where several sources speak, and what CSSM counts of its devices."""

from itertools import permutations

from monitor.domain.account import CONFIGURED, CSSM_SOURCE, account_subject
from monitor.domain.device import Device
from monitor.domain.entitlements import names_with
from monitor.domain.facts import Fact, FactKind, FactName, Value
from monitor.domain.release import Stopping
from monitor.domain.state import Account, AckCycle, Balance, DeviceState
from monitor.evaluate import Limits, judge_account, judge_device
from monitor.evaluate.cssm_counts import counted_by_cssm
from monitor.evaluate.evidence import sheet_of
from monitor.evaluate.ownership import chosen, configured_facts, disputed, newest_in_use, owned

CSV = "cssm_csv"
EMEA = Account(name="EMEA")


def fact(name: str, value: Value, at: float = 100, *, key: str = "", source: str = CSV) -> Fact:
    return Fact(
        subject=account_subject("EMEA"),
        name=FactName(name),
        source=source,
        value=value,
        kind=FactKind.EXACT,
        received=at,
        effective=at,
        key=key,
    )


def bought(number: int | None, at: float, source: str = CSV, key: str = "CUBE_T_STD") -> Fact:
    return fact("account_purchased", number, at, key=key, source=source)


def test_the_newest_source_holds_and_the_others_are_shown() -> None:
    account = owned(EMEA, [bought(50, 100, CONFIGURED), bought(60, 200)])
    assert account.purchased == {"CUBE_T_STD": 60}
    statements = account.statements["CUBE_T_STD"]
    assert [(one.source, one.purchased) for one in statements] == [(CSV, 60), (CONFIGURED, 50)]
    assert [one.source for one in disputed(statements)] == [CONFIGURED]
    back = owned(EMEA, [bought(50, 300, CONFIGURED), bought(60, 200)])
    assert back.purchased == {"CUBE_T_STD": 50}
    same = owned(EMEA, [bought(60, 300, CONFIGURED), bought(60, 200)])
    assert disputed(same.statements["CUBE_T_STD"]) == ()


def test_what_a_newer_whole_list_leaves_out_is_gone() -> None:
    facts = [bought(50, 100), fact("account_listed", 1, 100), bought(9, 200, key="CUBE_T_ENH")]
    assert owned(EMEA, facts).purchased == {"CUBE_T_STD": 50, "CUBE_T_ENH": 9}
    listed = [*facts, fact("account_listed", 1, 200)]
    assert owned(EMEA, listed).purchased == {"CUBE_T_ENH": 9}
    # Another source's list says nothing of what the configuration buys.
    kept = [*listed, bought(50, 100, CONFIGURED)]
    assert owned(EMEA, kept).purchased == {"CUBE_T_STD": 50, "CUBE_T_ENH": 9}


def test_the_order_and_repetition_of_facts_make_no_difference() -> None:
    facts = [
        bought(50, 100),
        bought(60, 200),
        bought(55, 150, CONFIGURED),
        fact("account_listed", 1, 200),
        fact("account_in_use", 7, 200, key="CUBE_T_STD"),
    ]
    expected = owned(EMEA, facts)
    for order in permutations(facts):
        assert owned(EMEA, [*order, order[0]]) == expected


def test_names_of_one_tag_add_up_within_one_list_only() -> None:
    facts = [
        bought(50, 100, key="CUBE_Standard_Session"),
        bought(5, 100, key="CUBE Trunk Standard Session"),
        fact("account_status", "in_compliance", key="CUBE_Standard_Session"),
        fact("account_status", "out_of_compliance", key="CUBE Trunk Standard Session"),
        fact("account_reserved", 2, key="CUBE_Standard_Session"),
        bought(40, 90, "cssm_summary", key="regid.com.cisco.CUBE_T_STD,1.0"),
    ]
    account = owned(EMEA, facts)
    assert account.purchased == {"CUBE_T_STD": 55}
    said = account.statements["CUBE_T_STD"][0]
    assert (said.status, said.reserved, said.in_use) == ("out_of_compliance", 2, None)
    assert len(said.names) == 2


def test_a_name_without_a_tag_is_kept_and_in_no_balance() -> None:
    facts = [bought(50, 100, key="CUBE Mystery"), bought(5, 100, key="CUBE_T_ENH")]
    account = owned(EMEA, facts)
    assert account.purchased == {"CUBE_T_ENH": 5}
    assert account.unmapped["CUBE Mystery"][0].purchased == 50
    mapped = owned(EMEA, facts, names_with({"cube mystery": "CUBE_T_STD"}))
    assert mapped.purchased == {"CUBE_T_ENH": 5, "CUBE_T_STD": 50}
    assert mapped.unmapped == {}


def test_what_the_account_says_of_itself() -> None:
    facts = [
        fact("smart_account", "example.com"),
        fact("account_unknown_devices", 3),
        fact("account_in_use", 20, 200, key="CUBE_T_STD"),
        fact("account_in_use", 25, 300, key="CUBE_T_STD", source="cssm_licenses"),
    ]
    account = owned(EMEA, facts)
    assert (account.smart_account, account.unknown_devices) == ("example.com", 3)
    assert account.purchased == {}
    said = newest_in_use(account.statements["CUBE_T_STD"])
    assert said is not None
    assert said.in_use == 25
    assert chosen(account.statements["CUBE_T_STD"]) is None
    assert disputed(account.statements["CUBE_T_STD"]) == ()
    named = Account(name="EMEA", smart_account="ours")
    assert owned(named, facts).smart_account == "ours"


def test_the_configuration_is_a_source_from_when_it_was_first_read() -> None:
    account = Account(name="EMEA", purchased={"CUBE_T_STD": 50})
    first = list(configured_facts(account, [], 100))
    assert [(one.key, one.value, one.effective) for one in first] == [("CUBE_T_STD", 50, 100)]
    assert list(configured_facts(account, first, 200)) == []
    more = Account(name="EMEA", purchased={"CUBE_T_STD": 60, "CUBE_T_ENH": 1})
    changed = list(configured_facts(more, first, 300))
    assert [(one.key, one.value) for one in changed] == [("CUBE_T_ENH", 1), ("CUBE_T_STD", 60)]
    removed = list(configured_facts(EMEA, [*first, *changed], 400))
    assert [(one.key, one.value) for one in removed] == [("CUBE_T_ENH", None), ("CUBE_T_STD", None)]
    assert owned(EMEA, [*first, *changed, *removed]).purchased == {}


def test_without_statements_the_account_stands_as_it_is() -> None:
    account = Account(name="EMEA", purchased={"CUBE_T_STD": 50})
    assert owned(account, []).purchased == {"CUBE_T_STD": 50}


# What CSSM counts of a device


def counted(name: str, value: Value, at: float, key: str = "", source: str = CSSM_SOURCE) -> Fact:
    return Fact(
        subject="cube-1",
        name=FactName(name),
        source=source,
        value=value,
        kind=FactKind.EXACT,
        received=at,
        effective=at,
        key=key,
    )


def test_cssm_counts_by_its_newest_list_or_the_newest_acknowledgement() -> None:
    assert counted_by_cssm(sheet_of([])) is None
    listed = [
        counted("cssm_count", 20, 100, "CUBE_T_STD"),
        counted("cssm_count", 4, 100, "CUBE_T_ENH"),
        counted("cssm_listed", 2, 100),
    ]
    first = counted_by_cssm(sheet_of(listed))
    assert first is not None
    assert (first.counts, first.by) == ({"CUBE_T_STD": 20, "CUBE_T_ENH": 4}, "cssm")
    later = [*listed, counted("cssm_count", 21, 200, "CUBE_T_STD"), counted("cssm_listed", 1, 200)]
    second = counted_by_cssm(sheet_of(later))
    assert second is not None
    assert second.counts == {"CUBE_T_STD": 21}
    nothing = counted_by_cssm(sheet_of([*later, counted("cssm_listed", 0, 300)]))
    assert nothing is not None
    assert nothing.counts == {}
    acked = [
        *later,
        counted("acknowledged_count", 30, 150, "CUBE_T_ENH", "monitor"),
        counted("acknowledged_count", 31, 250, "CUBE_T_STD", "monitor"),
    ]
    third = counted_by_cssm(sheet_of(acked))
    assert third is not None
    assert (third.counts, third.by) == ({"CUBE_T_STD": 31}, "acknowledged")


def test_a_balance_goes_by_what_cssm_counts_and_shows_the_rest_beside_it() -> None:
    facts = [
        counted("usage_count", 40, 300, "CUBE_T_STD", "cli"),
        counted("acknowledged_count", 31, 250, "CUBE_T_STD", "monitor"),
    ]
    state = judge_device(Device(id="cube-1"), facts, last_seen={}, now=400, limits=Limits())
    account = Account(name="va", purchased={"CUBE_T_STD": 35})
    judged = judge_account(
        account, [state], now=400, limits=Limits(), peaks=lambda _: {"CUBE_T_STD": 38, "AGG": 39}
    )
    (balance,) = judged.balances
    assert (balance.in_use, balance.reported, balance.measured) == (31, 40, 38)
    assert (balance.balance, balance.profiles) == (4, ("acknowledged",))


def test_after_an_upgrade_a_measurement_counts_once() -> None:
    account = Account(name="va", purchased={"CUBE_T_STD": 35})
    peaks = {"CUBE_T_STD": 20, "CUBE_TS_STD": 22, "CUBE_T_VGW": 9}
    (balance,) = judge_account(
        account, [using("a")], now=0, limits=Limits(), peaks=lambda _: peaks
    ).balances
    assert balance.measured == 22


def using(name: str, **counts: int) -> DeviceState:
    return DeviceState(
        device=Device(id=name),
        now=0,
        release=None,
        stopping=Stopping.NEVER,
        cycle=AckCycle(),
        virtual_account="EMEA",
        in_use=counts,
    )


def balances(facts: list[Fact], *devices: DeviceState) -> dict[str, Balance]:
    state = judge_account(owned(EMEA, facts), devices, now=0, limits=Limits())
    return {one.tag: one for one in state.balances}


def test_others_that_draw_on_the_account_are_not_left_out() -> None:
    said = [bought(50, 100), fact("account_in_use", 55, key="CUBE_T_STD")]
    found = balances(said, using("a", CUBE_T_STD=20))["CUBE_T_STD"]
    assert (found.in_use, found.consumers, found.said_in_use, found.balance) == (55, 20, 55, -5)
    more = balances(said, using("a", CUBE_T_STD=60))["CUBE_T_STD"]
    assert more.balance == -10


def test_an_upgrade_moves_one_need_from_tag_to_tag() -> None:
    said = [
        bought(50, 100),
        fact("account_in_use", 0, key="CUBE_T_STD"),
        bought(0, 100, key="CUBE_TS_STD"),
        fact("account_in_use", 30, key="CUBE_TS_STD"),
    ]
    found = balances(said, using("a", CUBE_TS_STD=32))
    assert (found["CUBE_T_STD"].in_use, found["CUBE_T_STD"].asked) == (32, ("CUBE_TS_STD",))
    assert found["CUBE_TS_STD"].in_use == 0


def test_unknown_is_not_zero_where_a_name_of_cube_has_no_tag() -> None:
    said = [bought(50, 100, key="CUBE Mystery"), bought(5, 100, key="CUBE_T_STD")]
    assert balances(said, using("a", CUBE_T_ENH=3))["CUBE_T_ENH"].balance is None
    plain = [bought(50, 100, key="DNA Premier"), bought(5, 100, key="CUBE_T_STD")]
    assert balances(plain, using("a", CUBE_T_ENH=3))["CUBE_T_ENH"].balance == -3


def test_voice_gateway_is_never_balanced_whatever_cssm_says() -> None:
    said = [bought(0, 100, key="CUBE v14 Voice Gateway Session")]
    said.append(fact("account_in_use", 500, key="CUBE v14 Voice Gateway Session"))
    said.append(fact("account_in_use", 0, key="uck9"))
    assert balances(said, using("a", CUBE_T_VGW=500)) == {}
