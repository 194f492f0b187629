"""The ways a poll can end, as counted and told."""

from enum import StrEnum

from monitor.errors import CollectError


class PollResult(StrEnum):
    """Label of `cube_monitor_polls_total`."""

    OK = "ok"
    PARTIAL = "partial"
    """The device did not take some of the commands."""
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    LOGIN_REFUSED = "login_refused"
    CREDENTIAL_RESTING = "credential_resting"
    CREDENTIAL_UNREADABLE = "credential_unreadable"
    HOST_KEY_UNKNOWN = "host_key_unknown"
    HOST_KEY_CHANGED = "host_key_changed"
    KNOWN_HOSTS_UNREADABLE = "known_hosts_unreadable"
    NO_PROMPT = "no_prompt"
    NO_LINE = "no_line"
    """All lines (VTY) of the device are taken: it hung up before login or prompt."""
    NO_COMMON_ALGORITHM = "no_common_algorithm"
    """It offers only old algorithms; `legacy: true` allows them."""
    ENABLE_REFUSED = "enable_refused"
    OVER_BUDGET = "over_budget"
    """Nothing was typed: the day's budget is spent."""
    NOT_DUE = "not_due"
    """Nothing was to be asked."""
    OUTPUT_TOO_LONG = "output_too_long"
    CLOSED = "closed"
    """The device closed the session before the end of the output."""

    @property
    def good(self) -> bool:
        """The device was read."""
        return self in {PollResult.OK, PollResult.PARTIAL, PollResult.NOT_DUE}


class PollError(CollectError):
    """One poll failed; the message never holds a secret."""

    def __init__(self, result: PollResult, detail: str = "", *, credential: str = "") -> None:
        super().__init__(f"{result}: {detail}" if detail else str(result))
        self.result = result
        self.credential = credential
        """Name of the one that was refused; empty where that was the device's own."""
