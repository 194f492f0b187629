"""Alertmanager's API, version 2: open alerts are said again before they expire.

https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
"""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import Field

from monitor.domain.findings import Severity
from monitor.domain.instants import rfc3339
from monitor.domain.page import Action, Notice
from monitor.notify.channel import ChannelConfig
from monitor.notify.http import Door, Url
from monitor.notify.secret import Secret

_EXPIRES_AFTER: Final = 4
"""Times the interval: so many are missed before an open alert ends by itself."""
_AT_ONCE: Final = 100


class AlertmanagerConfig(ChannelConfig):
    """One Alertmanager; name each of a cluster by itself."""

    kind: Literal["alertmanager"]
    url: Url
    """Without `/api/v2`."""
    token: Secret | None = None
    """Sent as a bearer token."""
    ca: Path | None = None
    severities: tuple[Severity, ...] = (Severity.CRITICAL, Severity.WARNING)
    resend_seconds: float = Field(default=60.0, ge=1.0, le=3_600.0)

    def build(self) -> "Alertmanager":
        """The channel."""
        return Alertmanager(self)


class Alertmanager:
    """Says alerts; grouping, routing and repeating are Alertmanager's work."""

    def __init__(self, config: AlertmanagerConfig) -> None:
        self._config = config
        self._url = f"{config.url.rstrip('/')}/api/v2/alerts"
        parts = urlsplit(config.url)
        shown = f"{parts.scheme}://{parts.netloc}"
        self._door = Door(shown, seconds=config.timeout_seconds, ca=config.ca)

    async def send(self, notice: Notice) -> None:
        """One alert; where its severity changed, the end of the former one too."""
        now = time.time()
        alerts = [self._alert(notice, notice.severity, now)]
        if notice.before not in {None, notice.severity}:
            former = self._alert(notice, notice.before or notice.severity, now)
            alerts.append({**former, "endsAt": rfc3339(now)})
        await self._post(alerts)

    async def keep(self, notices: Sequence[Notice]) -> None:
        """Say again what is open."""
        now = time.time()
        for at in range(0, len(notices), _AT_ONCE):
            part = notices[at : at + _AT_ONCE]
            await self._post([self._alert(one, one.severity, now) for one in part])

    async def close(self) -> None:
        """Let go of connections."""
        await self._door.close()

    async def _post(self, alerts: Sequence[Mapping[str, object]]) -> None:
        headers = {"Content-Type": "application/json"}
        if self._config.token is not None:
            headers["Authorization"] = f"Bearer {self._config.token.reveal()}"
        await self._door.post(self._url, json.dumps(alerts).encode(), headers)

    def _alert(self, notice: Notice, severity: Severity, now: float) -> dict[str, object]:
        rule, step, subject = notice.finding
        over = notice.action is Action.RESOLVE
        ends = now if over else now + _EXPIRES_AFTER * self._config.resend_seconds
        return {
            "labels": {
                "alertname": f"Cube{''.join(word.capitalize() for word in rule.split('_'))}",
                "rule": rule,
                "step": step,
                "subject": subject,
                "severity": severity.word,
            },
            "annotations": {
                "summary": notice.title,
                "description": notice.text.text,
                "runbook_url": notice.text.runbook,
            },
            # Alertmanager refuses an end before the start, and our clock may be the slower one.
            "startsAt": rfc3339(min(notice.opened, ends)),
            "endsAt": rfc3339(ends),
        }
