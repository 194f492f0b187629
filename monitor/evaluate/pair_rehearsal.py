"""Failover rehearsal: what happens if the pair fails over now."""

from collections.abc import Iterator, Sequence
from typing import Final

from monitor.domain.findings import Finding
from monitor.domain.pair import Check, Needed, NeedProfile, Rehearsal, Verdict
from monitor.domain.state import DeviceState
from monitor.evaluate import need
from monitor.evaluate.no_licensed_takeover import LOOK
from monitor.evaluate.pair_case import PairCase
from monitor.evaluate.pair_checks import answers, page_of, redundancy
from monitor.evaluate.report import POLL

_TRUST: Final = (
    "Get an ID token from the virtual account; on {device} type `license smart trust idtoken TOKEN"
    " local force`."
)
_SAME_ACCOUNT: Final = (
    "Install trust on {device} with a token of its peer's virtual account; both must be in one."
)
_SAYS: Final = {
    Verdict.FINE: "calls go on",
    Verdict.FAILS: "CALLS STOP, or nobody takes over",
    Verdict.DIFFERS: "calls go on, but its licensing is not in order",
    Verdict.UNKNOWN: "calls go on as far as is known; not everything is",
}
_IN_BOX: Final = {
    Verdict.FINE: "the other processor takes over, with the same licences",
    Verdict.FAILS: "the other processor cannot take over",
}


def rehearse(case: PairCase) -> Rehearsal:
    """The answer of one pair, by what is known of its members now."""
    if case.pair.in_box:
        return _in_box(case)
    standby = case.states.get(case.candidate or "")
    if standby is None:
        headline = f"{case.pair.name}: who would take over is not known"
        return Rehearsal(
            standby=case.candidate, lives=Verdict.UNKNOWN, headline=headline, next=LOOK
        )
    checks = answers(case, standby)
    lives, page = _lives(checks), page_of(standby)
    return Rehearsal(
        standby=standby.device.id,
        lives=lives,
        headline=f"{case.pair.name}: if {standby.device.id} takes over now, {_SAYS[lives]}",
        checks=checks,
        needs=needs(case, standby),
        page=f"{page.rule} / {page.step}: {page.why}" if page else "",
        next=_next(checks, standby, page),
    )


def problems(rehearsal: Rehearsal) -> Iterator[Check]:
    """What would go wrong in licensing; the redundancy itself has a finding of its own."""
    for check in rehearsal.checks:
        differs = check.verdict is Verdict.DIFFERS and check.name in ("account", "policy")
        if check.name != "redundancy" and (check.verdict is Verdict.FAILS or differs):
            yield check


def needs(case: PairCase, standby: DeviceState | None) -> tuple[Needed, ...]:
    """Licences the pair needs, once: as reported, and as measured under its profile."""
    active = case.states.get(case.roles.active or "") or standby
    if active is None:
        return ()
    box_to_box, profile = not case.pair.in_box, case.pair.need
    if profile is NeedProfile.STATIC_CAPACITY:
        profile = NeedProfile.SEPARATE
    peaks = case.peaks.get(active.device.id, {})
    return (
        *need.reported(active.in_use, active.counted_by, box_to_box=box_to_box),
        *need.measured(peaks, profile, box_to_box=box_to_box),
    )


def _in_box(case: PairCase) -> Rehearsal:
    check = redundancy(case)
    says = _IN_BOX.get(check.verdict, "whether the other processor can take over is not known")
    return Rehearsal(
        standby=None,
        lives=check.verdict,
        headline=f"{case.pair.name}: {says}",
        checks=(check,),
        needs=needs(case, case.states.get(case.pair.members[0])),
        next="" if check.verdict is Verdict.FINE else LOOK,
    )


def _lives(checks: Sequence[Check]) -> Verdict:
    said = {check.name: check.verdict for check in checks}
    if Verdict.FAILS in (said["redundancy"], said["deadline"], said["service"]):
        return Verdict.FAILS
    if Verdict.FAILS in said.values() or Verdict.DIFFERS in (said["account"], said["policy"]):
        return Verdict.DIFFERS
    return Verdict.UNKNOWN if Verdict.UNKNOWN in said.values() else Verdict.FINE


def _next(checks: Sequence[Check], standby: DeviceState, page: Finding | None) -> str:
    device = standby.device.id
    said = {check.name: check.verdict for check in checks}
    if said["trust"] is Verdict.FAILS:
        return _TRUST.format(device=device)
    if page is not None:
        return f"On {device}: {page.next}"
    if said["account"] is Verdict.DIFFERS:
        return _SAME_ACCOUNT.format(device=device)
    if said["policy"] is Verdict.DIFFERS:
        return f"Compare `show license status | section Policy` of {device} with its peer's."
    return _poll(said, device)


def _poll(said: dict[str, Verdict], device: str) -> str:
    if said["redundancy"] is not Verdict.FINE:
        return LOOK
    return f"On {device}: {POLL}" if Verdict.UNKNOWN in said.values() else ""
