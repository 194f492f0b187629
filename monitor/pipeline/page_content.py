"""What a page says: one pure function of a finding, the fleet as judged and the time.

The words are those of the API and the console: the verdict of `cubemon judge`, the finding's own
sentences and its evidence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from ipaddress import ip_address
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import EvidenceLine, Finding, Severity
from monitor.domain.instants import HOUR, span
from monitor.domain.page import PageText
from monitor.domain.pair import MemberRole
from monitor.domain.readings import Series
from monitor.domain.release import Stopping
from monitor.domain.state import DeviceState, PairState
from monitor.evaluate import Limits
from monitor.evaluate.catalogue import (
    ACCOUNT_RULES,
    DEVICE_RULES,
    PAIR_RULES,
    SHARED_RULES,
    SUMMARIES,
)
from monitor.evaluate.evidence import instant
from monitor.evaluate.pair_page import NAME as PAIR_PAGE
from monitor.evaluate.wording import utc
from monitor.pipeline.verdict import verdict_of

_RUNBOOKS: Final[Mapping[str, str]] = {
    **{rule.name: rule.runbook for rule in DEVICE_RULES},
    **{rule.name: rule.runbook for rule in ACCOUNT_RULES},
    **{rule.name: rule.runbook for rule in SHARED_RULES},
    **{rule.name: rule.runbook for rule in PAIR_RULES},
}
_OF_ACCOUNTS: Final = frozenset(rule.name for rule in ACCOUNT_RULES)
_UTC: Final = (" UTC", " GMT")
_MOST_EVIDENCE: Final = 8
_MOST_NAMED: Final = 10
_FRESH: Final = HOUR
"""A number of calls older than this says nothing of now."""
_STOPS: Final[Mapping[Stopping, str]] = {
    Stopping.STOPS: "stops calls at a missed deadline",
    Stopping.MAY_STOP: "may stop calls at a missed deadline",
    Stopping.NEVER: "does not stop calls",
    Stopping.BEFORE_POLICY: "has no report deadline",
}


Newest = Mapping[Series, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The fleet at one moment, as far as pages speak of it."""

    now: float
    devices: Mapping[str, DeviceState]
    pairs: Sequence[PairState] = ()
    latest: Mapping[str, Newest] = field(default_factory=dict)
    """Device -> series -> (second, sessions) of its newest reading."""
    limits: Limits = field(default_factory=Limits)
    zone: tzinfo | None = None
    """Of those on duty; None where it is not configured."""
    runbook_url: str = ""
    """Base address of the runbooks; `{slug}` in it stands for the rule's section."""


def page_text(finding: Finding, scene: Scene) -> PageText:
    """Title, lines and runbook of the page of one finding."""
    subject = _lead(finding, scene)
    lines = dict(_lines(finding, subject, scene))
    headline = _headline(finding, subject, scene)
    return PageText(
        title=f"{finding.severity.word.upper()} {finding.subject}: {headline}"[:_LONGEST_TITLE],
        lines=lines,
        runbook=_runbook(finding, scene.runbook_url),
    )


_LONGEST_TITLE: Final = 250


def _headline(finding: Finding, state: DeviceState | None, scene: Scene) -> str:
    """Whoever is woken reads first what happens to calls; a ticket says first what it is about."""
    if state is None:
        return finding.why
    verdict = verdict_of(state, scene.limits)
    words = verdict.headline
    if scene.zone is not None and verdict.deadline is not None:
        # A title is all that a locked phone shows: there it is by the clock of whoever reads it.
        words = words.replace(utc(verdict.deadline), _local(verdict.deadline, scene.zone))
    if finding.severity is Severity.CRITICAL:
        return words
    return f"{SUMMARIES.get(finding.rule, finding.rule)} ({_of(state, finding)}{words})"


def _of(state: DeviceState, finding: Finding) -> str:
    """Whose calls: said where the page is about more than the one device."""
    return "" if state.device.id == finding.subject else f"{state.device.id}: "


def by_device(latest: Newest) -> Mapping[str, Newest]:
    """Newest readings apart for each device."""
    found: dict[str, dict[Series, tuple[int, int]]] = {}
    for series, reading in latest.items():
        found.setdefault(series.device, {})[series] = reading
    return found


