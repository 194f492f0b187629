"""One page per pair: the worst page of its members speaks for all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import HOUR
from monitor.domain.pair import MemberRole
from monitor.evaluate import sip_service_down
from monitor.evaluate.pair_case import PairCase
from monitor.evaluate.rule import Rule, Scope
from monitor.evaluate.wording import step_name

NAME: Final = "pair_page"


def find(case: PairCase) -> Iterator[Finding]:
    """The page of the active one, with its role and its peer's beside it."""
    pages = list(_pages(case))
    if case.pair.in_box or not pages:
        return
    last = step_name(case.limits.backstop_always_hours * HOUR)
    speaker = min(pages, key=lambda page: _place(page, last))
    yield replace(
        speaker,
        rule=NAME,
        step=f"{speaker.rule}:{speaker.step}",
        subject=case.pair.name,
        why=f"{_told(case, speaker.subject)}: {speaker.why}{_others(pages, speaker)}",
        devices=case.pair.members,
        inhibited_by="",
    )


def _place(page: Finding, last_step: str) -> tuple[bool, bool, str]:
    # The last day of either member pages once more.
    return (page.rule != sip_service_down.NAME, page.step != last_step, page.subject)


def _pages(case: PairCase) -> Iterator[Finding]:
    for member in case.roles.members:
        state = case.states.get(member.device)
        if state is not None and not member.is_proven_standby:
            yield from (one for one in state.findings if pages_now(one))


def pages_now(finding: Finding) -> bool:
    """Whether it would wake somebody by itself."""
    return finding.severity is Severity.CRITICAL and not finding.inhibited_by


def _told(case: PairCase, device: str) -> str:
    members = sorted(case.roles.members, key=lambda member: member.device != device)
    return ", peer ".join(_with_role(member) for member in members)


def _with_role(member: MemberRole) -> str:
    return f"{member.device} ({member.role.value if member.role else 'role unknown'})"


def _others(pages: Sequence[Finding], speaker: Finding) -> str:
    others = [f"{one.subject}: {one.rule}" for one in pages if one is not speaker]
    return f" Also {', '.join(others)}." if others else ""


RULE: Final = Rule(
    name=NAME,
    scope=Scope.PAIR,
    summary="A member of the pair pages; one page for both",
    runbook="pair-page",
    steps=(),
    find=find,
)
