"""What an operator can say about gNMI."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from monitor.collect.gnmi.schedule import Pace
from monitor.collect.host import Host
from monitor.collect.secret import Login, TlsFiles
from monitor.domain.yang import DEFAULTS, Origin, YangPath, path_of

_STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Mode(StrEnum):
    """How a path is subscribed to."""

    AUTO = "auto"
    """On change where the device says that it offers it, else sampled."""
    SAMPLE = "sample"
    ON_CHANGE = "on_change"


class Encoding(StrEnum):
    """How values are asked for; `auto` takes the best a device offers."""

    AUTO = "auto"
    JSON_IETF = "json_ietf"
    PROTO = "proto"
    JSON = "json"


class Manner(StrEnum):
    """How a device is heard; each falls back to the next where a device cannot."""

    STREAM = "stream"
    POLL = "poll"
    GET = "get"


class PathConfig(BaseModel):
    """One path: `/module:first/second`, or the name of one of the default paths."""

    model_config = _STRICT

    path: str = Field(max_length=512)
    interval: float | None = Field(default=None, ge=1, le=86_400)
    """Seconds between samples; where left out, `interval` or, for calls, `calls_interval`."""
    mode: Mode = Mode.AUTO

    @field_validator("path")
    @classmethod
    def _is_one(cls, path: str) -> str:
        path_of(path)
        return path

    def yang(self) -> YangPath:
        """The path in the vocabulary of the domain."""
        return path_of(self.path)


class GnmiTarget(BaseModel):
    """How one device is reached: over TLS, or without it where that is said."""

    model_config = _STRICT

    host: Host
    port: int | None = Field(default=None, ge=1, le=65_535)
    """9339 over TLS, 50052 without: the defaults of IOS XE."""
    credential: str | None = "default"
    """None where the certificate alone is the login."""
    tls: TlsFiles = TlsFiles()
    plaintext: bool = False
    """No TLS: the password travels readable, and what comes counts as unauthenticated."""
    origin: Origin | None = None
    encoding: Encoding | None = None
    paths: tuple[PathConfig, ...] | None = None

    @property
    def address(self) -> str:
        """`host:port` as gRPC wants it."""
        port = self.port or (50052 if self.plaintext else 9339)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{port}"

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if self.plaintext and self.tls != TlsFiles():
            raise ValueError("give either `tls` or `plaintext: true`")
        return self


class GnmiConfig(BaseModel):
    """The subscriber. Times in seconds, sizes in bytes."""

    model_config = _STRICT

    kind: Literal["gnmi"] = "gnmi"
    credentials: dict[str, Login] = Field(default_factory=dict)
    manner: Manner = Manner.STREAM
    origin: Origin = Origin.RFC7951
    encoding: Encoding = Encoding.AUTO
    paths: tuple[PathConfig, ...] = tuple(PathConfig(path=one.purpose) for one in DEFAULTS)
    interval: float = Field(default=60, ge=1, le=86_400)
    calls_interval: float = Field(default=10, ge=1, le=3600)
    spread: float = Field(default=30, ge=0)
    connect_timeout: float = Field(default=20, gt=0)
    """For Capabilities and each Get."""
    keepalive: float = Field(default=300, ge=10)
    """Between pings; gRPC servers call less than five minutes too many unless told otherwise."""
    stale: float = Field(default=90, ge=1)
    """Silence after which a sampling stream is dead; three sample intervals at least."""
    retry_first: float = Field(default=5, gt=0)
    retry_longest: float = Field(default=300, gt=0)
    message_cap: int = Field(default=4 << 20, ge=1 << 12, le=64 << 20)
    """Most bytes of one message; a device that sends more is disconnected and asked again."""
    queue_bytes: int = Field(default=64 << 20, ge=1 << 16)
    """Most bytes that wait for the store, over all devices; beyond them notifications drop."""

    @property
    def pace(self) -> Pace:
        """Its part about time, for the schedule."""
        return Pace(
            spread=self.spread, retry_first=self.retry_first, retry_longest=self.retry_longest
        )
