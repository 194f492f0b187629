"""What a device's facts say about redundancy: its own role, its peer's, and whether they talk."""

from collections.abc import Iterable, Iterator
from typing import Final

from monitor.domain.facts import Fact, FactName
from monitor.domain.pair import BOX_TO_BOX_TYPE, GROUP, IN_BOX_TYPE, Redundancy, Role
from monitor.evaluate.evidence import Sheet, best, newest, standing

HOT: Final = "standby_hot"
_SPOKEN: Final = (
    FactName.RG_ROLE,
    FactName.RG_PEER_ROLE,
    FactName.HA_STATE,
    FactName.HA_PEER_STATE,
    FactName.HA_COMMUNICATION,
    FactName.PEER_UDI,
)
_NO_PEER: Final = frozenset({"disabled", "not_known", "none", "unknown"})
_NOT_REDUNDANT: Final = "none"
_SIMPLEX: Final = "simplex"
_IN_BOX_MEMBER: Final = "standby"


def redundancy_of(sheet: Sheet) -> Redundancy | None:
    """Everything at once; None where the device speaks of no redundancy."""
    ha_type = _word(sheet.best(FactName.HA_TYPE))
    redundant = ha_type in (BOX_TO_BOX_TYPE, IN_BOX_TYPE)
    if not redundant and not sheet.tells(*_SPOKEN):
        return None
    grouped = _is_grouped(sheet, ha_type)
    return Redundancy(
        ha_type=ha_type,
        role=standing(_own(sheet, grouped=grouped), _is_active),
        peer_role=_seen(sheet, grouped=grouped),
        peer_state=standing(_states(sheet, FactName.HA_PEER_STATE, grouped=grouped), is_not_hot),
        communication=_communication(sheet, grouped=grouped),
        request=newest(sheet.of(FactName.REQUESTED_COUNT)),
        names=_names(sheet, FactName.UDI, FactName.HOST_NAME),
        peers=_names(sheet, FactName.PEER_UDI, FactName.PEER_HOST_NAME),
        processors=_has_processors(sheet, ha_type, grouped=grouped),
    )


def role_of(fact: Fact | None) -> Role | None:
    """The role a statement names; None where nothing is said or known."""
    word = _word(fact)
    if word is None or word in {"unknown", "not_known", "none"}:
        return None
    return next((one for one in (Role.ACTIVE, Role.STANDBY) if word.startswith(one)), Role.OTHER)


def serial(udi: str) -> str:
    """The serial number of `PID:<pid>,SN:<sn>`, lower case; other text as it is."""
    return udi.casefold().rpartition("sn:")[2].strip()


def is_not_hot(fact: Fact) -> int:
    """1 where a peer in this state cannot take over."""
    return int(_word(fact) != HOT)


def is_down(fact: Fact) -> int:
    """1 where the members do not hear each other."""
    return int(fact.value == "down")


def _is_active(fact: Fact) -> int:
    return int(role_of(fact) is Role.ACTIVE)


def _word(fact: Fact | None) -> str | None:
    return fact.value if fact is not None and isinstance(fact.value, str) else None


def _is_grouped(sheet: Sheet, ha_type: str | None) -> bool:
    """It belongs to a redundancy group, so that its processors' own states say nothing of it."""
    told = any(fact.authenticated for fact in sheet.of(FactName.RG_ROLE))
    keyed = any(fact.key == GROUP for fact in sheet.of(FactName.HA_STATE))
    return told or keyed or ha_type == BOX_TO_BOX_TYPE


def _states(sheet: Sheet, name: FactName, *, grouped: bool) -> tuple[Fact, ...]:
    facts = sheet.of(name)
    own = tuple(fact for fact in facts if fact.key == GROUP)
    if own or not grouped:
        return own or facts
    # Older platforms show the other box where others show the second processor.
    return () if _is_simplex(sheet) else facts


def _is_simplex(sheet: Sheet) -> bool:
    peer = best(fact for fact in sheet.of(FactName.HA_PEER_STATE) if fact.key != GROUP)
    reason = best(fact for fact in sheet.of(FactName.HA_COMMUNICATION) if fact.key != GROUP)
    no_peer = _word(peer) in _NO_PEER
    return no_peer and (reason is None or _SIMPLEX in reason.text.lower())


def _own(sheet: Sheet, *, grouped: bool) -> Iterator[Fact]:
    yield from sheet.of(FactName.RG_ROLE)
    if not any(fact.authenticated for fact in sheet.of(FactName.RG_ROLE)):
        yield from _states(sheet, FactName.HA_STATE, grouped=grouped)


def _seen(sheet: Sheet, *, grouped: bool) -> Fact | None:
    said = (
        *sheet.of(FactName.RG_PEER_ROLE),
        *_states(sheet, FactName.HA_PEER_STATE, grouped=grouped),
    )
    roles = (Role.ACTIVE, Role.STANDBY)
    return newest(fact for fact in said if fact.authenticated and role_of(fact) in roles)


def _communication(sheet: Sheet, *, grouped: bool) -> Fact | None:
    facts = sheet.of(FactName.HA_COMMUNICATION)
    if any(fact.key == GROUP for fact in facts):
        # What its own processors print says nothing of the other box; a plain message may.
        facts = tuple(fact for fact in facts if fact.key == GROUP or not fact.authenticated)
    elif grouped:
        facts = tuple(fact for fact in facts if _SIMPLEX not in fact.text.lower())
    return standing(facts, is_down)


def _has_processors(sheet: Sheet, ha_type: str | None, *, grouped: bool) -> bool:
    if grouped or ha_type == IN_BOX_TYPE:
        return ha_type == IN_BOX_TYPE
    # One that was there and is gone is a peer that cannot take over, unless the router says it
    # was never meant to.
    noted = sheet.tells(FactName.HA_PAIRED) and ha_type != _NOT_REDUNDANT
    peers = [fact for fact in sheet.of(FactName.HA_PEER_STATE) if fact.authenticated]
    seen = names_processor(best(peers))
    listed = any(fact.key == _IN_BOX_MEMBER for fact in sheet.of(FactName.PEER_UDI))
    return listed or noted or seen


def names_processor(fact: Fact | None) -> bool:
    """A proven word of a second processor that is there."""
    if fact is None or fact.name is not FactName.HA_PEER_STATE or fact.key == GROUP:
        return False
    word = _word(fact)
    return fact.authenticated and word is not None and word not in _NO_PEER


def _names(sheet: Sheet, *names: FactName) -> frozenset[str]:
    return frozenset(_named(fact for name in names for fact in sheet.of(name)))


def _named(facts: Iterable[Fact]) -> Iterator[str]:
    for fact in facts:
        if fact.authenticated and isinstance(fact.value, str) and fact.value:
            is_product = fact.name in (FactName.UDI, FactName.PEER_UDI)
            yield serial(fact.value) if is_product else fact.value.casefold()
