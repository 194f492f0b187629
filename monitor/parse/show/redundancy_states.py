"""`show redundancy states`: the two route processors of one platform."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitor.domain.facts import FactName
from monitor.parse.show.output import Command, Told
from monitor.parse.show.page import ALL_READ, Page, Unparsed, labelled, underline
from monitor.parse.show.redundancy_facts import heard, state

_STATE = re.compile(r"(\d{1,2}) ?- ?([A-Za-z][A-Za-z -]{1,40})")
_COMMUNICATIONS = re.compile(r"(Up|Down)(?: Reason: (.{1,120}))?")
_NAMES: Final = {1: "DISABLED", 8: "STANDBY HOT", 13: "ACTIVE"}
_MODES: Final = ("sso", "non-redundant", "non redundant", "stateful switchover", "rpr", "rpr+")
_KNOWN: Final[dict[str, tuple[str, ...]]] = {
    "mode": ("duplex", "simplex"),
    "unit": ("primary", "secondary"),
    "operational_mode": _MODES,
    "configured_mode": _MODES,
    "redundancy_state": _MODES,
}
_LABELS: Final = {
    "my state": "my_state",
    "peer state": "peer_state",
    "mode": "mode",
    "unit": "unit",
    "unit id": "unit_id",
    "redundancy mode (operational)": "operational_mode",
    "redundancy mode (configured)": "configured_mode",
    "redundancy state": "redundancy_state",
    "maintenance mode": "maintenance_mode",
    "manual swact": "manual_switchover",
    "communications": "communications",
    "last switchover reason": "last_switchover",
}
_PASSED_BY: Final = frozenset(
    {
        "client count",
        "client_notification_tmr",
        "rf debug mask",
        "keep_alive tmr",
        "keep_alive count",
        "keep_alive threshold",
        "gateway monitoring",
        "gateway monitoring interval",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedundancyState:
    """`13 -ACTIVE`. SNMP numbers the same states one higher."""

    number: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedundancyStates:
    """Modes and words as printed."""

    my_state: RedundancyState | None = None
    peer_state: RedundancyState | None = None
    mode: str | None = None
    unit: str | None = None
    unit_id: str | None = None
    operational_mode: str | None = None
    configured_mode: str | None = None
    redundancy_state: str | None = None
    maintenance_mode: str | None = None
    manual_switchover: str | None = None
    communications: str | None = None
    communications_reason: str | None = None
    last_switchover: str | None = None
    unparsed: Unparsed = ALL_READ


def read(page: Page) -> RedundancyStates:
    """The output's values."""
    values: dict[str, str] = {}
    for line in page:
        label, value = labelled(line) or ("", "")
        if key := _LABELS.get(label):
            page.file(values, key, value)
        elif label in _PASSED_BY or underline(line):
            page.settle(line)
        else:
            page.leave(line)
    for key, known in _KNOWN.items():
        if values.get(key, known[0]).lower() not in known:
            page.unclear(key, values[key], f"one of {', '.join(known)}")
    communications = _COMMUNICATIONS.fullmatch(values.get("communications", ""))
    if communications is None and "communications" in values:
        page.unclear("Communications", values["communications"], "Up or Down")
    return RedundancyStates(
        my_state=_state(page, "my state", values.get("my_state")),
        peer_state=_state(page, "peer state", values.get("peer_state")),
        mode=values.get("mode"),
        unit=values.get("unit"),
        unit_id=values.get("unit_id"),
        operational_mode=values.get("operational_mode"),
        configured_mode=values.get("configured_mode"),
        redundancy_state=values.get("redundancy_state"),
        maintenance_mode=values.get("maintenance_mode"),
        manual_switchover=values.get("manual_switchover"),
        communications=communications[1] if communications else None,
        communications_reason=communications[2] if communications else None,
        last_switchover=values.get("last_switchover"),
        unparsed=page.unparsed,
    )


def _state(page: Page, label: str, text: str | None) -> RedundancyState | None:
    if text is None:
        return None
    found = _STATE.fullmatch(text)
    if found is None:
        page.unclear(label, text, "a numbered state")
        return None
    state = RedundancyState(number=int(found[1]), name=found[2])
    if _NAMES.get(state.number, state.name) != state.name:
        page.unclear(label, text, "a state whose number and name agree")
    return state


def tell(data: RedundancyStates) -> Iterator[Told]:
    """The processors' states, and whether they hear each other."""
    own, peer = data.my_state, data.peer_state
    yield from state(FactName.HA_STATE, own.name if own else None)
    yield from state(FactName.HA_PEER_STATE, peer.name if peer else None)
    up = None if data.communications is None else data.communications.lower() == "up"
    yield from heard(up=up, reason=data.communications_reason)


COMMAND: Final = Command(
    name="show redundancy states",
    marks=frozenset({"my state", "peer state", "redundancy mode (operational)"}),
    begins="my state",
    read=read,
    tell=tell,
)