def stops(finding: Finding, devices: Mapping[str, DeviceState]) -> bool:
    """Whether a device it speaks of runs a release that stops calls, or may."""
    named = finding.devices or (finding.subject,)
    states = (devices[name] for name in named if name in devices)
    return any(state.stopping in {Stopping.STOPS, Stopping.MAY_STOP} for state in states)


def _lead(finding: Finding, scene: Scene) -> DeviceState | None:
    """The device whose calls are at stake: the active one of a pair, else the first deadline.

    None for a shortage of an account, which stops nobody's calls.
    """
    if finding.rule in _OF_ACCOUNTS:
        return None
    if finding.subject in scene.devices:
        return _at(scene.devices[finding.subject], scene.now)
    speaker = _speaker(finding, scene)
    if speaker is not None:
        return _at(speaker, scene.now)
    pair = _pair_of(finding.subject, scene)
    if pair is not None and pair.roles.active in scene.devices:
        return _at(scene.devices[pair.roles.active or ""], scene.now)
    states = [scene.devices[name] for name in finding.devices if name in scene.devices]
    if not states:
        return None
    return _at(min(states, key=_urgency), scene.now)


def _speaker(finding: Finding, scene: Scene) -> DeviceState | None:
    """The member that the page of a pair passes on; None where it is about the pair itself."""
    if finding.rule != PAIR_PAGE:
        return None
    pair = _pair_of(finding.subject, scene)
    roles = [] if pair is None else pair.roles.members
    silent = {member.device for member in roles if member.is_proven_standby}
    pages = {
        name
        for name in {*finding.devices} - silent
        if name in scene.devices and finding.step in _pages(scene.devices[name])
    }
    return scene.devices[min(pages)] if pages else None


def _pages(state: DeviceState) -> Iterator[str]:
    for one in state.findings:
        if one.severity is Severity.CRITICAL:
            yield f"{one.rule}:{one.step}"


def _at(state: DeviceState, now: float) -> DeviceState:
    return replace(state, now=now)


def _urgency(state: DeviceState) -> tuple[float, str]:
    deadline = instant(state.cycle.deadline)
    return (float("inf") if deadline is None else deadline, state.device.id)


def _pair_of(name: str, scene: Scene) -> PairState | None:
    for one in scene.pairs:
        if name == one.pair.name or name in one.pair.members:
            return one
    return None


def _lines(finding: Finding, state: DeviceState | None, scene: Scene) -> Iterator[tuple[str, str]]:
    deadline = finding.deadline
    if state is not None:
        verdict = verdict_of(state, scene.limits)
        yield "Calls", f"{_of(state, finding)}{verdict.headline}. {verdict.reason}"
        deadline = verdict.deadline if deadline is None else deadline
    if deadline is not None:
        yield "When", _when(deadline, state, scene)
    yield "Finding", finding.why
    # Before the details: services cut what is long.
    yield "Next", _next(finding, scene)
    if len(finding.devices) > 1 or (finding.devices and state is None):
        yield "Devices", _named(finding.devices)
    if state is not None:
        yield from _device(state, scene)
        yield from _cycle(state)
    if finding.evidence:
        yield "Evidence", _evidence(finding.evidence, scene.now)


def _next(finding: Finding, scene: Scene) -> str:
    """What to type, and on which member where the page is of a pair."""
    speaker = _speaker(finding, scene)
    return finding.next if speaker is None else f"On {speaker.device.id}: {finding.next}"


def _when(deadline: float, state: DeviceState | None, scene: Scene) -> str:
    left = deadline - scene.now
    words = [f"{span(left)} left" if left >= 0 else f"{span(left)} ago", utc(deadline)]
    if scene.zone is not None:
        words.insert(1, f"{_local(deadline, scene.zone)} here")
    device = None if state is None else _device_zone(state)
    if device is UTC:
        words.append("the device shows UTC")
    else:
        words.append(
            "device zone unknown" if device is None else f"{_local(deadline, device)} device"
        )
    return ", ".join(words)


def _local(moment: float, zone: tzinfo) -> str:
    return datetime.fromtimestamp(moment, zone).strftime("%Y-%m-%d %H:%M %Z")


