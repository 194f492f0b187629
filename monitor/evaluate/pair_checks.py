"""The questions of a failover rehearsal: whether the standby lives and is licensed alike."""

from collections.abc import Callable, Sequence
from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import span
from monitor.domain.pair import Check, Verdict
from monitor.domain.release import Stopping
from monitor.domain.state import DeviceState
from monitor.evaluate import sip_service_down
from monitor.evaluate.evidence import Sheet, instant
from monitor.evaluate.no_licensed_takeover import find as takeover_problem
from monitor.evaluate.no_licensed_takeover import is_ready
from monitor.evaluate.pair_case import PairCase
from monitor.evaluate.wording import utc

Question = Callable[[PairCase, DeviceState], Check]
_STOPS: Final = {
    Stopping.STOPS: "stops calls at a missed deadline",
    Stopping.MAY_STOP: "may stop calls at a missed deadline",
    Stopping.NEVER: "does not stop calls at a missed deadline",
    Stopping.BEFORE_POLICY: "has no report deadline; registration counts",
}


def answers(case: PairCase, standby: DeviceState) -> tuple[Check, ...]:
    """All of them, the redundancy first."""
    return (redundancy(case), *(question(case, standby) for question in _QUESTIONS))


def page_of(state: DeviceState) -> Finding | None:
    """What would page the moment this device is active: a state is judged as if it were."""
    pages = [one for one in state.findings if one.severity is Severity.CRITICAL]
    return next((one for one in pages if not one.inhibited_by), next(iter(pages), None))


def redundancy(case: PairCase) -> Check:
    """Whether anybody could take over at all."""
    problem = next(takeover_problem(case), None)
    if problem is not None:
        return Check(name="redundancy", verdict=Verdict.FAILS, why=problem.why)
    if is_ready(case) is None:
        return Check(name="redundancy", verdict=Verdict.UNKNOWN, why="The peer's state is unknown.")
    return Check(name="redundancy", verdict=Verdict.FINE, why="The peer is standby hot.")


def _trust(_: PairCase, standby: DeviceState) -> Check:
    trust, required = standby.cycle.trust, standby.cycle.required
    if required is not None and required.value is False:
        return Check(name="trust", verdict=Verdict.FINE, why="No acknowledgement is required.")
    if trust is None:
        return _untold_trust(standby)
    if trust.value is None:
        why = "No trust code is installed: the account takes no report from it."
        return Check(name="trust", verdict=Verdict.FAILS, why=why)
    return Check(name="trust", verdict=Verdict.FINE, why="A trust code is installed.")


def _untold_trust(standby: DeviceState) -> Check:
    if standby.stopping is Stopping.BEFORE_POLICY:
        why = "Its release knows no trust code; registration counts."
        return Check(name="trust", verdict=Verdict.FINE, why=why)
    return Check(name="trust", verdict=Verdict.UNKNOWN, why="Its trust code is unknown.")


def _deadline(case: PairCase, standby: DeviceState) -> Check:
    page = page_of(standby)
    if page is not None and page.rule != sip_service_down.NAME:
        return Check(name="deadline", verdict=Verdict.FAILS, why=page.why)
    deadline = standby.cycle.deadline
    moment = instant(deadline)
    if deadline is None and standby.stopping is not Stopping.BEFORE_POLICY:
        return Check(name="deadline", verdict=Verdict.UNKNOWN, why="Its deadline is unknown.")
    if moment is None:
        return Check(name="deadline", verdict=Verdict.FINE, why="No acknowledgement is due.")
    ends = f"{span(moment - case.now)} {'left' if moment >= case.now else 'ago'}"
    why = f"Its acknowledgement deadline is {utc(moment)} ({ends})."
    return Check(name="deadline", verdict=Verdict.FINE, why=why)


def _service(_: PairCase, standby: DeviceState) -> Check:
    service = standby.sip_service
    if service in ("down", "shutdown"):
        return Check(name="service", verdict=Verdict.FAILS, why=f"Its SIP service is {service}.")
    why = "Its SIP service is up." if service else "It says nothing of its SIP service."
    return Check(name="service", verdict=Verdict.FINE, why=why)


def _release(case: PairCase, standby: DeviceState) -> Check:
    if standby.release is None:
        why = "Its release is unknown, so it is judged as one that stops calls."
        return Check(name="release", verdict=Verdict.UNKNOWN, why=why)
    why = f"Release {standby.release} {_STOPS[standby.stopping]}."
    peer = case.states.get(case.pair.other(standby.device.id) or "")
    if peer is None or peer.release in (None, standby.release):
        return Check(name="release", verdict=Verdict.FINE, why=why)
    differs = f"{why} Its peer runs {peer.release}, which {_STOPS[peer.stopping]}."
    return Check(name="release", verdict=Verdict.DIFFERS, why=differs)


def _alike(name: str, words: Sequence[FactName]) -> Question:
    def ask(case: PairCase, standby: DeviceState) -> Check:
        peer = case.states.get(case.pair.other(standby.device.id) or "")
        both = [(_said(standby, word), _said(peer, word)) for word in words]
        known = [(own, theirs) for own, theirs in both if own and theirs]
        for own, theirs in known:
            if own.casefold() != theirs.casefold():
                why = f"Its {name} is {own!r}, its peer's is {theirs!r}."
                return Check(name=name, verdict=Verdict.DIFFERS, why=why)
        if not known:
            why = f"The {name} of both members is not known."
            return Check(name=name, verdict=Verdict.UNKNOWN, why=why)
        return Check(name=name, verdict=Verdict.FINE, why=f"Same {name}: {known[0][0]}.")

    return ask


def _said(state: DeviceState | None, name: FactName) -> str | None:
    if state is None:
        return None
    if name is FactName.VIRTUAL_ACCOUNT:
        return state.virtual_account
    fact = Sheet(state.facts).best(name)
    return fact.value if fact is not None and isinstance(fact.value, str) else None


_QUESTIONS: Final[tuple[Question, ...]] = (
    _trust,
    _deadline,
    _service,
    _alike("account", (FactName.VIRTUAL_ACCOUNT, FactName.SMART_ACCOUNT)),
    _alike("policy", (FactName.POLICY_NAME,)),
    _release,
)
