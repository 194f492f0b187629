"""Diagnoses of devices, from what the running monitor knows and how it is configured."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from monitor.aggregate.rules import Calls
from monitor.app.build import Parts, limits_of
from monitor.collect.snmp import SnmpTrapConfig
from monitor.collect.syslog.tcp import SyslogTcpConfig
from monitor.collect.syslog.udp import SyslogUdpConfig
from monitor.config import DeviceConfig
from monitor.config.model import Config
from monitor.domain.diagnosis import Counted, Diagnosis, Setup
from monitor.domain.instants import HOUR
from monitor.domain.state import DeviceState
from monitor.domain.tags import AGGREGATE, CALLS, TRUNK_TAGS
from monitor.evaluate.diagnosis import diagnose

_COMPARED_SECONDS: Final = HOUR
"""Readings of so long are compared."""


class Doctor:
    """Call it in a worker thread: it reads from the store."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._configured = {one.name: one for one in parts.config.devices}
        self._limits = limits_of(parts.config)

    def __call__(self, state: DeviceState, now: float) -> Diagnosis:
        """How well one device is heard. `now`: seconds since 1970 UTC."""
        device = state.device.id
        config = self._parts.config
        setup = setup_of(config, next((one for one in config.devices if one.name == device), None))
        counted = self._counted(device, int(now))
        return diagnose(replace(state, now=now), setup, counted, limits_of(config))

    def _counted(self, device: str, now: int) -> Counted:
        """Readings by (tag, source), where there is a call table to compare with them."""
        tags = set(self._parts.store.tags(device))
        found: defaultdict[tuple[str, str], dict[int, int]] = defaultdict(dict)
        for tag in sorted(tags & {CALLS, AGGREGATE, *TRUNK_TAGS}) if CALLS in tags else ():
            batches = self._parts.store.readings(
                device=device, tag=tag, start=now - _COMPARED_SECONDS, end=now + 1
            )
            for batch in batches:
                for which, second, count in zip(
                    batch.which, batch.seconds, batch.counts, strict=True
                ):
                    found[tag, batch.series[which].source][second] = count
        return Counted(readings=dict(found))


def setup_of(config: Config, device: DeviceConfig | None) -> Setup:
    """What the configuration says of a device, None for a learned one."""
    heard = frozenset(_listening(config))
    if device is None:
        return Setup(sources=heard)
    ways = {
        "cli": device.ssh,
        "snmp": device.snmp,
        "gnmi": device.gnmi,
        "restconf": device.restconf,
    }
    return Setup(
        sources=heard | {name for name, target in ways.items() if target is not None},
        calls_aggregate=device.calls is Calls.AGGREGATE,
        legs=device.legs,
    )


def _listening(config: Config) -> Iterator[str]:
    for one in config.collect:
        if isinstance(one, SnmpTrapConfig):
            yield "trap"
        elif isinstance(one, SyslogTcpConfig | SyslogUdpConfig):
            yield "syslog"