def _device_zone(state: DeviceState) -> tzinfo | None:
    """The one zone its clock is known to show; None where there are none, or two (summer time)."""
    said = {
        fact.key: fact.value
        for fact in state.facts
        if fact.name is FactName.ZONE_OFFSET and isinstance(fact.value, int)
    }
    zones = {**state.device.zones, **said}
    deadline = state.cycle.deadline
    if deadline is not None and deadline.text.endswith(_UTC):
        return UTC
    if len(zones) != 1:
        return None
    ((word, seconds),) = zones.items()
    return timezone(timedelta(seconds=int(seconds)), word)


def _device(state: DeviceState, scene: Scene) -> Iterator[tuple[str, str]]:
    release = state.release or "unknown"
    title = f" ({state.device.title})" if state.device.title else ""
    yield (
        "Device",
        f"{state.device.id}{title}{_address(state)}, release {release}, {_STOPS[state.stopping]}",
    )
    pair = _pair_of(state.device.id, scene)
    if pair is not None:
        yield "Pair", _pair(pair, state.device.id)
    yield "Calls now", _calls(state.device.id, scene)
    if state.sip_service is not None:
        yield "SIP service", state.sip_service


def _address(state: DeviceState) -> str:
    """Where to log in, as far as it is known."""
    found = sorted(name for name in state.device.aliases if _is_address(name))
    return f" at {found[0]}" if found else ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _pair(pair: PairState, device: str) -> str:
    mine = pair.roles.of(device)
    others = [_role(member) for member in pair.roles.members if member.device != device]
    peers = f", peer {', '.join(others)}" if others else ""
    ready = {True: "can take over", False: "cannot take over", None: "readiness unknown"}
    return f"{pair.pair.name}: {_role(mine, device)}{peers}; {ready[pair.ready]}"


def _role(member: MemberRole | None, device: str = "") -> str:
    name = device if member is None else member.device
    role = "role unknown" if member is None or member.role is None else member.role.value
    return f"{name} ({role})"


def _calls(device: str, scene: Scene) -> str:
    newest = {
        series: reading
        for series, reading in scene.latest.get(device, {}).items()
        if scene.now - reading[0] <= _FRESH
    }
    if not newest:
        return "unknown"
    tags: dict[str, tuple[int, int]] = {}
    for series, reading in sorted(newest.items()):
        tags[series.tag] = max(tags.get(series.tag, reading), reading)
    return ", ".join(
        f"{count} sessions of {tag} ({span(scene.now - second)} ago)"
        for tag, (second, count) in sorted(tags.items())
    )


def _cycle(state: DeviceState) -> Iterator[tuple[str, str]]:
    cycle = state.cycle
    yield "Last ACK", _moment(cycle.last_ack)
    yield "Last push", _moment(cycle.last_push)
    yield "Next push", _moment(cycle.next_push)
    yield "Transport", "unknown" if cycle.transport is None else str(cycle.transport.value)
    failure = _communication_error(state)
    if failure is not None:
        reason = f": {failure.text}" if failure.text else ""
        yield "Last communication error", f"{utc(failure.effective)}{reason}"


def _communication_error(state: DeviceState) -> Fact | None:
    said = (
        fact
        for fact in state.facts
        if fact.name is FactName.COMMUNICATION and fact.value == "failed"
    )
    return max(said, key=lambda fact: fact.effective, default=None)


def _moment(fact: Fact | None) -> str:
    if fact is None:
        return "unknown"
    moment = instant(fact)
    return "none" if moment is None else utc(moment)


def _evidence(lines: Sequence[EvidenceLine], now: float) -> str:
    shown = [
        f"{line.what} {line.value} ({line.kind}, {line.source}, {span(now - line.received)} ago)"
        for line in lines[:_MOST_EVIDENCE]
    ]
    return "; ".join(shown)


def _named(devices: Sequence[str]) -> str:
    shown = ", ".join(devices[:_MOST_NAMED])
    more = len(devices) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def _runbook(finding: Finding, base: str) -> str:
    slug = _RUNBOOKS.get(finding.rule, "")
    if not base or not slug:
        return ""
    return base.replace("{slug}", slug) if "{slug}" in base else f"{base.rstrip('/')}/{slug}"
