"""`show redundancy application group`: the roles of a box-to-box pair."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.pair import GROUP
from monitor.parse.show.output import Command, Told
from monitor.parse.show.page import ALL_READ, Block, Filed, Page, Unparsed, labelled
from monitor.parse.show.redundancy_facts import group_states, heard, state

_GROUP: Final = "group id"
_BEGINS = re.compile(r"Faults states Group (\d{1,3}) info:", re.IGNORECASE)
_LABELS: Final = {
    "group name": "name",
    "administrative state": "administrative_state",
    "aggregate operational state": "operational_state",
    "my role": "my_role",
    "peer role": "peer_role",
    "peer presence": "peer_presence",
    "peer comm": "peer_communication",
    "rf state": "rf_state",
    "peer rf state": "peer_rf_state",
    "total # of switchovers due to faults": "switchovers",
}
_ROLES: Final = frozenset({"active", "standby", "init", "unknown", "none", "disabled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationGroup:
    """One redundancy group, words as printed."""

    id: int | None = None
    name: str | None = None
    my_role: str | None = None
    peer_role: str | None = None
    administrative_state: str | None = None
    operational_state: str | None = None
    peer_presence: bool | None = None
    peer_communication: bool | None = None
    rf_state: str | None = None
    peer_rf_state: str | None = None
    switchovers: int | None = None
    """Switchovers due to faults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedundancyApplicationGroup:
    """`my_role` and `peer_role` are those of the first group: CUBE has one."""

    my_role: str | None = None
    peer_role: str | None = None
    groups: tuple[ApplicationGroup, ...] | None = None
    unparsed: Unparsed = ALL_READ


class _Groups:
    """Which group the next line speaks of: the faults of a group are printed before its id."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.blocks: dict[int, Block] = {}
        self._now: Block | None = None

    def take(self, line: str) -> None:
        label, value = labelled(line) or ("", "")
        if begun := _BEGINS.fullmatch(line):
            self._open(begun[1])
        elif label == _GROUP:
            self._open(value)
        elif key := _LABELS.get(label):
            self._put(line, key, value)
        else:
            self._page.settle(line)

    def _open(self, number: str) -> None:
        found = self._page.number("Group ID", number)
        self._now = None if found is None else self.blocks.setdefault(found, Block())

    def _put(self, line: str, key: str, value: str) -> None:
        if self._now is None:
            self._page.leave(line)
        elif self._now.put(key, value) is not Filed.NEW and self._now.values[key] != value:
            self._page.warn(f"{key} comes twice in one group; a heading is missing")
            self._now = None


def read(page: Page) -> RedundancyApplicationGroup:
    """The output's values; counters and timers of the protocol are read past."""
    groups = _Groups(page)
    for line in page:
        groups.take(line)
    found = tuple(_group(page, number, block) for number, block in groups.blocks.items())
    return RedundancyApplicationGroup(
        my_role=found[0].my_role if found else None,
        peer_role=found[0].peer_role if found else None,
        groups=found or None,
        unparsed=page.unparsed,
    )


def _group(page: Page, number: int, block: Block) -> ApplicationGroup:
    values = block.values
    return ApplicationGroup(
        id=number,
        name=values.get("name"),
        my_role=_role(page, "My Role", values.get("my_role")),
        peer_role=_role(page, "Peer Role", values.get("peer_role")),
        administrative_state=values.get("administrative_state"),
        operational_state=values.get("operational_state"),
        peer_presence=page.yes("Peer Presence", values.get("peer_presence")),
        peer_communication=page.yes("Peer Comm", values.get("peer_communication")),
        rf_state=values.get("rf_state"),
        peer_rf_state=values.get("peer_rf_state"),
        switchovers=page.number("switchovers due to faults", values.get("switchovers")),
    )


def _role(page: Page, label: str, text: str | None) -> str | None:
    if text is not None and text.lower() not in _ROLES:
        page.unclear(label, text, "a known role")
    return text


def tell(data: RedundancyApplicationGroup) -> Iterator[Told]:
    """Roles and states of the first group: CUBE has one."""
    for group in (data.groups or ())[:1]:
        yield from state(FactName.RG_ROLE, group.my_role)
        yield from state(FactName.RG_PEER_ROLE, group.peer_role)
        yield from heard(up=_hears(group), key=GROUP)
        yield from group_states(group.rf_state, group.peer_rf_state)


def _hears(group: ApplicationGroup) -> bool | None:
    said = [one for one in (group.peer_presence, group.peer_communication) if one is not None]
    return all(said) if said else None


COMMAND: Final = Command(
    name="show redundancy application group",
    marks=frozenset({"my role", "peer role", "peer presence", "aggregate operational state"}),
    patterns=(_BEGINS,),
    read=read,
    tell=tell,
)
