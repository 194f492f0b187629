"""Judge a device, an account, the whole fleet: facts and a time in, findings out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from monitor.domain.device import Device
from monitor.domain.facts import Fact, FactName
from monitor.domain.findings import Finding, Severity
from monitor.domain.instants import HOUR, span
from monitor.domain.state import Account, AccountState, DeviceState, PairState
from monitor.evaluate import (
    communication_failed,
    credential_refused,
    cssm_unreachable,
    purchases_disagree,
    relay_silent,
    transfers,
)
from monitor.evaluate.accounts import AccountCase, balances_of
from monitor.evaluate.ack_backstop import last_step
from monitor.evaluate.advice import shown_findings
from monitor.evaluate.case import Case, Measured, case_of, nothing_measured
from monitor.evaluate.catalogue import ACCOUNT_RULES, DEVICE_RULES, SHARED_RULES
from monitor.evaluate.communication_failed import communication_failure, communication_peer
from monitor.evaluate.credential_refused import causes_of, refusals_of
from monitor.evaluate.cssm_counts import counted_by_cssm
from monitor.evaluate.cssm_unreachable import peer_of
from monitor.evaluate.due import next_due
from monitor.evaluate.evidence_disagrees import disagreement_of
from monitor.evaluate.inhibition import inhibited
from monitor.evaluate.limits import Limits
from monitor.evaluate.out_of_compliance import is_out_of_compliance
from monitor.evaluate.redundancy import redundancy_of
from monitor.evaluate.registration_expired import registration_of
from monitor.evaluate.relay_silent import cause_of, relay_of
from monitor.evaluate.shared import SharedCase
from monitor.evaluate.sip_service_down import sip_service
from monitor.evaluate.stale_data import NAME as STALE_DATA
from monitor.evaluate.stale_data import POLL, SYSLOG
from monitor.evaluate.thresholds import rungs, steps_shown
from monitor.evaluate.usage_drift import drifts_of
from monitor.evaluate.wording import step_name


def judge_device(
    device: Device,
    facts: Iterable[Fact],
    *,
    last_seen: Mapping[str, float],
    now: float,
    limits: Limits,
    measured: Measured = nothing_measured,
) -> DeviceState:
    """Judge one device by its facts, in any order and repeated at will.

    `last_seen`: source -> when it last said anything. Times are seconds since 1970 UTC.
    """
    case = case_of(device, facts, last_seen=last_seen, now=now, limits=limits, measured=measured)
    found = (finding for rule in DEVICE_RULES for finding in rule.find(case))
    findings = tuple(_aged(finding, case) for finding in found)
    advice = tuple(_aged(finding, case) for finding in shown_findings(case))
    return replace(_state(case), findings=inhibited(findings, last_step(case)), advice=advice)


def judge_account(
    account: Account,
    devices: Sequence[DeviceState],
    *,
    now: float,
    limits: Limits,
    pairs: Sequence[PairState] = (),
    peaks: Callable[[str], Mapping[str, int]] | None = None,
) -> AccountState:
    """Judge one virtual account by its devices' states; call again when one of them changed.

    A pair of `pairs` is one consumer. `peaks`: device -> tag -> licences measured for its last
    period, weak ones left out; they stand beside the balance and move nothing.
    """
    balances = balances_of(account, devices, pairs, peaks=peaks)
    case = AccountCase(account=account, balances=balances, now=now, limits=limits)
    findings = tuple(finding for rule in ACCOUNT_RULES for finding in rule.find(case))
    return AccountState(account=account, balances=balances, findings=findings)


def advised(accounts: Sequence[AccountState], now: float) -> tuple[AccountState, ...]:
    """The same accounts with advice: what to move between them, and what sources disagree on."""
    moves = transfers.transfers(accounts, now)
    given = transfers.advice(moves, now)
    return tuple(
        replace(
            state,
            transfers=tuple(one for one in moves if one.taker == state.account.name),
            advice=(
                *purchases_disagree.find(state.account),
                *given.get(state.account.name, ()),
            ),
        )
        for state in accounts
    )


def judge_shared(
    devices: Sequence[DeviceState], *, now: float, limits: Limits
) -> tuple[Finding, ...]:
    """Causes that several devices share. `covered` then quiets the devices' own findings."""
    case = SharedCase(devices=devices, now=now, limits=limits)
    return tuple(finding for rule in SHARED_RULES for finding in rule.find(case))


