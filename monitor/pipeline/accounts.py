"""The virtual accounts: those of the configuration, and those that inventories name."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from monitor.domain.account import UNASSIGNED, account_of
from monitor.domain.entitlements import DEFAULT_NAMES
from monitor.domain.facts import Fact, FactKey, FactSheet, fold
from monitor.domain.state import Account
from monitor.evaluate.ownership import configured_facts, owned


class AccountBook:
    """Keeps the facts about accounts; says what each account owns by the newest source."""

    def __init__(self, configured: Iterable[Account]) -> None:
        self._configured = {account.name: account for account in configured}
        self._sheets: defaultdict[str, FactSheet] = defaultdict(dict)
        self.names: Mapping[str, str] = DEFAULT_NAMES
        """Folded names of licences and their tags."""
        self._kept: dict[str, Account] = {}
        self._known: tuple[Account, ...] | None = None

    def configure(
        self, configured: Iterable[Account] | None, names: Mapping[str, str], now: float
    ) -> Sequence[Fact]:
        """Take over accounts of a configuration and its names; facts to be stored come back.

        None where it says nothing of accounts: what an earlier one bought stays bought.
        """
        self.names = names
        self._kept.clear()
        self._known = None
        if configured is None:
            return ()
        self._configured = {account.name: account for account in configured}
        # An account that is configured no more owns what inventories say of it, nothing else.
        asked = {name: Account(name=name) for name in self._sheets} | self._configured
        facts = [
            fact
            for name, account in asked.items()
            for fact in configured_facts(account, self._sheets[name].values(), now)
        ]
        self.learn(facts)
        return facts

    def learn(self, facts: Iterable[Fact]) -> bool:
        """Fold facts about accounts; whether any changed what is known."""
        changed = False
        for fact in facts:
            name = account_of(fact.subject)
            if name is not None and fold(self._sheets[name], (fact,)):
                changed = True
                self._kept.pop(name, None)
        if changed:
            self._known = None
        return changed

    def filed(self, key: FactKey) -> Fact | None:
        """The fact about an account that is filed under a key."""
        name = account_of(key.subject)
        if name is None or name not in self._sheets:
            return None
        return self._sheets[name].get(key)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Configured ones first, then those of inventories by name, `unassigned` last."""
        if self._known is None:
            self._known = tuple(self._owned())
        return self._known

    def _says(self, name: str) -> bool:
        """False where the configuration bought something once and does no more."""
        return any(fact.value is not None for fact in self._sheets[name].values())

    def _owned(self) -> Iterable[Account]:
        told = (Account(name=name) for name in sorted(self._sheets) if self._says(name))
        others = [one for one in told if one.name not in self._configured]
        for account in (*self._configured.values(), *others):
            if account.name != UNASSIGNED:
                yield self._as_owned(account)
        yield Account(name=UNASSIGNED)

    def _as_owned(self, account: Account) -> Account:
        """As worked out before, where nothing was said of it since."""
        kept = self._kept.get(account.name)
        if kept is None:
            facts = self._sheets.get(account.name, {}).values()
            kept = self._kept[account.name] = owned(account, facts, self.names)
        return kept
