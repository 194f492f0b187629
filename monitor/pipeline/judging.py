"""Facts of the fleet in memory, judged again where they changed or the clock made a difference."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from monitor.domain.account import UNASSIGNED, Forecast, account_of
from monitor.domain.facts import Fact, FactKey, FactSheet, fold
from monitor.domain.findings import Finding, FindingKey, Standing
from monitor.domain.maintenance import Window, next_edge
from monitor.domain.measurement import Measurement
from monitor.domain.pair import Pair
from monitor.domain.state import (
    Account,
    AccountState,
    DeviceState,
    OpenFinding,
    PairState,
    Threshold,
)
from monitor.evaluate import (
    advised,
    covered,
    hidden,
    in_pairs,
    judge_account,
    judge_device,
    judge_pair,
    judge_shared,
    known_pairs,
    settle,
    spoken,
)
from monitor.evaluate.evidence import of_this_instance, sheet_of
from monitor.evaluate.limits import Limits
from monitor.evaluate.redundancy import redundancy_of
from monitor.evaluate.thresholds import limits_for_all
from monitor.instrument import Instruments
from monitor.pipeline.accounts import AccountBook
from monitor.pipeline.identity import Registry
from monitor.pipeline.presence import Presence

Forecasts = Callable[
    [AccountState, Sequence[DeviceState], Sequence[PairState], float], tuple[Forecast, ...]
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The fleet as judged at one moment; `changed` standings are to be stored."""

    devices: Sequence[DeviceState] = ()
    accounts: Sequence[AccountState] = ()
    findings: Sequence[OpenFinding] = ()
    changed: Sequence[Standing] = ()
    pairs: Sequence[PairState] = ()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A judged pair; its members' states are held so that their identity stays theirs."""

    rests_on: tuple[object, ...]
    members: Sequence[DeviceState]
    state: PairState


@dataclass(slots=True)
class _Fleet:
    sheets: defaultdict[str, FactSheet] = field(default_factory=lambda: defaultdict(dict))
    states: dict[str, DeviceState] = field(default_factory=dict)
    standings: dict[FindingKey, Standing] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    pairs: dict[str, _Kept] = field(default_factory=dict)
    concerned: dict[FindingKey, tuple[str, ...]] = field(default_factory=dict)
    """Devices of the shared causes that stand, for while one is only held."""


