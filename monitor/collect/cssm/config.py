"""What an operator can say about CSSM and SSM On-Prem: their API, and a folder of exports."""

from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from monitor.collect.cssm.schedule import Pace
from monitor.collect.secret import TlsFiles
from monitor.secret import SecretRef

_STRICT = ConfigDict(
    frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
)
_HTTPS = r"^https://[A-Za-z0-9_.:\[\]-]{1,253}(/[A-Za-z0-9_./~-]{0,500})?$"


class Question(StrEnum):
    """What is read of an account."""

    LICENSES = "licenses"
    DEVICES = "devices"
    SUMMARY = "summary"


class CssmConfig(BaseModel):
    """The API of CSSM or SSM On-Prem, read only. Times in seconds, sizes in bytes."""

    model_config = _STRICT

    kind: Literal["cssm"] = "cssm"
    url: str = Field(
        default="https://swapi.cisco.com/services/api/smart-accounts-and-licensing", pattern=_HTTPS
    )
    """Up to the version: `/v1/accounts/...` is appended."""
    token_url: str = Field(default="https://id.cisco.com/oauth2/default/v1/token", pattern=_HTTPS)
    client_id: str = Field(min_length=1, max_length=200)
    client_secret: SecretRef
    smart_account: str = Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_. -]+$")
    """Its domain, as the API names it."""
    virtual_accounts: tuple[str, ...] = Field(min_length=1, max_length=1000)
    questions: tuple[Question, ...] = (Question.LICENSES, Question.DEVICES)
    """`summary` names no virtual account: ask it where there is one only."""
    tls: TlsFiles = TlsFiles()
    proxy: str | None = Field(default=None, pattern=r"^https?://[A-Za-z0-9_.:\[\]-]{1,253}/?$")
    interval: float = Field(default=6 * 3600, ge=60, le=7 * 86_400)
    spread: float = Field(default=60, ge=0)
    timeout: float = Field(default=60, gt=0, le=600)
    """For one call, from the first byte to the last."""
    page: int = Field(default=100, ge=1, le=1000)
    """Entries asked for at a time."""
    pages: int = Field(default=500, ge=1, le=10_000)
    """Most of one question."""
    body_cap: int = Field(default=8 << 20, ge=1 << 10, le=32 << 20)
    """Most bytes of one answer, and a quarter of what one question may come to."""
    retry_first: float = Field(default=60, gt=0)
    retry_longest: float = Field(default=3600, gt=0)

    @field_validator("questions")
    @classmethod
    def _some(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        if not questions:
            raise ValueError("ask at least one question")
        return questions

    @property
    def pace(self) -> Pace:
        """Its part about time, for the schedule."""
        return Pace(
            interval=self.interval,
            spread=self.spread,
            retry_first=self.retry_first,
            retry_longest=self.retry_longest,
        )


class CssmFilesConfig(BaseModel):
    """A folder into which exports are put; each is taken once, by what it holds."""

    model_config = _STRICT

    kind: Literal["cssm_files"] = "cssm_files"
    directory: Path
    account: str = Field(default="", max_length=200)
    """The virtual account of rows that name none."""
    smart_account: str = Field(default="", max_length=200)
    interval: float = Field(default=30, ge=1, le=86_400)
    """Seconds between looks; a file is taken when it did not change from one to the next."""
    done: Path | None = None
    """Files that were taken are moved there; without it they stay."""
