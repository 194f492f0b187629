"""PagerDuty, Opsgenie, Slack, Teams, e-mail and what else apprise speaks to.

Its addresses hold secrets, so they come from a file or the environment and are never shown, and
what apprise itself writes to the log is dropped. It blocks, so it works in threads of its own.
"""

import asyncio
import logging
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal

from monitor.domain.findings import Severity
from monitor.domain.page import Action, Notice
from monitor.errors import DeliveryError
from monitor.notify.channel import ChannelConfig
from monitor.notify.secret import Secret

if TYPE_CHECKING:
    from apprise import NotifyBase, NotifyType

_KEYED: Final = {
    "pagerduty": ("dedup", {Action.TRIGGER: "trigger", Action.RESOLVE: "resolve"}),
    "opsgenie": ("alias", {Action.TRIGGER: "new", Action.RESOLVE: "close"}),
}
"""Services that know one page by a key: its attribute, and the words for what is asked."""
_LONGEST_BODY: Final = 8_000


class AppriseConfig(ChannelConfig):
    """One address of apprise; one channel each, so that a retry goes only where it failed."""

    kind: Literal["apprise"]
    url: Secret
    """Where the address lies, such as `pagerduty://KEY@SERVICE` or `mailto://...`."""
    timeout_seconds: float = 30.0

    def build(self) -> "AppriseChannel":
        """The channel."""
        return AppriseChannel(self)


class AppriseChannel:
    """Sends one notice at a time, each in a thread that may hang but is waited for only so long."""

    def __init__(self, config: AppriseConfig) -> None:
        self._config = config
        self._busy: threading.Thread | None = None

    async def send(self, notice: Notice) -> None:
        """Nothing is said of why apprise failed: its own words may hold the address."""
        if self._busy is not None and self._busy.is_alive():
            raise DeliveryError("the last call to the service has not returned")
        address = self._config.url.reveal()
        seconds = self._config.timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                taken = await self._threaded(lambda: deliver(address, notice, seconds))
        except TimeoutError as error:
            raise DeliveryError(f"the service did not answer in {seconds:g} s") from error
        if not taken:
            raise DeliveryError(f"the service named by {self._config.url.place} did not take it")

    async def keep(self, notices: Sequence[Notice]) -> None:
        """Nothing: services remember."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def _threaded(self, call: Callable[[], bool]) -> bool:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[bool | DeliveryError] = loop.create_future()

        def tell(outcome: bool | DeliveryError) -> None:  # noqa: FBT001 - the answer of the call
            if not done.done():
                done.set_result(outcome)

        def work() -> None:
            outcome = _outcome(call)
            # The loop may be gone by the time a hanging call returns.
            if not loop.is_closed():
                loop.call_soon_threadsafe(tell, outcome)

        # A daemon: a call that hangs must not keep the monitor from stopping.
        self._busy = threading.Thread(target=work, name="apprise", daemon=True)
        self._busy.start()
        outcome = await done
        self._busy = None
        if isinstance(outcome, DeliveryError):
            raise outcome
        return outcome


def _outcome(call: Callable[[], bool]) -> bool | DeliveryError:
    try:
        return call()
    except DeliveryError as error:
        return error
    except Exception:  # noqa: BLE001 - whatever a plug-in raises, its text may hold secrets
        return False


def deliver(address: str, notice: Notice, seconds: float) -> bool:
    """Whether the service took it. DeliveryError where the address is none."""
    service = _service(address)
    if service is None:
        raise DeliveryError("the address is not one that apprise knows")
    service.socket_connect_timeout = service.socket_read_timeout = seconds
    keyed = _KEYED.get(_scheme(address))
    if keyed is not None:
        attribute, words = keyed
        setattr(service, attribute, notice.key)
        setattr(service, "action", words[notice.action])  # noqa: B010 - of these plug-ins only
    return bool(
        service.notify(
            title=notice.title,
            body=notice.text.text[:_LONGEST_BODY],
            notify_type=_type(notice),
        )
    )


def _scheme(address: str) -> str:
    return address.partition("://")[0].strip().lower()


def _service(address: str) -> "NotifyBase | None":
    # A hundred plug-ins: loaded only by monitors that use them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import apprise  # noqa: PLC0415 - see above

        _hush()
        asset = apprise.AppriseAsset(storage_mode="memory", app_id="cubemon")
        return apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)


def _hush() -> None:
    log = logging.getLogger("apprise")
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())


def _type(notice: Notice) -> "NotifyType":
    from apprise import NotifyType  # noqa: PLC0415 - see above

    if notice.action is Action.RESOLVE:
        return NotifyType.SUCCESS
    critical = notice.severity is Severity.CRITICAL
    return NotifyType.FAILURE if critical else NotifyType.WARNING
