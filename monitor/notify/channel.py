"""What every kind of channel offers, and what the configuration says of each."""

from collections.abc import Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, field_validator

from monitor.domain.findings import Severity
from monitor.domain.instants import MINUTE
from monitor.domain.page import Notice


class Channel(Protocol):
    """Somebody who is told. Called from one task; raises DeliveryError."""

    async def send(self, notice: Notice) -> None:
        """Tell it one thing; returns once it has taken it."""
        ...

    async def keep(self, notices: Sequence[Notice]) -> None:
        """Say again what is open, where the receiver forgets by itself."""
        ...

    async def close(self) -> None:
        """Let go of it."""
        ...


class ChannelConfig(BaseModel):
    """What the configuration says of every channel."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    name: str = Field(default="", pattern=r"^[A-Za-z0-9_.-]{0,64}$")
    """Tells channels apart in metrics and commands; the kind where nothing is said."""
    severities: tuple[Severity, ...] = (Severity.CRITICAL,)
    """`critical`, `warning`; an empty list takes only what is escalated to it."""
    timeout_seconds: float = Field(default=10.0, ge=0.1, le=120.0)
    escalate_to: str = ""
    """The channel that is told too where nobody acknowledges in time."""
    escalate_after_minutes: float = Field(default=15.0, gt=0, le=1_440)

    @field_validator("severities", mode="before")
    @classmethod
    def _words(cls, given: object) -> object:
        if not isinstance(given, list | tuple):
            return given
        return tuple(_severity(word) for word in given)

    @property
    def escalate_after(self) -> float:
        """Seconds."""
        return self.escalate_after_minutes * MINUTE


def _severity(word: object) -> object:
    if isinstance(word, Severity):
        return word
    words = [one.word for one in (Severity.CRITICAL, Severity.WARNING)]
    if word not in words:
        raise ValueError(f"{word!r} is not one of {', '.join(words)}")
    return Severity[str(word).upper()]
