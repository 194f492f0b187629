"""Pairs as the API shows them: roles, readiness, what a failover would do, licences needed."""

from monitor.domain.pair import MemberRole, Needed, Rehearsal
from monitor.domain.state import FleetSnapshot, OpenFinding, PairState
from monitor.expose.views.finding import FindingView, finding_view
from monitor.expose.views.view import View, moment


class MemberView(View):
    """One member."""

    device: str
    role: str | None
    """active, standby or other; null where nobody says it, or a takeover has overtaken it."""
    said: str | None
    """When that was said."""
    source: str | None
    authenticated: bool | None


class NeedView(View):
    """Licences needed, once for the pair."""

    tag: str
    """Two tags joined by `or` where either licence is accepted."""
    count: int
    profile: str
    """How the number came about: reported, static-capacity, or a need profile."""


class CheckView(View):
    """One question of the rehearsal."""

    name: str
    verdict: str
    """fine, fails, differs or unknown."""
    why: str


class RehearsalView(View):
    """What happens if the pair fails over now."""

    now: str | None
    pair: str
    standby: str | None
    """The device that would take over."""
    lives: str
    """fine: calls go on; fails: they stop, or nobody takes over; differs: licensing is not in
    order; unknown."""
    headline: str
    checks: list[CheckView]
    needs: list[NeedView]
    page: str
    """What would page then; empty where nothing would."""
    next: str


class PairView(View):
    """One pair."""

    name: str
    kind: str
    """box_to_box or in_box."""
    learned: bool
    since: str | None
    until: str | None
    need_profile: str
    active: str | None
    ready: bool | None
    """Whether the peer could take over, as the redundancy says it."""
    members: list[MemberView]
    needs: list[NeedView]
    rehearsal: RehearsalView
    findings: list[FindingView]


class PairsView(View):
    """All pairs by name."""

    now: str | None
    pairs: list[PairView]


def pair_view(state: PairState, fleet: FleetSnapshot) -> PairView:
    """One pair with the findings about it."""
    pair = state.pair
    return PairView(
        name=pair.name,
        kind="in_box" if pair.in_box else "box_to_box",
        learned=pair.learned,
        since=moment(pair.since),
        until=moment(pair.until),
        need_profile=pair.need.value,
        active=state.roles.active,
        ready=state.ready,
        members=[_member(member) for member in state.roles.members],
        needs=[_need(need) for need in state.needs],
        rehearsal=rehearsal_view(state),
        findings=[finding_view(one, fleet.now) for one in _about(state, fleet)],
    )


def rehearsal_view(state: PairState) -> RehearsalView:
    """The rehearsal of a pair."""
    rehearsal: Rehearsal = state.rehearsal
    return RehearsalView(
        now=moment(state.now),
        pair=state.pair.name,
        standby=rehearsal.standby,
        lives=rehearsal.lives.value,
        headline=rehearsal.headline,
        checks=[
            CheckView(name=one.name, verdict=one.verdict.value, why=one.why)
            for one in rehearsal.checks
        ],
        needs=[_need(need) for need in rehearsal.needs],
        page=rehearsal.page,
        next=rehearsal.next,
    )


def _about(state: PairState, fleet: FleetSnapshot) -> list[OpenFinding]:
    return [one for one in fleet.findings if one.finding.subject == state.pair.name]


def _member(member: MemberRole) -> MemberView:
    said = member.said
    return MemberView(
        device=member.device,
        role=member.role.value if member.role else None,
        said=moment(said.effective) if said else None,
        source=said.source if said else None,
        authenticated=said.authenticated if said else None,
    )


def _need(need: Needed) -> NeedView:
    return NeedView(tag=need.tag, count=need.count, profile=need.profile)
