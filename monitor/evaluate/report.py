"""Findings put into words: what stops, when, on what evidence, what to type."""

from collections.abc import Iterable
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import EvidenceLine, Finding
from monitor.domain.instants import span
from monitor.domain.release import Stopping
from monitor.evaluate.case import Case
from monitor.evaluate.rule import Rung, Words
from monitor.evaluate.wording import evidence_line, utc

POLL: Final = "Type `show license status` and `show version` on the router and read them in."
SYNC: Final = (
    "Type `license smart sync all` now, then `show license status` until `Last ACK received` moves."
)
TRUST: Final = (
    "Get an ID token from the virtual account; type `license smart trust idtoken TOKEN local"
    " force`, then `license smart sync all`, then `show license status` until the ACK is in."
)


def device_finding(
    case: Case, rule: str, rung: Rung, words: Words, facts: Iterable[Fact | None] = ()
) -> Finding:
    """A finding of the device about the facts given."""
    return Finding(
        rule=rule,
        step=rung.step,
        subject=case.device.id,
        severity=rung.severity,
        why=words.why,
        next=words.next,
        evidence=_lines(facts),
    )


def cycle_finding(case: Case, rule: str, rung: Rung, words: Words) -> Finding:
    """A finding about the acknowledgement cycle: it always says whether calls stop, and when."""
    return Finding(
        rule=rule,
        step=rung.step,
        subject=case.device.id,
        severity=rung.severity,
        why=f"{words.why} {consequence(case)}",
        next=words.next,
        evidence=_lines(cycle_facts(case)),
        deadline=case.deadline,
    )


def cycle_facts(case: Case) -> tuple[Fact | None, ...]:
    """What section 'what a page says' asks for, as far as it is known."""
    cycle = case.cycle
    told = (FactName.COMMUNICATION, FactName.CLOCK_OFFSET)
    return (
        case.release,
        cycle.deadline,
        cycle.last_ack,
        cycle.last_push,
        cycle.next_push,
        cycle.interval_days,
        cycle.transport,
        cycle.trust,
        *(case.sheet.best(name) for name in told),
    )


def _lines(facts: Iterable[Fact | None]) -> tuple[EvidenceLine, ...]:
    return tuple(evidence_line(_WHAT.get(f.name, f.name), f) for f in facts if f is not None)


def consequence(case: Case) -> str:
    """Whether calls stop, and when."""
    if case.stopping is Stopping.BEFORE_POLICY:
        return "This release has no report deadline; registration and authorization count."
    if not case.cycle_judged:
        return "No acknowledgement is due: calls do not stop for want of one."
    if case.voice_gateway_only:
        return "Only voice gateway sessions are in use: calls go on whatever the deadline."
    if case.stopping is Stopping.NEVER:
        return f"Release {case.release_name} does not stop calls at the deadline."
    return _stop(case)


def _stop(case: Case) -> str:
    deadline, left = case.deadline, case.left
    if deadline is None or left is None:
        return f"{_release_words(case)} stops SIP calls at its deadline, which is not known."
    when = f"{_moment(case, deadline)} ({span(left)} {'left' if left >= 0 else 'ago'})"
    return f"{_release_words(case)} stops SIP calls at the deadline, {when}."


def _release_words(case: Case) -> str:
    if case.stopping is Stopping.STOPS:
        return f"Release {case.release_name}"
    if case.release_name is None:
        return "The release is unknown, so it is judged as one that"
    return f"Release {case.release_name} may be one that"


def _moment(case: Case, moment: float) -> str:
    fact = case.cycle.deadline
    text = utc(case.ours(fact, moment))
    if fact is not None and fact.bound:
        text = f"{text} at the earliest (the time zone word is unknown)"
    return text if case.ours(fact, moment) == moment else f"{text}, device time {utc(moment)}"


def at(case: Case, fact: Fact | None, moment: float) -> str:
    """An instant of a fact on our clock."""
    return utc(case.ours(fact, moment))


def missing_trust(case: Case) -> str:
    """The cause that stands behind most routers that were never acknowledged."""
    trust = case.cycle.trust
    if trust is None or trust.value is not None:
        return ""
    return " No trust code is installed, so the account takes no report from this router."


def trust_or_sync(case: Case) -> str:
    """What to type to get a report out."""
    return TRUST if missing_trust(case) else SYNC


_WHAT: Final[dict[str, str]] = {
    FactName.ACK_DEADLINE: "next ACK deadline",
    FactName.LAST_ACK: "last ACK received",
    FactName.NEXT_PUSH: "next report push",
    FactName.LAST_PUSH: "last report push",
    FactName.LAST_PULL: "last report pull",
    FactName.LAST_FILE_WRITE: "last report file write",
    FactName.REPORTING_INTERVAL_DAYS: "reporting interval (days)",
    FactName.ACK_REQUIRED: "reporting ACK required",
    FactName.TRUST_CODE: "trust code installed",
    FactName.SIP_SERVICE: "SIP service",
    FactName.OUT_OF_COMPLIANCE: "out of compliance",
    FactName.USAGE_STATUS: "entitlement status",
    FactName.CLOCK_OFFSET: "device clock minus ours (seconds)",
    FactName.REGISTRATION_EXPIRES: "registration expires",
    FactName.AUTHORIZATION_DEADLINE: "communication deadline",
    FactName.CALLS_BLOCKED: "calls blocked",
}
