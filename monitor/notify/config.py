"""The `notify` part of the configuration: channels, routes, storms, quiet hours."""

from datetime import datetime, time
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from monitor.domain.instants import MINUTE
from monitor.notify.alertmanager import AlertmanagerConfig
from monitor.notify.apprise import AppriseConfig
from monitor.notify.channel import ChannelConfig
from monitor.notify.heartbeat import HeartbeatConfig
from monitor.notify.webhook import WebhookConfig

AnyChannel = Annotated[
    AlertmanagerConfig | WebhookConfig | AppriseConfig, Field(discriminator="kind")
]

_WEEKEND: Final = 5
_MINUTES_A_DAY: Final = 24 * 60


class _Strict(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )


class QuietConfig(_Strict):
    """Hours in which warnings wait, in the zone of those on duty; criticals never wait."""

    begin: time = time(18)
    end: time = time(7)
    weekends: bool = True
    """Saturdays and Sundays are quiet all day."""

    @field_validator("begin", "end", mode="before")
    @classmethod
    def _clock(cls, given: object) -> object:
        # YAML 1.1 reads 18:00 as a number of base 60.
        if isinstance(given, int) and 0 <= given < _MINUTES_A_DAY:
            return time(given // 60, given % 60)
        return given

    def covers(self, now: float, zone: ZoneInfo) -> bool:
        """Whether it is quiet at that second since 1970 UTC."""
        local = datetime.fromtimestamp(now, zone)
        if self.weekends and local.weekday() >= _WEEKEND:
            return True
        clock = local.time()
        if self.begin <= self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end


class StormConfig(_Strict):
    """More pages than this to one channel become one digest."""

    pages: int = Field(default=10, ge=1, le=1_000)
    minutes: float = Field(default=5.0, gt=0, le=120)

    @property
    def seconds(self) -> float:
        """The stretch of time."""
        return self.minutes * MINUTE


class NotifyConfig(_Strict):
    """Nothing is sent without it, and nothing but recorded where `shadow` is set."""

    shadow: bool = False
    """Record what would have been sent, and send nothing."""
    zone: str = "UTC"
    """Of those on duty, such as `Europe/Berlin`; pages show it, quiet hours go by it."""
    runbook_url: str = Field(default="", max_length=500)
    """`{slug}` stands for the rule's section; without it the slug is put behind a slash. Without
    any, the monitor's own runbooks where `http.url` is set, else `docs/runbooks/{slug}.md`."""
    storm: StormConfig = StormConfig()
    quiet: QuietConfig | None = None
    heartbeat: HeartbeatConfig | None = None
    channels: tuple[AnyChannel, ...] = Field(default=(), max_length=50)

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{zone!r} is no time zone; write it like Europe/Berlin") from error
        return zone

    @model_validator(mode="after")
    def _told_apart(self) -> "NotifyConfig":
        labels = [label(one) for one in self.channels]
        for name in labels:
            if labels.count(name) > 1:
                raise ValueError(f"two channels are called {name!r}; give one another `name`")
        for one in self.channels:
            if one.escalate_to and one.escalate_to not in labels:
                raise ValueError(f"`escalate_to: {one.escalate_to}` names no channel")
        return self


def label(channel: ChannelConfig) -> str:
    """The name of a channel, its kind where it has none."""
    return channel.name or str(getattr(channel, "kind", ""))
