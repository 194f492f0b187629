"""What is asked of a device, how often, and what it turned out not to have; pure.

Sources: CISCO-VOICE-DIAL-CONTROL-MIB, CISCO-SMART-LIC-MIB (mind the arc 0), CISCO-RF-MIB,
ENTITY-MIB, SNMPv2-MIB.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from monitor.wire import Absent, SnmpValue

DAY: Final = 86_400.0

UPTIME: Final = "1.3.6.1.2.1.1.3"
CALL_SECONDS: Final = "1.3.6.1.4.1.9.9.63.1.4.3.3.1.3.1"
"""Column of the highest number of calls, rows of the last 60 seconds."""
CALL_ROWS: Final = 60
GAUGE: Final = ("1.3.6.1.2.1.1.3.0", "1.3.6.1.4.1.9.9.63.1.3.8.1.1.2.2")
"""Asked where there is no table: connections of SIP now."""

LICENCE: Final = "1.3.6.1.4.1.9.9.831.0"
SCALARS: Final = (
    "1.3.6.1.2.1.1.1.0",
    "1.3.6.1.2.1.1.3.0",
    "1.3.6.1.2.1.1.5.0",
    f"{LICENCE}.12.1.0",
    f"{LICENCE}.12.2.0",
    f"{LICENCE}.3.0",
    f"{LICENCE}.6.1.0",
    f"{LICENCE}.6.2.0",
    f"{LICENCE}.6.3.0",
    f"{LICENCE}.6.4.0",
    f"{LICENCE}.7.2.0",
    "1.3.6.1.4.1.9.9.176.1.1.2.0",
    "1.3.6.1.4.1.9.9.176.1.1.4.0",
)
ENTITLEMENTS: Final = tuple(f"{LICENCE}.5.1.1.{column}" for column in (2, 3, 5))
"""Count, tag, mode."""
CHASSIS: Final = tuple(f"1.3.6.1.2.1.47.1.1.1.1.{column}" for column in (5, 11, 13))
"""Class, serial number, model; the chassis stands among the first rows."""
CHASSIS_ROWS: Final = 8
MOST_ROWS: Final = 200


@dataclass(slots=True)
class Memory:
    """What is known of one device between visits. Times on a monotonic clock, in seconds."""

    failures: int = 0
    calls_due: float = 0.0
    state_due: float = 0.0
    identity_due: float = 0.0
    rows: int = 4
    """Rows its table of entitlements had, and one more."""
    uptime: int = 0
    absent: dict[str, float] = field(default_factory=dict)
    """Object identifier -> when it may be asked for again."""

    def has(self, oid: str, now: float) -> bool:
        """False while the device is known not to have it."""
        return self.absent.get(oid, 0.0) <= now

    def present(self, oids: Iterable[str], now: float) -> list[str]:
        """Those worth asking for."""
        return [oid for oid in oids if self.has(oid, now)]

    def note(self, varbinds: Iterable[tuple[str, SnmpValue]], now: float) -> None:
        """Remember for a day what the device does not have."""
        for oid, value in varbinds:
            if value in {Absent.NO_SUCH_OBJECT, Absent.NO_SUCH_INSTANCE}:
                self.absent[oid] = now + DAY

    def forget_after_restart(self, ticks: int) -> None:
        """A device that started anew may run another release: ask for everything again."""
        if ticks < self.uptime:
            self.absent.clear()
            self.identity_due = 0.0
        self.uptime = ticks


def below(
    varbinds: Sequence[tuple[str, SnmpValue]], columns: Sequence[str]
) -> list[tuple[str, SnmpValue]]:
    """Those that belong to one of the columns: GETBULK runs on beyond the end of a table."""
    prefixes = tuple(f"{column}." for column in columns)
    return [
        (oid, value)
        for oid, value in varbinds
        if oid.startswith(prefixes) and not isinstance(value, Absent)
    ]
