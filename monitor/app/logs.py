"""Log lines on stderr: time, level, what happened, fields."""

import logging
import sys
from typing import Final

from monitor.domain.instants import rfc3339

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

CHATTY: Final = ("asyncssh", "uvicorn", "asyncio", "httpx", "httpcore", "urllib3", "apprise")
"""Libraries that tell of each request, with its address; they speak only of trouble."""


class Lines(logging.Formatter):
    """`2026-11-22T18:00:00Z INFO http listening port=8080`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; an exception follows on lines of its own."""
        fields = [
            f"{name}={value}" for name, value in vars(record).items() if name not in _STANDARD
        ]
        moment = rfc3339(int(record.created))
        line = " ".join([moment, record.levelname, record.getMessage(), *fields])
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def configure(level: str) -> None:
    """Send log lines to stderr; libraries speak only of trouble."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
