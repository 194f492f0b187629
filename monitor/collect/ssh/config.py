"""What an operator can say about polling over SSH."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.collect.host import Host
from monitor.collect.ssh.commands import POLLED, Show
from monitor.collect.ssh.footprint import Budget
from monitor.collect.ssh.schedule import Pace
from monitor.secret import SecretRef

_STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Credential(BaseModel):
    """An account for logging in, with either a password or a private key."""

    model_config = _STRICT

    user: str = Field(min_length=1)
    password: SecretRef | None = None
    key: SecretRef | None = None

    def reveal(self) -> str:
        """The password or the private key; ConfigError where it cannot be read."""
        secret = self.password or self.key
        return "" if secret is None else secret.reveal()

    @model_validator(mode="after")
    def _has_one_secret(self) -> Self:
        if (self.password is None) == (self.key is None):
            raise ValueError("give either `password` or `key`")
        return self


class JumpHost(BaseModel):
    """A host that is logged in to."""

    model_config = _STRICT

    host: Host
    port: int = Field(default=22, ge=1, le=65_535)
    credential: str = "default"
    accept_first_key: bool = False
    """Trust and write down the key of a host of which none is known; a changed key is refused."""
    legacy: bool = False
    """Allow algorithms that are broken today, for releases that know no others."""


class SshTarget(JumpHost):
    """How one device is reached."""

    enable: SecretRef | None = None
    """Password of `enable`, typed only where the prompt is `>`."""
    jump: str | None = None
    """Name of the jump host it is reached through."""
    pair: bool | None = None
    """Whether its redundancy is polled; None leaves it to what the device says of itself."""


class SshConfig(BaseModel):
    """The poller. Times in seconds."""

    model_config = _STRICT

    kind: Literal["ssh"] = "ssh"
    credentials: dict[str, Credential] = Field(default_factory=dict)
    jump_hosts: dict[str, JumpHost] = Field(default_factory=dict)
    known_hosts: Path = Path("known_hosts")
    accept_first_key: bool = False
    commands: tuple[Show, ...] = Field(default=POLLED, min_length=1)
    interval: float = Field(default=6 * 3600, ge=60)
    near_interval: float = Field(default=3600, ge=60)
    hourly_interval: float = Field(default=3600, ge=60)
    """Of the minutes of the last hour, and of redundancy."""
    near_days: float = Field(default=14, ge=0)
    """From this many days before its acknowledgement deadline a device is polled more often."""
    spread: float = Field(default=30, ge=0)
    """The first polls after a start are spread over this time."""
    connect_timeout: float = Field(default=15, gt=0)
    """To connect and log in."""
    command_timeout: float = Field(default=30, gt=0)
    session_timeout: float = Field(default=120, gt=0)
    sessions: int = Field(default=32, ge=1, le=1024)
    """Most sessions at a time, over all devices."""
    output_cap: int = Field(default=1_048_576, ge=4096)
    """Most bytes one command may print."""
    retry_first: float = Field(default=60, gt=0)
    device_budget: Budget = Budget()
    """Most that polling one device may cost within 24 hours."""
    fleet_budget: Budget | None = None
    """The same over all devices; none unless given."""
    credential_rest: float = Field(default=1800, ge=60)
    """How long a credential rests after one refused login; doubles with each further refusal."""

    @property
    def pace(self) -> Pace:
        """Its part about time, for the schedule."""
        return Pace(
            interval=self.interval,
            near_interval=self.near_interval,
            hourly_interval=self.hourly_interval,
            near=self.near_days * 86_400,
            spread=self.spread,
            retry_first=self.retry_first,
            retry_longest=self.interval,
            rest_first=self.credential_rest,
        )
