"""What an operator can say about RESTCONF."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from monitor.collect.host import Host
from monitor.collect.restconf.schedule import Pace
from monitor.collect.secret import Login, TlsFiles
from monitor.domain.yang import DEFAULTS, path_of

_STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class RestconfTarget(BaseModel):
    """How one device is reached; always over TLS with a verified certificate."""

    model_config = _STRICT

    host: Host
    port: int = Field(default=443, ge=1, le=65_535)
    credential: str = "default"
    tls: TlsFiles = TlsFiles()

    @property
    def url(self) -> str:
        """The address without a path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}:{self.port}"


class RestconfConfig(BaseModel):
    """The poller. Times in seconds, sizes in bytes."""

    model_config = _STRICT

    kind: Literal["restconf"] = "restconf"
    credentials: dict[str, Login] = Field(default_factory=dict)
    paths: tuple[str, ...] = tuple(one.purpose.value for one in DEFAULTS)
    """`/module:name/name`, or names of default paths."""
    interval: float = Field(default=60, ge=5, le=86_400)
    spread: float = Field(default=30, ge=0)
    timeout: float = Field(default=20, gt=0)
    """For one question, from the first byte to the last."""
    body_cap: int = Field(default=4 << 20, ge=1 << 10, le=64 << 20)
    """Most bytes of one answer."""
    sessions: int = Field(default=64, ge=1, le=1024)
    """Most devices asked at a time."""
    retry_first: float = Field(default=30, gt=0)
    retry_longest: float = Field(default=1800, gt=0)

    @field_validator("paths")
    @classmethod
    def _are_paths(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        for path in paths:
            path_of(path)
        return paths

    @property
    def pace(self) -> Pace:
        """Its part about time, for the schedule."""
        return Pace(
            interval=self.interval,
            spread=self.spread,
            retry_first=self.retry_first,
            retry_longest=self.retry_longest,
        )