class Judge:
    """Keeps fact sheets, judges what was touched or is due, settles findings."""

    def __init__(
        self,
        registry: Registry,
        *,
        accounts: Iterable[Account],
        limits: Limits,
        presence: Presence,
        instruments: Instruments,
        pairs: Iterable[Pair] = (),
    ) -> None:
        self._registry = registry
        self._declared = tuple(pairs)
        self.pairs: Sequence[Pair] = self._declared
        """The pairs of the last judging: declared ones that hold, and learned ones."""
        self.measured: Callable[[str, str, float], Measurement | None] = lambda *_: None
        """(device, tag, instant) -> what was measured for the period that ended last by then."""
        self.peaks: Callable[[str], Mapping[str, int]] = lambda _: {}
        """Tag -> licences measured for the last period of a device, weak ones left out."""
        self.accounts = AccountBook(accounts)
        self.forecasts: Forecasts = lambda *_: ()
        """Draws the forecasts of an account as judged."""
        self._limits = limits
        self.windows: Sequence[Window] = ()
        """Maintenance windows, past and to come."""
        self.presence = presence
        self._instruments = instruments
        self._fleet = _Fleet()
        self.next_due = 0.0
        """When the clock alone can change a finding; infinity where it cannot."""
        self._accounts_changed = False

    @property
    def limits(self) -> Sequence[Threshold]:
        """The limits that hold for all devices alike, as numbers."""
        return limits_for_all(self._limits)

    def remember(self, facts: Iterable[Fact], standings: Iterable[Standing]) -> None:
        """Take over what an earlier run stored."""
        self.learn(facts)
        # A sheet of an earlier run is judged anew: the limits may have changed since.
        self._fleet.standings.update((standing.key, standing) for standing in standings)

    def exchange(self, *, limits: Limits, pairs: Iterable[Pair], changed: Iterable[str]) -> None:
        """Judge by these from now on: `changed` devices anew, all where the limits are others."""
        if limits != self._limits:
            self._fleet.states.clear()
            self._fleet.pairs.clear()
        for device in changed:
            self._fleet.states.pop(device, None)
        self._limits = limits
        self._declared = tuple(pairs)
        self.next_due = 0.0

    def know_pairs(self, now: float) -> None:
        """Find the pairs before the first judging: measuring goes by who was active."""
        said = {
            device: redundancy_of(of_this_instance(sheet_of(sheet.values())))
            for device, sheet in self._fleet.sheets.items()
        }
        known = {device: one for device, one in said.items() if one is not None}
        self.pairs = known_pairs(self._declared, known, now)

    def learn(self, facts: Iterable[Fact]) -> None:
        """Fold facts; the devices they change are judged next time."""
        by_device = defaultdict(list)
        for fact in facts:
            by_device[fact.subject].append(fact)
        of_accounts = [subject for subject in by_device if account_of(subject) is not None]
        for subject in of_accounts:
            self._accounts_changed |= self.accounts.learn(by_device.pop(subject))
        for device, its in by_device.items():
            self.presence.note(its)
            if fold(self._fleet.sheets[device], its):
                self._fleet.touched.add(device)

    def meet(self, devices: Iterable[str]) -> None:
        """Judge these next time even if nothing is known of them but their name."""
        self._fleet.touched.update(devices)

    def sheet(self, device: str) -> Mapping[FactKey, Fact]:
        """The folded facts of a device."""
        return dict(self._fleet.sheets.get(device, {}))

    def knows(self, device: str) -> bool:
        """Whether anything was ever said of it."""
        return bool(self._fleet.sheets.get(device))

    def subjects(self) -> Iterable[str]:
        """Devices of which anything was ever said."""
        return tuple(self._fleet.sheets)

    def filed(self, key: FactKey) -> Fact | None:
        """The fact that is filed under a key, about a device or an account."""
        if account_of(key.subject) is not None:
            return self.accounts.filed(key)
        return (
            self._fleet.sheets[key.subject].get(key) if key.subject in self._fleet.sheets else None
        )

    def reconsider_accounts(self) -> None:
        """What accounts are judged by has changed."""
        self._accounts_changed = True

    def due(self, now: float) -> bool:
        """Whether judging again could change anything."""
        return bool(self._fleet.touched) or self._accounts_changed or now >= self.next_due

    def judge(self, now: float) -> Judged:
        """Judge touched and due devices, then pairs, accounts and shared causes; settle all."""
        self._judge_devices(now)
        states = tuple(self._fleet.states.values())
        shared = judge_shared(states, now=now, limits=self._limits)
        pairs = tuple(self._judge_pairs(states, now))
        devices = in_pairs(covered(states, shared, limits=self._limits), pairs)
        accounts = advised(tuple(self._judge_accounts(devices, pairs, now)), now)
        settled = settle(
            self._fleet.standings,
            tuple(_findings(devices, accounts, [*shared, *_of_pairs(pairs)])),
            now=now,
            limits=self._limits,
        )
        self._fleet.standings.update((one.key, one) for one in settled.changed)
        self._note_concerned(shared, settled.open)
        self.next_due = _earliest(
            [
                settled.next_due,
                *(one.next_due for one in devices),
                *(one.next_due for one in accounts),
                *(time for pair in self._declared for time in _turns(pair, now)),
                next_edge(self.windows, now),
            ]
        )
        return Judged(
            devices=devices,
            accounts=accounts,
            findings=hidden(
                [self._with_devices(one) for one in settled.open],
                self.windows,
                {state.device.id: state.stopping for state in devices},
                now=now,
            ),
            changed=settled.changed,
            pairs=pairs,
        )

    def _note_concerned(self, shared: Iterable[Finding], standing: Iterable[OpenFinding]) -> None:
        known = self._fleet.concerned
        known.update((finding.key, finding.devices) for finding in shared)
        stands = {one.finding.key for one in standing}
        self._fleet.concerned = {key: its for key, its in known.items() if key in stands}

    def _with_devices(self, one: OpenFinding) -> OpenFinding:
        """A shared cause that is gone and only held speaks of the devices it spoke of before."""
        devices = one.finding.devices or self._fleet.concerned.get(one.finding.key, ())
        return replace(one, finding=replace(one.finding, devices=devices))

    def maintain(self, windows: Iterable[Window]) -> None:
        """These are the maintenance windows from now on; the next judging goes by them."""
        self.windows = tuple(windows)
        self.next_due = 0.0

    def acknowledge(self, key: FindingKey, at: float) -> Standing | None:
        """Somebody has taken an open finding; what is to be stored, None where nothing changes."""
        standing = self._fleet.standings.get(key)
        if standing is None or standing.resolved is not None or standing.acknowledged is not None:
            return None
        taken = replace(standing, acknowledged=at)
        self._fleet.standings[key] = taken
        self.next_due = 0.0
        return taken

    def notified(self, key: FindingKey, at: float) -> Standing | None:
        """People were told of an open finding; what is to be stored, None where it is known."""
        standing = self._fleet.standings.get(key)
        if standing is None or standing.resolved is not None or standing.notified is not None:
            return None
        told = self._fleet.standings[key] = replace(standing, notified=at)
        return told

    def open_of(self, subject: str) -> Sequence[FindingKey]:
        """Keys of the findings that stand about a subject."""
        standing = self._fleet.standings.values()
        return sorted(
            one.key for one in standing if one.resolved is None and one.key.subject == subject
        )

    def _judge_devices(self, now: float) -> None:
        for device in tuple(self._registry.devices.values()):
            if device.retired_at is not None:
                self._fleet.states.pop(device.id, None)
                continue
            seen = self.presence(device, now)
            state = self._fleet.states.get(device.id)
            if device.id in self._fleet.touched or _is_due(state, seen, now):
                facts = self._fleet.sheets[device.id].values()
                self._fleet.states[device.id] = judge_device(
                    device,
                    facts,
                    last_seen=seen,
                    now=now,
                    limits=self._limits,
                    measured=partial(self.measured, device.id),
                )
                self._instruments.judged.labels(scope="device").inc()
        self._fleet.touched.clear()

    def _judge_pairs(self, states: Sequence[DeviceState], now: float) -> Iterable[PairState]:
        self.pairs = known_pairs(self._declared, spoken(states), now)
        by_name = {state.device.id: state for state in states}
        for pair in self.pairs:
            members = [by_name[member] for member in pair.members if member in by_name]
            peaks = {member: self.peaks(member) for member in pair.members}
            yield self._pair_state(pair, members, peaks, now)

    def _pair_state(
        self,
        pair: Pair,
        members: Sequence[DeviceState],
        peaks: Mapping[str, Mapping[str, int]],
        now: float,
    ) -> PairState:
        """As judged before, where nothing that it rests on has changed."""
        rests_on = (pair, tuple(map(id, members)), peaks)
        before = self._fleet.pairs.get(pair.name)
        if before is not None and before.rests_on == rests_on:
            return before.state
        state = judge_pair(pair, members, now=now, limits=self._limits, peaks=peaks)
        self._instruments.judged.labels(scope="pair").inc()
        self._fleet.pairs[pair.name] = _Kept(rests_on, members, state)
        return state

    def _judge_accounts(
        self, devices: Sequence[DeviceState], pairs: Sequence[PairState], now: float
    ) -> Iterable[AccountState]:
        members = defaultdict(list)
        self._accounts_changed = False
        accounts = self.accounts.accounts
        known = {account.name for account in accounts}
        for state in devices:
            name = state.virtual_account
            members[name if name in known else UNASSIGNED].append(state)
        for account in accounts:
            its = members[account.name]
            judged = judge_account(
                account, its, now=now, limits=self._limits, pairs=pairs, peaks=self.peaks
            )
            yield replace(judged, forecasts=self.forecasts(judged, its, pairs, now))


def _is_due(state: DeviceState | None, seen: Mapping[str, float], now: float) -> bool:
    if state is None or (state.stale and seen != state.last_seen):
        return True
    return state.next_due is not None and now >= state.next_due


def _findings(
    devices: Sequence[DeviceState], accounts: Sequence[AccountState], shared: Sequence[Finding]
) -> Iterable[Finding]:
    for device in devices:
        yield from device.findings
        yield from device.advice
    for account in accounts:
        yield from account.findings
        yield from account.advice
    yield from shared


def _of_pairs(pairs: Iterable[PairState]) -> Iterable[Finding]:
    return (finding for pair in pairs for finding in pair.findings)


def _turns(pair: Pair, now: float) -> Iterable[float]:
    """Moments to come at which it becomes a pair or ends being one."""
    return (time for time in (pair.since, pair.until) if time is not None and time > now)


def _earliest(times: Iterable[float | None]) -> float:
    return min((time for time in times if time is not None), default=float("inf"))
