"""Who changed what by hand, when and from where: records that are only ever added."""

from dataclasses import dataclass
from typing import Final

_HOUR: Final = 3_600
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One writing call or one reload. Never holds a secret."""

    time: float
    """Seconds since 1970 UTC."""
    who: str
    """Name of the token; `local` where none is needed; `signal` and `cli` for what came so."""
    claimed: str = ""
    """Whom the caller says to act for; nobody checked it."""
    origin: str = ""
    """Address it came from."""
    action: str
    """`POST /api/v1/operations`, `reload`."""
    what: str = ""
    """What was asked for, in words."""
    result: str
    """HTTP status, `done`, or why not."""
    request_id: str = ""


class Seldom:
    """Tells the first record of its kind in an hour."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], int] = {}

    def first(self, record: AuditRecord) -> bool:
        """Whether nobody did the same from the same address in the same hour."""
        key, hour = (record.who, record.origin, record.action), int(record.time // _HOUR)
        if self._seen.get(key) == hour:
            return False
        if len(self._seen) >= _MOST:
            self._seen.clear()
        self._seen[key] = hour
        return True
