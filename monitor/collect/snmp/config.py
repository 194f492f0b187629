"""What an operator can say about polling over SNMP, and how users of version 3 are named."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from monitor.collect.host import Host
from monitor.collect.snmp.login import Authentication, Login, Privacy
from monitor.errors import ConfigError
from monitor.secret import SecretRef

_STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
_SHORTEST_SECRET = 8
"""RFC 3414, section 11.2, of pass phrases."""


class Version(StrEnum):
    """Versions that are polled."""

    V2C = "2c"
    V3 = "3"


class SnmpUser(BaseModel):
    """A user of SNMP version 3, with what it authenticates and encrypts by."""

    model_config = _STRICT

    user: str = Field(min_length=1, max_length=32)
    auth: Authentication | None = None
    auth_secret: SecretRef | None = None
    priv: Privacy | None = None
    priv_secret: SecretRef | None = None

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if (self.auth is None) != (self.auth_secret is None):
            raise ValueError("`auth` and `auth_secret` go together")
        if (self.priv is None) != (self.priv_secret is None):
            raise ValueError("`priv` and `priv_secret` go together")
        if self.priv is not None and self.auth is None:
            raise ValueError("there is no privacy without authentication: give `auth` too")
        return self

    def login(self) -> Login:
        """What is shown to a device; ConfigError where a secret cannot be read or is too short."""
        return Login(
            user=self.user,
            auth=self.auth,
            auth_secret=_pass_phrase(self.auth_secret),
            priv=self.priv,
            priv_secret=_pass_phrase(self.priv_secret),
        )


def _pass_phrase(secret: SecretRef | None) -> str:
    if secret is None:
        return ""
    phrase = secret.reveal()
    if len(phrase) < _SHORTEST_SECRET:
        raise ConfigError(f"the secret at {secret.place} is shorter than {_SHORTEST_SECRET}")
    return phrase


class SnmpCredential(BaseModel):
    """A community (version 2c) or a user (version 3)."""

    model_config = _STRICT

    version: Version = Version.V2C
    community: SecretRef | None = None
    v3: SnmpUser | None = None

    @model_validator(mode="after")
    def _fits_its_version(self) -> Self:
        wanted = "community" if self.version is Version.V2C else "v3"
        given = [name for name in ("community", "v3") if getattr(self, name) is not None]
        if given != [wanted]:
            raise ValueError(f"version {self.version} needs `{wanted}` and nothing else")
        return self

    def login(self) -> Login:
        """What is shown to a device; ConfigError where a secret cannot be read."""
        if self.v3 is not None:
            return self.v3.login()
        return Login(community=self.community.reveal() if self.community else "")


class SnmpTarget(BaseModel):
    """How one device is reached."""

    model_config = _STRICT

    host: Host
    port: int = Field(default=161, ge=1, le=65_535)
    credential: str = "default"


class SnmpConfig(BaseModel):
    """The poller. Times in seconds."""

    model_config = _STRICT

    kind: Literal["snmp"] = "snmp"
    credentials: dict[str, SnmpCredential] = Field(default_factory=dict)
    calls_interval: float = Field(default=40, ge=1, le=50)
    """Tables hold the last 60 seconds: there must be room for a poll that is lost."""
    interval: float = Field(default=900, ge=10)
    """Of everything else."""
    identity_interval: float = Field(default=86_400, ge=60)
    """Of the chassis, and of asking again for what a device did not have."""
    spread: float = Field(default=30, ge=0)
    """The first polls after a start are spread over this time."""
    timeout: float = Field(default=3, ge=0.1, le=60)
    retries: int = Field(default=1, ge=0, le=10)
    budget: float = Field(default=20, gt=0)
    """Most seconds one visit to a device may take."""
    visits: int = Field(default=256, ge=1, le=4096)
    """Most visits at a time, over all devices."""
    retry_first: float = Field(default=5, gt=0)
    retry_longest: float = Field(default=600, gt=0)

    @field_validator("credentials")
    @classmethod
    def _one_credential_a_user(
        cls, credentials: dict[str, SnmpCredential]
    ) -> dict[str, SnmpCredential]:
        users = [one.v3.user for one in credentials.values() if one.v3 is not None]
        if len(set(users)) != len(users):
            raise ValueError("two credentials have the same user of version 3")
        return credentials
