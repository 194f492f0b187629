"""Instants are seconds since 1970 in UTC inside the program; here they become text and back."""

import math
from datetime import UTC, datetime

from monitor.errors import ReadingError

DAY = 86_400
HOUR = 3_600
MINUTE = 60

_LATEST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


def rfc3339(instant: float) -> str:
    """`2023-11-15T08:00:00Z`; fractions of a second are kept only where there are any."""
    moment = datetime.fromtimestamp(instant, UTC)
    shape = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=shape).replace("+00:00", "Z")


def instant(text: str) -> float:
    """Seconds since 1970 of an RFC 3339 time with its zone, or of epoch seconds.

    Raises ReadingError for text that is neither, and for a time without a zone: guessing one would
    move a reading into another hour.
    """
    try:
        seconds = float(text)
    except ValueError:
        return _rfc3339_instant(text)
    if not math.isfinite(seconds) or not 0 <= seconds <= _LATEST:
        raise ReadingError(f"time {text!r} is not a second since 1970")
    return seconds


def span(seconds: float) -> str:
    """`13 days 4 h`, `5 h 20 min`, `4 min`, `40 s`; the sign is left out."""
    whole = int(abs(seconds))
    days, hours = whole // DAY, whole % DAY // HOUR
    minutes = whole % HOUR // MINUTE
    if days:
        return _joined(f"{days} day{'s' if days > 1 else ''}", f"{hours} h" if hours else "")
    if hours:
        return _joined(f"{hours} h", f"{minutes} min" if minutes else "")
    return f"{minutes} min" if minutes else f"{whole} s"


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _rfc3339_instant(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ReadingError(f"time {text!r} is neither RFC 3339 nor epoch seconds") from error
    if moment.tzinfo is None:
        raise ReadingError(f"time {text!r} has no zone; write it with Z or an offset")
    return moment.timestamp()
