"""Every error this service raises on purpose.

MonitorError
    ConfigError      the operator wrote something wrong; stop at start, say file, line and key
    CollectError     a source is gone; the supervisor restarts it with back-off
    ParseError       one input is not understood; count it, keep the bytes, go on
    ReadingError     one reading is refused; name it, count it, go on
    OperationError   an operator asked for what cannot be done; say why
    StoreError       the store refused; keep the batch and retry
    DeliveryError    whoever is told of a page did not take it; tell it again, unless it is final
"""


class MonitorError(Exception):
    """Root of the tree; never raised itself."""


class ConfigError(MonitorError):
    """The configuration cannot be used; the message says where and what to write instead."""


class CollectError(MonitorError):
    """A source of frames is gone; running the collector again may bring it back."""


class ParseError(MonitorError):
    """One input is not understood; `reason` is short and bounded, fit for a metric label."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ReadingError(MonitorError):
    """One reading is refused; `reason` says why in the user's words."""


class OperationError(MonitorError):
    """An operation on a device cannot be done; the message says why."""


class StoreError(MonitorError):
    """The store did not take a batch; the same batch may be committed again.

    `reason` is one of a few words, fit for a metric label.
    """

    def __init__(self, message: str, reason: str = "refused") -> None:
        super().__init__(message)
        self.reason = reason


class DeliveryError(MonitorError):
    """A notice was not taken; `final` where telling it again cannot help."""

    def __init__(
        self, message: str, *, final: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.final = final
        self.retry_after = retry_after
        """Seconds the receiver asks us to wait."""
