"""Why a database outside did not take points."""

from typing import Literal

from monitor.errors import StoreError

Reason = Literal["unreachable", "refused", "busy", "rejected", "broken"]
"""No answer; our credentials, organisation or bucket; too much at once; nearly every point; else.
"""


class OutsideError(StoreError):
    """Nothing is confirmed: the same points may be written again, later."""

    def __init__(self, reason: Reason, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after = retry_after
        """Seconds the database asks us to wait."""
