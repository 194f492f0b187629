"""A dead man's ping: as long as it comes, this monitor judges and its store takes what it says."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from monitor.notify.http import Door
from monitor.notify.secret import Secret


class HeartbeatConfig(BaseModel):
    """Somebody who raises the alarm when the ping stays away."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: Secret
    """Where the address lies: such addresses are secrets."""
    every_seconds: float = Field(default=60.0, ge=1.0, le=3_600.0)
    ca: Path | None = None


class Heartbeat:
    """Posts an empty body."""

    def __init__(self, config: HeartbeatConfig) -> None:
        self._config = config
        self.every = config.every_seconds

    async def beat(self) -> None:
        """Ping once; DeliveryError where it was not taken."""
        url = self._config.url.reveal()
        host = urlsplit(url).hostname or "the heartbeat's address"
        door = Door(host, seconds=min(self.every, 10.0), ca=self._config.ca)
        try:
            await door.post(url, b"", {})
        finally:
            await door.close()
