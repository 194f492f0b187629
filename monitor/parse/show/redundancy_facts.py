"""What outputs tell about redundancy: states, roles and the peer."""

from collections.abc import Iterator
from typing import Final

from monitor.domain.facts import FactName
from monitor.domain.pair import GROUP
from monitor.parse.show.license_data import Application, Entitlement, Member
from monitor.parse.show.license_sheet import udi
from monitor.parse.show.output import Told, underscored

APPLICATION: Final = "application"
"""Key of roles as the licence agent says them."""
_ACTIVE: Final = "active"


def state(name: FactName, said: str | None, key: str = "") -> Iterator[Told]:
    """The statement of a state or a role, as facts write it; none where its line is missing."""
    if said:
        yield Told(name, underscored(said), key, text=said)


def heard(*, up: bool | None, key: str = "", reason: str | None = None) -> Iterator[Told]:
    """Whether the peer is heard; none where nothing is said of it."""
    if up is not None:
        yield Told(FactName.HA_COMMUNICATION, "up" if up else "down", key, text=reason or "")


def group_states(own: str | None, peer: str | None) -> Iterator[Told]:
    """States of a redundancy group's own facility."""
    yield from state(FactName.HA_STATE, own, GROUP)
    yield from state(FactName.HA_PEER_STATE, peer, GROUP)


def members(listed: tuple[Member, ...] | None) -> Iterator[Told]:
    """Peers of an HA UDI list: the first of each role but the active one's, which this is."""
    peers = {one.role.lower(): one for one in reversed(listed or ()) if one.role.lower() != _ACTIVE}
    for role, one in sorted(peers.items()):
        yield Told(FactName.PEER_UDI, f"PID:{one.pid},SN:{one.sn}", role)


def application(entitled: tuple[Entitlement, ...] | None) -> Iterator[Told]:
    """The roles and the peer in the first licence that names them."""
    for licence in entitled or ():
        if licence.application is not None and licence.application.role:
            yield from state(FactName.RG_ROLE, licence.application.role, APPLICATION)
            yield from _peer(licence.peer)
            return


def _peer(peer: Application | None) -> Iterator[Told]:
    if peer is None:
        return
    yield from state(FactName.RG_PEER_ROLE, peer.role, APPLICATION)
    product = udi(peer.udi or "")
    if product is not None:
        yield Told(FactName.PEER_UDI, f"PID:{product[0]},SN:{product[1]}", APPLICATION)
    if peer.host_name:
        yield Told(FactName.PEER_HOST_NAME, peer.host_name)
