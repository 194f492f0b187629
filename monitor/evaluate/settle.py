"""Give findings their lives: first seen, open after lasting, resolved after being good."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.domain.findings import Finding, FindingKey, Severity, Standing
from monitor.domain.state import OpenFinding
from monitor.evaluate import (
    credential_refused,
    cssm_unreachable,
    insufficient_licenses,
    not_one_active,
    relay_silent,
)
from monitor.evaluate.catalogue import SUMMARIES
from monitor.evaluate.insufficient_licenses import ONLY_HOLDS
from monitor.evaluate.limits import Limits
from monitor.evaluate.wording import utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of the findings at one moment."""

    changed: Sequence[Standing] = ()
    """Standings to store: new, opened, clearing, resolved."""
    open: Sequence[OpenFinding] = ()
    next_due: float | None = None
    """When time alone opens or resolves one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    standing: Standing
    finding: Finding | None = None
    """Set where it is open."""
    due: float | None = None


_DEFAULTS = Limits()


def settle(
    standings: Mapping[FindingKey, Standing],
    findings: Sequence[Finding],
    *,
    now: float,
    limits: Limits = _DEFAULTS,
) -> Settled:
    """Compare what stands with what is found; both of the same subjects, judged at `now`.

    A standing without its finding is held, then resolved: pass no standing of a subject that was
    not judged. Resolved standings may be passed or left out.
    """
    living = {key: stand for key, stand in standings.items() if stand.resolved is None}
    found = {finding.key: finding for finding in findings}
    outcomes = [
        *(_seen(living.get(key), finding, now) for key, finding in found.items()),
        *(_gone(stand, now, limits) for key, stand in living.items() if key not in found),
    ]
    return _settled(standings, [outcome for outcome in outcomes if outcome is not None])


def _settled(standings: Mapping[FindingKey, Standing], outcomes: Iterable[_Outcome]) -> Settled:
    ordered = sorted(outcomes, key=lambda outcome: outcome.standing.key)
    return Settled(
        changed=[o.standing for o in ordered if standings.get(o.standing.key) != o.standing],
        open=[
            OpenFinding(finding=o.finding, standing=o.standing)
            for o in ordered
            if o.finding is not None
        ],
        next_due=min((o.due for o in ordered if o.due is not None), default=None),
    )


def _seen(standing: Standing | None, finding: Finding, now: float) -> _Outcome | None:
    if standing is not None and standing.opened is not None:
        return _Outcome(standing=replace(standing, clear_since=None), finding=finding)
    if finding.raise_after >= ONLY_HOLDS:
        return _forgotten(standing, now)
    standing = standing or Standing(key=finding.key, since=now)
    opens = standing.since + finding.raise_after
    if now >= opens:
        return _Outcome(standing=replace(standing, opened=now), finding=finding)
    return _Outcome(standing=standing, due=opens)


def _forgotten(standing: Standing | None, now: float) -> _Outcome | None:
    # It never lasted long enough to be open: the next spell is counted from its own start.
    return None if standing is None else _Outcome(standing=replace(standing, resolved=now))


def _gone(standing: Standing, now: float, limits: Limits) -> _Outcome | None:
    if standing.opened is None:
        standing = _opened_meanwhile(standing, now, limits)
    if standing.opened is None:
        return _forgotten(standing, now)
    since = now if standing.clear_since is None else standing.clear_since
    ends = since + _hold(standing.key, limits)
    if now >= ends:
        return _Outcome(standing=replace(standing, clear_since=since, resolved=now))
    held = replace(standing, clear_since=since)
    return _Outcome(standing=held, finding=_held(held, ends), due=ends)


def _opened_meanwhile(standing: Standing, now: float, limits: Limits) -> Standing:
    # It lasted from its start until this moment, even if nobody looked when it was long enough.
    raises = {
        insufficient_licenses.NAME: limits.balance_raise_seconds,
        not_one_active.NAME: limits.pair_roles_seconds,
    }
    opens = standing.since + raises.get(standing.key.rule, 0.0)
    return replace(standing, opened=opens) if now >= opens else standing


def _hold(key: FindingKey, limits: Limits) -> float:
    holds = {
        insufficient_licenses.NAME: limits.balance_hold_seconds,
        cssm_unreachable.NAME: limits.communication_hold_seconds,
        credential_refused.NAME: limits.communication_hold_seconds,
        relay_silent.NAME: limits.communication_hold_seconds,
    }
    return holds.get(key.rule, 0.0)


def _held(standing: Standing, ends: float) -> Finding:
    key = standing.key
    since = standing.clear_since or standing.since
    return Finding(
        rule=key.rule,
        step=key.step,
        subject=key.subject,
        severity=Severity.WARNING,
        why=(
            f"{SUMMARIES.get(key.rule, key.rule)}: good since {utc(since)}, held open until"
            f" {utc(ends)} in case it comes back."
        ),
        next="Nothing to do if it stays good.",
        hold=ends - since,
    )
