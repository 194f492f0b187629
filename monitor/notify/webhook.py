"""A signed webhook: JSON, HMAC-SHA256 over timestamp and body. Its shape is in docs/paging.md."""

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote, urlsplit

from pydantic import field_validator

from monitor.domain.instants import rfc3339
from monitor.domain.page import Notice
from monitor.notify.channel import ChannelConfig
from monitor.notify.http import Door, Url
from monitor.notify.secret import Secret

REPLAY_SECONDS: Final = 300
"""Receivers should refuse timestamps further than this from their clock."""


_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class WebhookConfig(ChannelConfig):
    """A receiver of our own JSON."""

    kind: Literal["webhook"]
    url: Url
    secret: Secret
    """The key of the signature."""
    ca: Path | None = None
    """Authorities to trust, in PEM; without it those of this machine."""

    @field_validator("url")
    @classmethod
    def _sealed(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ValueError("use https: pages name routers and deadlines")
        return url

    def build(self) -> "Webhook":
        """The channel."""
        return Webhook(self)


class Webhook:
    """Posts one notice at a time."""

    def __init__(self, config: WebhookConfig) -> None:
        self._config = config
        parts = urlsplit(config.url)
        shown = f"{parts.scheme}://{parts.netloc}"
        self._door = Door(shown, seconds=config.timeout_seconds, ca=config.ca)

    async def send(self, notice: Notice) -> None:
        """Signed anew at each try: the timestamp is that of the sending."""
        written = body(notice)
        stamp = str(int(time.time()))
        await self._door.post(
            self._config.url,
            written,
            {
                "Content-Type": "application/json",
                "X-Cubemon-Key": quote(notice.key, safe="/:+ ", errors="backslashreplace"),
                "X-Cubemon-Timestamp": stamp,
                "X-Cubemon-Signature": sign(self._config.secret.reveal(), stamp, written),
            },
        )

    async def keep(self, notices: Sequence[Notice]) -> None:
        """Nothing: receivers remember."""

    async def close(self) -> None:
        """Let go of connections."""
        await self._door.close()


def sign(secret: str, stamp: str, written: bytes) -> str:
    """`v1=` and the hexadecimal HMAC-SHA256 of `STAMP.BODY`."""
    signed = hmac.new(secret.encode(), stamp.encode() + b"." + written, hashlib.sha256)
    return f"v1={signed.hexdigest()}"


def body(notice: Notice) -> bytes:
    """The JSON of one notice, without its time of sending: it is the same at each try."""
    rule, step, subject = notice.finding
    said = {
        "version": 1,
        "action": notice.action.value,
        "key": notice.key,
        "severity": notice.severity.word,
        "rule": rule,
        "step": step,
        "subject": subject,
        "devices": list(notice.devices),
        "opened": rfc3339(notice.opened),
        "resolved": None if notice.resolved is None else rfc3339(notice.resolved),
        "deadline": None if notice.deadline is None else rfc3339(notice.deadline),
        "title": notice.title,
        "text": notice.text.text,
        "lines": dict(notice.text.lines),
        "runbook": notice.text.runbook,
    }
    return json.dumps(said).encode()
