"""Notes which devices refuse a credential, once when it begins and once when it ends."""

from collections.abc import Callable, Collection, Iterable, Mapping

from monitor.domain.facts import Fact, FactKey, FactName
from monitor.domain.records import Batch
from monitor.pipeline.presence import OWN, own_fact
from monitor.pipeline.writing import Writer
from monitor.wire import LoginOutcome

KnownFacts = Callable[[str], Mapping[FactKey, Fact]]


class Logins:
    """Told of every login by the collectors; stores what is news. Holds names, never secrets."""

    def __init__(self, sheet: KnownFacts, writer: Writer) -> None:
        self._sheet = sheet
        self._writer = writer

    def __call__(self, login: LoginOutcome) -> None:
        """Store a refusal that is new, or the end of one."""
        refused = login.credential if login.refused else None
        if self._known(login.device, login.manner) != refused:
            self._note(login.device, login.manner, refused, login.at)

    def forget(self, devices: Iterable[str], ways: Collection[tuple[str, str]], now: float) -> None:
        """End the refusals of `devices` that are not gone to any more.

        `ways`: (device, manner) of those that are.
        """
        for device in devices:
            for key, fact in self._sheet(device).items():
                gone = (device, key.key) not in ways
                if key.name is FactName.CREDENTIAL_REFUSED and gone and fact.value is not None:
                    self._note(device, key.key, None, now)

    def _known(self, device: str, manner: str) -> str | None:
        key = FactKey(device, FactName.CREDENTIAL_REFUSED, manner, OWN)
        fact = self._sheet(device).get(key)
        return None if fact is None or fact.value is None else str(fact.value)

    def _note(self, device: str, manner: str, refused: str | None, at: float) -> None:
        fact = own_fact(device, FactName.CREDENTIAL_REFUSED, refused, at, manner)
        self._writer.add(Batch(facts=[fact]))
