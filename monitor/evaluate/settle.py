"""Give findings their lives: first seen, open after lasting, resolved after being good."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.domain.findings import Finding, FindingKey, Severity, Standing
from monitor.domain.instants import MINUTE
from monitor.domain.state import OpenFinding
from monitor.evaluate import (
    credential_refused,
    cssm_unreachable,
    insufficient_licenses,
    not_one_active,
    relay_silent,
    usage_drift,
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
        *(one for key, its in found.items() for one in _seen(living.get(key), its, now, limits)),
        *(_gone(stand, now, limits) for key, stand in living.items() if key not in found),
    ]
    return _settled(standings, outcomes)


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


def _seen(
    standing: Standing | None, finding: Finding, now: float, limits: Limits
) -> Iterator[_Outcome]:
    if standing is not None and _is_over(standing, now, limits):
        yield _Outcome(standing=replace(standing, resolved=now))
        standing = None
    only_holds = finding.raise_after == ONLY_HOLDS
    if standing is None:
        if only_holds:
            return
        standing = Standing(key=finding.key, since=now)
    lasts = _raise(finding.key, limits) if only_holds else finding.raise_after
    standing = _opened_meanwhile(standing, lasts, now)
    if standing.opened is not None:
        yield _Outcome(standing=replace(standing, clear_since=None), finding=finding)
    elif only_holds:
        yield _forgotten(standing, now)
    else:
        yield _Outcome(standing=standing, due=standing.since + lasts)


def _is_over(standing: Standing, now: float, limits: Limits) -> bool:
    # It was good for the whole hold until this moment: what is found now is another spell.
    good = standing.clear_since
    return good is not None and now >= good + _hold(standing.key, limits)


def _forgotten(standing: Standing, now: float) -> _Outcome:
    # It never lasted long enough to be open: the next spell is counted from its own start.
    return _Outcome(standing=replace(standing, resolved=now))


def _gone(standing: Standing, now: float, limits: Limits) -> _Outcome:
    standing = _opened_meanwhile(standing, _raise(standing.key, limits), now)
    if standing.opened is None:
        return _forgotten(standing, now)
    since = now if standing.clear_since is None else standing.clear_since
    ends = since + _hold(standing.key, limits)
    if now >= ends:
        return _Outcome(standing=replace(standing, clear_since=since, resolved=now))
    held = replace(standing, clear_since=since)
    return _Outcome(standing=held, finding=_held(held, ends), due=ends)


def _opened_meanwhile(standing: Standing, lasts: float, now: float) -> Standing:
    # It lasted from its start until this moment, even if nobody looked when it was long enough.
    opens = standing.since + lasts
    return replace(standing, opened=opens) if standing.opened is None and now >= opens else standing


def _raise(key: FindingKey, limits: Limits) -> float:
    raises = {
        insufficient_licenses.NAME: limits.balance_raise_seconds,
        not_one_active.NAME: limits.pair_roles_seconds,
    }
    return raises.get(key.rule, 0.0)


def _hold(key: FindingKey, limits: Limits) -> float:
    holds = {
        insufficient_licenses.NAME: limits.balance_hold_seconds,
        cssm_unreachable.NAME: limits.communication_hold_seconds,
        credential_refused.NAME: limits.communication_hold_seconds,
        relay_silent.NAME: limits.communication_hold_seconds,
        # The next count waits for our own measurement; until then what the last one said stands.
        usage_drift.NAME: 2 * limits.drift_settle_minutes * MINUTE,
    }
    return holds.get(key.rule, 0.0)


def _held(standing: Standing, ends: float) -> Finding:
    key = standing.key
    since = standing.clear_since or standing.since
    return Finding(
        rule=key.rule,
        step=key.step,
        subject=key.subject,
        severity=_severity(key),
        why=(
            f"{SUMMARIES.get(key.rule, key.rule)}: good since {utc(since)}, held open until"
            f" {utc(ends)} in case it comes back."
        ),
        next="Nothing to do if it stays good.",
    )


def _severity(key: FindingKey) -> Severity:
    """What is for information stays so while it is held."""
    if key.rule == insufficient_licenses.NAME:
        return insufficient_licenses.severity_of(key.step)
    return Severity.INFO if key.rule == usage_drift.NAME else Severity.WARNING
