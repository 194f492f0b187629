"""Which findings speak, what channels have to be told, and when it is a storm."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.findings import Finding, FindingKey, Severity, Standing
from monitor.domain.page import Action, Notice, NoticeState, Page, PageText, Turn
from monitor.domain.silences import Silence
from monitor.domain.state import OpenFinding
from monitor.pipeline.page_plan import Ear, Storm, arrange, digest, ended, plan
from monitor.pipeline.paging import Pager

NOW = 1_700_000_000.0
ALL = frozenset({Severity.CRITICAL, Severity.WARNING})
CRITICAL_ONLY = frozenset({Severity.CRITICAL})


def found(
    step: str = "3d",
    severity: Severity = Severity.CRITICAL,
    *,
    rule: str = "ack_backstop",
    subject: str = "cube-1",
    opened: float | None = NOW,
    **other: Any,
) -> OpenFinding:
    finding = Finding(
        rule=rule, step=step, subject=subject, severity=severity, why="why", next="next", **other
    )
    return OpenFinding(
        finding=finding, standing=Standing(key=finding.key, since=NOW, opened=opened)
    )


def turned(pager: Pager, *now_open: OpenFinding, at: float = NOW) -> list[tuple[str, str, str]]:
    turns = pager.turns(
        now_open, at,
        compose=lambda finding: PageText(title=finding.why), stops=lambda _: False,
    )  # fmt: skip
    return [(one.turn.value, one.key.step, one.severity.word) for one in turns]


def test_a_page_opens_once_and_ends_once() -> None:
    pager = Pager()
    assert turned(pager, found()) == [("opened", "3d", "critical")]
    assert turned(pager, found()) == []
    assert turned(pager) == [("resolved", "3d", "critical")]
    assert turned(pager) == []


def test_what_does_not_speak_pages_nobody() -> None:
    silent = [
        found(severity=Severity.INFO), found(inhibited_by="sip_service_down"),
        found(opened=None), found(hidden_by="m-1"),
    ]  # fmt: skip
    for one in silent:
        assert turned(Pager(), one) == []
    resolved = found()
    resolved = replace(resolved, standing=replace(resolved.standing, resolved=NOW))
    assert turned(Pager(), resolved) == []


def test_a_worse_rung_pages_again_and_replaces_the_better_one() -> None:
    pager = Pager()
    turned(pager, found("7d", Severity.WARNING))
    assert turned(pager, found("3d")) == [
        ("opened", "3d", "critical"), ("replaced", "7d", "warning")
    ]  # fmt: skip


def test_another_matter_of_the_same_subject_does_not_replace() -> None:
    pager = Pager()
    turned(pager, found(rule="out_of_compliance", severity=Severity.WARNING), found("7d"))
    assert turned(pager, found("7d")) == [("resolved", "3d", "warning")]


def test_who_is_inhibited_is_replaced_by_who_speaks() -> None:
    pager = Pager()
    turned(pager, found())
    sip = found("down", rule="sip_service_down")
    turns = turned(pager, sip, found(inhibited_by="sip_service_down"))
    assert turns == [("opened", "down", "critical"), ("replaced", "3d", "critical")]
    assert turned(pager) == [("resolved", "down", "critical")]


def test_severity_turns() -> None:
    pager = Pager()
    turned(pager, found(severity=Severity.WARNING))
    assert turned(pager, found()) == [("worse", "3d", "critical")]
    assert turned(pager, found(severity=Severity.WARNING)) == [("eased", "3d", "warning")]


def test_maintenance_opens_nothing_and_ends_nothing() -> None:
    pager = Pager()
    turned(pager, found(severity=Severity.WARNING))
    hidden = found(severity=Severity.WARNING, hidden_by="m-1")
    assert turned(pager, hidden) == []
    assert turned(pager, found(severity=Severity.WARNING)) == []


def test_pages_of_an_earlier_run_go_on() -> None:
    page = Page(
        key=found().finding.key, opened=NOW, severity=Severity.CRITICAL, text=PageText(title="t")
    )
    assert turned(Pager([page]), found()) == []
    assert turned(Pager([page])) == [("resolved", "3d", "critical")]


# Planning


def page(number: int = 1, severity: Severity = Severity.CRITICAL, **other: Any) -> Page:
    key = FindingKey("ack_backstop", "3d", f"cube-{number}")
    return Page(
        key=key, opened=NOW, severity=severity, text=PageText(title=f"page {number}"), id=number,
        turned=NOW, devices=(f"cube-{number}",), **other,
    )  # fmt: skip


def ear(severities: frozenset[Severity] = CRITICAL_ONLY, **other: Any) -> Ear:
    return Ear(channel="hook", severities=severities, now=NOW, **other)


def planned(listening: Ear, *pages: Page, told: dict[int, Notice] | None = None,
            turns: tuple[Page, ...] = ()) -> list[tuple[str, str]]:  # fmt: skip
    notices = plan(listening, turns, pages, told or {})
    return [(one.action.value, one.severity.word) for one in notices]


def last(one: Page, **other: Any) -> dict[int, Notice]:
    (notice,) = plan(ear(ALL), [], [one], {})
    return {one.id: replace(notice, **other)}


def test_routes_by_severity() -> None:
    assert planned(ear(), page()) == [("trigger", "critical")]
    assert planned(ear(), page(severity=Severity.WARNING)) == []
    assert planned(ear(ALL), page(severity=Severity.WARNING)) == [("trigger", "warning")]
    assert planned(ear(), page(), told=last(page())) == []


def test_the_end_is_told_to_whoever_was_told() -> None:
    over = page(resolved=NOW, turn=Turn.RESOLVED)
    assert planned(ear(), over, told=last(page())) == [("resolve", "critical")]
    assert planned(ear(), over) == []


def test_a_short_page_is_not_lost() -> None:
    turns = (page(), page(resolved=NOW, turn=Turn.RESOLVED))
    assert planned(ear(), turns=turns) == [("trigger", "critical"), ("resolve", "critical")]


def test_worse_and_eased() -> None:
    warning, critical = page(severity=Severity.WARNING), page()
    (notice,) = plan(ear(ALL), [], [critical], last(warning))
    assert (notice.action, notice.severity, notice.before) == (
        Action.TRIGGER, Severity.CRITICAL, Severity.WARNING
    )  # fmt: skip
    assert planned(ear(ALL), warning, told=last(critical)) == [("trigger", "warning")]
    (notice,) = plan(ear(), [], [warning], last(critical))
    assert (notice.action, notice.severity, notice.resolved) == (
        Action.RESOLVE, Severity.CRITICAL, None
    )  # fmt: skip
    assert notice.title == "EASED to warning, still open: page 1"


def test_quiet_hours_hold_back_new_warnings_only() -> None:
    warning = page(severity=Severity.WARNING)
    assert planned(ear(ALL, quiet=True), warning) == []
    assert planned(ear(ALL, quiet=True), page()) == [("trigger", "critical")]
    over = replace(warning, resolved=NOW, turn=Turn.RESOLVED)
    assert planned(ear(ALL, quiet=True), over, told=last(warning)) == [("resolve", "warning")]


def silence(**other: Any) -> Silence:
    return Silence(id="s", start=NOW - 1, end=NOW + 1, by="a", reason="b", **other)


@pytest.mark.parametrize(
    ("one", "held"),
    [
        (silence(rule="ack_backstop"), True), (silence(rule="stale_data"), False),
        (silence(subject="cube-1"), True), (silence(subject="cube-?"), True),
        (silence(subject="CUBE-*"), False), (silence(subject="oslo"), False),
        (silence(severity=Severity.CRITICAL), True), (silence(severity=Severity.WARNING), False),
        (replace(silence(rule="ack_backstop"), end=NOW), False),
        (replace(silence(rule="ack_backstop"), start=NOW + 0.5), False),
    ],
)  # fmt: skip
def test_silences(one: Silence, held: bool) -> None:
    assert (planned(ear(silences=[one]), page()) == []) is held


def test_a_page_that_says_calls_stop_needs_force() -> None:
    stopping = page(stops=True)
    assert planned(ear(silences=[silence(rule="ack_backstop")]), stopping)
    assert not planned(ear(silences=[silence(rule="ack_backstop", forced=True)]), stopping)
    warning = page(stops=True, severity=Severity.WARNING)
    assert not planned(ear(ALL, silences=[silence(rule="ack_backstop")]), warning)


def test_a_silence_leaves_the_end_alone() -> None:
    over = page(resolved=NOW, turn=Turn.RESOLVED)
    assert planned(ear(silences=[silence(rule="ack_backstop")]), over, told=last(page()))


def test_escalated() -> None:
    nobody = ear(frozenset(), escalated=frozenset({1}))
    (notice,) = plan(nobody, [], [page(), page(2)], {})
    assert (notice.page, notice.title) == (1, "ESCALATED page 1")
    taken = ear(frozenset())  # acknowledged after all: what was told stays until it is over
    assert planned(taken, page(), told=last(page())) == []


def test_a_notice_says_how_to_take_the_page_right_behind_what_to_do() -> None:
    lines = {"Calls": "CALLS STOP", "Next": "Type it", "Evidence": "much"}
    one = replace(page(7), text=PageText(title="t", lines=lines, runbook="https://wiki/x"))
    (notice,) = plan(ear(otherwise="boss is told after 15 min"), [], [one], {})
    assert notice.text.text.splitlines() == [
        "Calls: CALLS STOP", "Next: Type it", "Runbook: https://wiki/x",
        "Take it: Type `cubemon ack 7`, or boss is told after 15 min.", "Evidence: much",
    ]  # fmt: skip
    (notice,) = plan(ear(), [], [one], {})
    assert notice.text.lines["Take it"] == "Type `cubemon ack 7`."
    # Two monitors number pages each for itself: where both feed one receiver, no number is said.
    (notice,) = plan(ear(numbered=False), [], [one], {})
    assert notice.text == one.text
    boss = replace(ear(frozenset(), escalated=frozenset({7})), now=NOW + 900)
    (notice,) = plan(boss, [], [replace(one, opened=NOW)], {})
    assert notice.text.text.startswith("Escalated: Nobody has taken it for 15 min.\nCalls:")


def test_an_end_says_what_is_so_now_and_nothing_to_type() -> None:
    said = {
        "Calls": "CALLS STOP", "When": "soon", "Finding": "why", "Next": "Type it",
        "Device": "cube-1", "Evidence": "much",
    }  # fmt: skip
    pager = Pager()
    (opened,) = pager.turns(
        [found()], NOW, compose=lambda _: PageText(title="t", lines=said), stops=lambda _: True
    )
    (over,) = pager.turns([], NOW + 7_500, compose=lambda _: opened.text, stops=lambda _: True)
    assert over.text.title == "RESOLVED: t"
    assert dict(over.text.lines) == {
        "Now": "It is no longer found, after 2 h 5 min.", "Was": "why", "Device": "cube-1"
    }  # fmt: skip


def test_an_end_says_whether_what_goes_on_is_milder() -> None:
    def ends(*after: OpenFinding) -> PageText:
        pager, text = Pager(), PageText(title="t")
        pager.turns([found()], NOW, compose=lambda _: text, stops=lambda _: True)
        turns = pager.turns(after, NOW + 60, compose=lambda _: text, stops=lambda _: True)
        (over,) = [one for one in turns if one.turn is Turn.REPLACED]
        return over.text

    milder = ends(found("standing", Severity.WARNING, rule="no_room_to_retry"))
    assert milder.title == "EASED to warning: t"
    assert milder.lines["Now"] == (
        "It goes on as a warning finding: The planned push leaves no room to retry before the"
        " deadline (no_room_to_retry), after 1 min."
    )
    warning = found("7d", Severity.WARNING)
    assert ends(found("24h"), warning).title == "REPLACED: t"
    passed_on = ends(found(inhibited_by="pair_page"))
    assert passed_on.title == "REPLACED: t"
    assert passed_on.lines["Now"].startswith("It goes on as another page: A member of the pair")


def test_shadow() -> None:
    (notice,) = plan(ear(state=NoticeState.SHADOW), [], [page()], {})
    assert notice.state is NoticeState.SHADOW


# Storms


def waiting(many: int, **other: Any) -> list[Notice]:
    notices = plan(ear(ALL), [], [page(number + 1) for number in range(many)], {})
    return [
        replace(one, id=number + 1, deadline=NOW + 100 - number, **other)
        for number, one in enumerate(notices)
    ]


STORM = Storm(most=3, seconds=300)


def arranged(notices: list[Notice], *, recent: int = 0, last_digest: float = float("-inf"),
             storm: Storm | None = STORM) -> Any:  # fmt: skip
    return arrange(notices, recent=recent, storm=storm, last_digest=last_digest, now=NOW)


def test_few_pages_go_by_themselves() -> None:
    chosen = arranged(waiting(3))
    assert [one.id for one in chosen.single] == [1, 2, 3]
    assert chosen.digest is None
    assert arranged(waiting(9), storm=None).digest is None


def test_the_worst_go_first_and_the_rest_in_a_digest() -> None:
    chosen = arranged(waiting(5))
    assert sorted(one.id for one in chosen.single) == [3, 4, 5]  # the earliest deadlines
    assert [one.id for one in chosen.members] == [2, 1]
    assert chosen.digest.severity is Severity.CRITICAL
    chosen = arranged(waiting(5), recent=3)
    assert (list(chosen.single), len(chosen.members)) == ([], 5)


def test_a_digest_says_deadlines_by_the_clock_of_those_on_duty() -> None:
    when = {"When": "2 days left, 2023-11-16 23:13 CET here, 2023-11-16 22:13:20 UTC, more"}
    one, other = waiting(2)
    told = digest([replace(one, text=PageText(title="", lines=when)), other], STORM, NOW)
    first, second = told.text.lines["Earliest deadlines"].split("; ")
    assert (first, second) == (
        "cube-2 2023-11-14T22:14:59Z", "cube-1 2 days left, 2023-11-16 23:13 CET here"
    )  # fmt: skip
    assert digest([one], STORM, NOW).title.startswith("1 more page in a storm (1 critical)")


def test_digests_keep_a_pace() -> None:
    chosen = arranged(waiting(5), recent=3, last_digest=NOW - 59)
    assert (list(chosen.single), chosen.digest) == ([], None)
    assert arranged(waiting(5), recent=3, last_digest=NOW - 60).digest is not None


def test_ends_go_in_their_order_and_the_least_tried_first() -> None:
    first, second = waiting(2)
    end = replace(first, id=9, action=Action.RESOLVE)
    chosen = arranged([replace(first, attempts=4), second, end])
    assert [one.id for one in chosen.single] == [second.id, first.id]


def test_members_of_a_digest_wait_for_it() -> None:
    assert list(arranged(waiting(2, digest="cubemon/digest/x")).single) == []


def test_a_digest_says_the_same_key_on_two_monitors() -> None:
    one, other = (digest(waiting(4), STORM, at) for at in (1_700_000_100.0, 1_700_000_290.0))
    assert one.key == other.key == "cubemon/digest/2023-11-14T22:15:00Z"
    later = digest(waiting(4), STORM, 1_700_000_401.0)
    assert later.key != one.key
    over = ended(replace(one, id=7, attempts=3), NOW)
    assert (over.key, over.action, over.id, over.attempts) == (one.key, Action.RESOLVE, 0, 0)
    assert over.title.startswith("RESOLVED: 4 more pages")


def test_a_digest_is_bounded() -> None:
    told = digest(waiting(400), STORM, NOW)
    assert "and 390 more" in told.text.lines["Subjects"]
    assert len(told.text.lines["Earliest deadlines"].split(";")) == 10
    assert len(told.title) <= 250


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["c", "w", "over"])), max_size=30))
def test_whatever_happens_a_channel_hears_of_each_page_in_turn(
    story: list[tuple[int, str]],
) -> None:
    """Ends only after beginnings; at the end of all it holds what is open."""
    told: dict[int, Notice] = {}
    open_: dict[int, Page] = {}
    heard: dict[int, bool] = {}
    for number, what in story:
        severity = Severity.CRITICAL if what == "c" else Severity.WARNING
        if what == "over":
            one = open_.pop(number, None)
            if one is None:
                continue
            turn = replace(one, resolved=NOW, turn=Turn.RESOLVED)
        else:
            turn = open_[number] = page(number, severity)
        for notice in plan(ear(), [turn], list(open_.values()), told):
            begins = notice.action is Action.TRIGGER
            assert heard.get(notice.page, False) is not begins
            heard[notice.page] = begins
            if begins:
                told[notice.page] = notice
            else:
                del told[notice.page]
    critical = {n for n, one in open_.items() if one.severity is Severity.CRITICAL}
    assert {n for n, is_open in heard.items() if is_open} == critical
