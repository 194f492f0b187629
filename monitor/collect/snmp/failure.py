"""The ways a visit can end, as counted and told."""

from enum import StrEnum

from monitor.errors import CollectError


class VisitResult(StrEnum):
    """Label of `cube_monitor_polls_total`."""

    OK = "ok"
    UNREACHABLE = "unreachable"
    """Its name has no address."""
    TIMEOUT = "timeout"
    """No answer; an agent that knows no such community keeps silent too."""
    LOGIN_REFUSED = "login_refused"
    CREDENTIAL_UNREADABLE = "credential_unreadable"
    ERROR = "error"
    """The agent answered with an error, or with something that is no answer."""


class VisitError(CollectError):
    """One visit failed; the message never holds a secret."""

    def __init__(self, result: VisitResult, detail: str = "") -> None:
        super().__init__(f"{result}: {detail}" if detail else str(result))
        self.result = result


class TooBigError(VisitError):
    """The answer does not fit into a message: ask for less."""