def covered(
    devices: Sequence[DeviceState], shared: Sequence[Finding], *, limits: Limits
) -> tuple[DeviceState, ...]:
    """The same devices without the warnings a shared finding speaks for; pages stay."""
    causes = {(finding.rule, finding.subject) for finding in shared}
    last = step_name(limits.backstop_always_hours * HOUR)
    return tuple(_covered(state, causes, last) for state in devices)


def _covered(state: DeviceState, causes: set[tuple[str, str]], last: str) -> DeviceState:
    spoken = causes & _causes_of(state)
    kept = tuple(one for one in state.findings if not _is_spoken_for(one, spoken))
    return replace(state, findings=inhibited(kept, last)) if spoken else state


def _causes_of(state: DeviceState) -> set[tuple[str, str]]:
    causes = {(credential_refused.NAME, cause) for cause in causes_of(state.refusals)}
    if state.relay is not None:
        causes.add((relay_silent.NAME, cause_of(state.relay)))
    if state.communication_failed_since is not None:
        causes.add((cssm_unreachable.NAME, peer_of(state)))
    return causes


def _is_spoken_for(finding: Finding, spoken: set[tuple[str, str]]) -> bool:
    rules = {rule for rule, _ in spoken}
    if finding.rule == communication_failed.NAME:
        return cssm_unreachable.NAME in rules and finding.severity < Severity.CRITICAL
    # Who cannot log in cannot poll; what the device tells by itself comes another way.
    ways = {POLL: credential_refused.NAME, SYSLOG: relay_silent.NAME}
    return finding.rule == STALE_DATA and ways[finding.step] in rules


def _state(case: Case) -> DeviceState:
    failure = communication_failure(case)
    service = sip_service(case)
    cssm = counted_by_cssm(case.sheet)
    return DeviceState(
        device=case.device,
        now=case.now,
        release=case.release_name,
        stopping=case.stopping,
        cycle=case.cycle,
        virtual_account=case.device.virtual_account or _said_account(case),
        sip_service=service.value if service and isinstance(service.value, str) else None,
        in_use=case.in_use,
        counted_by=case.counted_by,
        cssm_counts=cssm.counts if cssm else None,
        cssm_counted_by=cssm.by if cssm else "",
        redundancy=redundancy_of(case.sheet),
        drifts=drifts_of(case),
        out_of_compliance=is_out_of_compliance(case),
        communication_failed_since=failure.effective if failure else None,
        communication_peer=communication_peer(case),
        refusals=refusals_of(case.sheet),
        relay=relay_of(case.sheet),
        thresholds=dict(steps_shown(case)),
        rungs=rungs(case),
        skew=case.skew,
        patience=case.silence.patience,
        registration=registration_of(case),
        disagreement=disagreement_of(case),
        last_seen=dict(case.silence.last_seen),
        stale=case.silence.stale,
        next_due=next_due(case),
        facts=case.sheet.facts,
    )


def _said_account(case: Case) -> str | None:
    said = case.sheet.best(FactName.VIRTUAL_ACCOUNT)
    return said.value if said is not None and isinstance(said.value, str) else None


def _aged(finding: Finding, case: Case) -> Finding:
    if finding.rule == STALE_DATA or not _is_stale(finding, case):
        return finding
    heard = max(case.silence.last_seen.values())
    age = f"{finding.why} The evidence is stale: last heard {span(case.now - heard)} ago."
    return replace(finding, stale=True, why=age)


def _is_stale(finding: Finding, case: Case) -> bool:
    sources = {line.source for line in finding.evidence}
    return sources <= case.silence.late if sources else case.silence.stale
