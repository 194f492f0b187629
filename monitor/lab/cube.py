"""A virtual CUBE: calls, a licence agent, a command line and a syslog, all from one clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from monitor.aggregate.chain import Name
from monitor.aggregate.rules import DeviceRules
from monitor.domain.instants import DAY, HOUR, MINUTE
from monitor.domain.measurement import Measurement
from monitor.domain.pair import BOX_TO_BOX_TYPE
from monitor.domain.release import Stopping, stopping
from monitor.lab import license_status, license_usage, usage_reports
from monitor.lab.agent import AckState, Cycle, prompted
from monitor.lab.box_to_box import BoxToBox
from monitor.lab.calls import CallProfile
from monitor.lab.dialects import Dialect, Message, Speaker
from monitor.lab.license_status import Account, Layout, StatusPage
from monitor.lab.license_usage import Recorded, VoicePage, trunk_word
from monitor.lab.measured import Meter
from monitor.lab.stamps import Zone, in_clock_output
from monitor.lab.voice_stats import voice_license_stats

_SHOWN_RECORDS = 10
_REMINDER = 7 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Cube:
    """What a virtual CUBE is; it behaves the same each time it is asked about the same instant."""

    name: str
    story: str
    """The state it is in, in the words of the demo."""
    release: str
    cube_version: str
    platform: str
    serial: str
    address: str
    account: Account
    cycle: Cycle
    calls: Mapping[str, CallProfile]
    """Tag -> its calls."""
    born: int
    """Whole hour since which it measures, seconds since 1970 UTC."""
    dialect: Dialect = Dialect.ORIGIN_NAME
    zone: Zone = field(default_factory=Zone)
    period_hours: int = 168
    silent_since: int | None = None
    """From here on it neither speaks nor answers."""
    debugged_since: int | None = None
    """From here on `debug license feature cube all` is on: a line a minute."""
    misreports: float = 1.0
    """It says so many times the licences it has measured."""
    pair: BoxToBox | None = None
    """The redundancy group it is a member of; it carries calls only while it is active."""
    prompts: list[int] = field(default_factory=list)
    """When somebody typed `license smart sync all`, in order, seconds since 1970 UTC."""
    metered: dict[int, dict[str, Meter]] = field(default_factory=dict)
    """The second from which it carried calls -> the meters of that time, by tag."""

    def carries(self, at: float) -> bool:
        """Whether it has calls: always, or while it is the active one of its pair."""
        return self.pair is None or self.pair.is_active(self.name, at)

    def stints(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The times within `[start, end)` in which it carries calls, in whole seconds."""
        stints = [(start, end)] if self.pair is None else self.pair.stints(self.name, start, end)
        return ((int(begun), int(over)) for begun, over in stints if begun < over)

    def meters(self, now: float) -> dict[str, Meter]:
        """The meters that count at an instant: none on a standby, new ones after a failover."""
        if not self.carries(now):
            return {}
        since = None if self.pair is None else self.pair.active_since(now)
        return self._meters_since(int(since or self.born))

    def _meters_since(self, begun: int) -> dict[str, Meter]:
        if begun not in self.metered:
            self.metered[begun] = {
                tag: Meter(
                    name=Name(self.name, tag),
                    profile=profile,
                    rules=DeviceRules(periods=((0, self.period_hours),)),
                    start=begun // HOUR * HOUR,
                    since=begun,
                )
                for tag, profile in self.calls.items()
            }
        return self.metered[begun]

    def _recorded(self, now: float) -> Iterator[tuple[str, Measurement]]:
        """All that it has measured, the times before a failover too."""
        for begun, over in self.stints(self.born, int(now) + 1):
            for tag, meter in self._meters_since(begun).items():
                yield from ((tag, one) for one in meter.until(min(over, now)))

    @property
    def layout(self) -> Layout:
        """The layout its release prints in."""
        if stopping(self.release) is Stopping.BEFORE_POLICY:
            return Layout.BEFORE_POLICY
        return Layout.FIRST_POLICY if self.release == "17.3.2" else Layout.LATER_POLICY

    @property
    def speaker(self) -> Speaker:
        """Who its syslog says it is."""
        return Speaker(host_name=self.name, address=self.address, zone=self.zone)

    def speaks(self, at: float) -> bool:
        """False once it has fallen silent."""
        return self.silent_since is None or at < self.silent_since

    def reporting(self, now: float) -> AckState:
        """How its reports and their acknowledgement stand."""
        state = self.cycle.state(now)
        typed = max((at for at in self.prompts if at <= now), default=None)
        return state if typed is None else prompted(state, typed, now)

    def is_acknowledged(self, start: float, end: float) -> bool:
        """Whether an acknowledgement arrived after `start`, and by `end`."""
        acked = self.reporting(end).last_ack
        return acked is not None and start < acked <= end

    def usage(self, now: float) -> dict[str, int]:
        """Licences by tag as last recorded."""
        recorded = {tag: meter.until(now) for tag, meter in self.meters(now).items()}
        return {tag: self._said(rows[-1]) for tag, rows in recorded.items() if rows}

    def _said(self, recorded: Measurement) -> int:
        return round((recorded.count or 0) * self.misreports)

    def answer(self, command: str, now: float) -> str:
        """The output of a command at an instant; empty for a command it does not know."""
        pages = {
            "show license status": self._license_status,
            "show license usage": self._license_usage,
            "show license rum id all": self._usage_reports,
            "show cube status": self._cube_status,
            "show voice sip license status": self._voice_status,
            "show voice sip license stats": self._voice_stats,
            "show redundancy states": self._states,
            "show redundancy application group": self._group,
            "show version": self._version,
            "show clock": self._clock,
            "license smart sync all": self._synchronize,
        }
        page = pages.get(command)
        return "" if page is None else page(now)

    def messages(self, start: float, end: float) -> Iterator[Message]:
        """What it logs in `[start, end)`, in order of time."""
        logged = [
            *self._requests(start, end),
            *self._reminders(start, end),
            *self._debugging(start, end),
            *self._failovers(start, end),
        ]
        yield from sorted(
            (one for one in logged if self.speaks(one.at)), key=lambda message: message.at
        )

    def _requests(self, start: float, end: float) -> Iterator[Message]:
        for tag, measurement in self._recorded(end):
            at, count = measurement.end + 0.207, self._said(measurement)
            if start <= at < end and self.carries(at):
                said = f"Requesting for {count} CUBE {trunk_word(tag)} trunk licenses"
                yield Message(at=at, severity=5, body=f"%CUBE-5-LICENSE_INFO: {said}")

    def _reminders(self, start: float, end: float) -> Iterator[Message]:
        # A router whose clock is not set cannot say since when its days count.
        if self.layout is Layout.BEFORE_POLICY or self.dialect is Dialect.UNSYNCHRONISED:
            return
        first = int(start - self.born) // _REMINDER * _REMINDER + self.born
        for at in range(first, int(end) + 1, _REMINDER):
            deadline = self.reporting(at).deadline
            if start <= at < end and deadline is not None and deadline > at:
                said = f"will be required in {(deadline - at) // DAY} days."
                body = f"%SMART_LIC-6-REPORTING_REQUIRED: A Usage report acknowledgement {said}"
                yield Message(at=at + 0.004, severity=6, body=body)

    def _debugging(self, start: float, end: float) -> Iterator[Message]:
        if self.debugged_since is None:
            return
        since = max(start, self.debugged_since)
        first = -(-int(since) // MINUTE) * MINUTE
        for at in range(first, int(end) + 1, MINUTE):
            if since <= at < end:
                yield from (_request_granted(at, tag) for tag in self.calls)

    def _license_status(self, now: float) -> str:
        return license_status.render(
            StatusPage(
                layout=self.layout,
                account=self.account,
                zone=self.zone,
                cycle=self.reporting(now),
                now=now,
            )
        )

    def _synchronize(self, now: float) -> str:
        if self.layout is Layout.BEFORE_POLICY:
            return ""
        self.prompts.append(int(now))
        return "\n"

    def _license_usage(self, now: float) -> str:
        before_policy = self.layout is Layout.BEFORE_POLICY
        return license_usage.license_usage(self.usage(now), before_policy=before_policy)

    def _usage_reports(self, now: float) -> str:
        if not usage_reports.lists_reports(self.release):
            return ""
        return usage_reports.listing(self.born, sorted(self.calls), self.reporting(now), now)

    def _cube_status(self, now: float) -> str:
        words = (self.release, self.cube_version, self.platform)
        if self.layout is Layout.BEFORE_POLICY:
            return license_usage.capacity(*words, licensed=100)
        counts = self.usage(now).values()
        dynamic = sum(counts) if _prints_dynamic_count(self.release) else None
        ha_type = "none" if self.pair is None else BOX_TO_BOX_TYPE
        return license_usage.cube_status(*words, dynamic=dynamic, ha_type=ha_type)

    def _voice_status(self, now: float) -> str:
        recent = {
            tag: [
                Recorded(at=row.end, count=self._said(row))
                for row in reversed(meter.until(now)[-_SHOWN_RECORDS:])
            ]
            for tag, meter in self.meters(now).items()
        }
        next_records = [meter.next_record for meter in self.meters(now).values()]
        return license_usage.voice_license_status(
            VoicePage(
                host_name=self.name,
                zone=self.zone,
                now=now,
                period_hours=self.period_hours,
                next_record=min(next_records, default=(int(now) // HOUR + 1) * HOUR),
                recent=recent,
                before_policy=self.layout is Layout.BEFORE_POLICY,
            )
        )

    def _voice_stats(self, now: float) -> str:
        calls = self.calls if self.carries(now) else {}
        return voice_license_stats(self.name, calls, now)

    def _states(self, now: float) -> str:
        return "" if self.pair is None else self.pair.states(self.name, now)

    def _group(self, now: float) -> str:
        return "" if self.pair is None else self.pair.group(self.name, now)

    def _failovers(self, start: float, end: float) -> Iterator[Message]:
        if self.pair is not None:
            for at, body in self.pair.messages(self.name, start, end):
                yield Message(at=at, severity=5, body=body)

    def _version(self, now: float) -> str:
        del now
        return license_usage.version(self.name, self.release, self.platform, self.serial)

    def _clock(self, now: float) -> str:
        mark = "*" if self.dialect is Dialect.UNSYNCHRONISED else ""
        return f"{mark}{in_clock_output(self.zone, now)}\n"


def _request_granted(at: int, tag: str) -> Message:
    said = f"Request successful for license {tag}"
    return Message(at=at, severity=7, body=f"//CUBE-SL/Info/cube_license_request: {said}")


def _prints_dynamic_count(release: str) -> bool:
    train = tuple(int(part) for part in release.split(".")[:2])
    return train >= (17, 15)
