"""Every number the judging uses, with its default; the configuration may change each one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Numbers of the rules; the unit is the last word of each name.

    "Before" always means before the acknowledgement deadline. Raises ValueError where a number is
    negative or not finite.
    """

    __pydantic_config__: ClassVar[Mapping[str, object]] = MappingProxyType({"extra": "forbid"})

    push_too_late_critical_days: float = 14
    """A push planned after the deadline is critical from so long before."""
    retry_room_hours: float = 24
    """A planned push with less room than this cannot be tried again in time."""
    no_room_critical_hours: float = 24
    push_overdue_after_hours: float = 2
    push_overdue_critical_days: float = 7
    unacknowledged_after_hours: float = 48
    unacknowledged_critical_days: float = 7
    backstop_warning_days: float = 7
    backstop_critical_days: float = 3
    backstop_push_grace_minutes: float = 5
    """A planned push counts as passed after so long: a healthy one is acknowledged by then."""
    backstop_always_hours: float = 24
    """On a release that stops or may stop, critical from here on whatever the cycle says."""
    unknown_cycle_warning_days: float = 14
    unknown_cycle_critical_days: float = 3
    pull_info_days: float = 30
    pull_warning_days: float = 14
    pull_critical_days: float = 7
    pull_last_days: float = 3

    clock_skew_seconds: float = 300
    """A device clock further off than this is what time left is counted on."""
    disagreement_exact_seconds: float = 60
    disagreement_derived_days: float = 1

    poll_interval_hours: float = 6
    poll_interval_near_hours: float = 1
    """Polling interval in force within `poll_near_days` of the deadline."""
    poll_near_days: float = 14
    snmp_interval_minutes: float = 15
    telemetry_interval_minutes: float = 5
    """gNMI and RESTCONF are heard at least so often; broken streams are tried again within it."""
    poll_late_after_intervals: float = 3
    syslog_silent_days: float = 8
    """Licence requests may be seven days apart."""

    communication_page_days: float = 7
    """A communication failure alone pages nobody while the deadline is further off than this."""
    communication_hold_seconds: float = 300
    shared_cause_devices: int = 2
    """So many devices failing to reach one peer are one finding about the peer."""

    pair_roles_seconds: float = 120
    """Both members of a pair may be active, or none, for so long."""

    drift_licenses: float = 1
    drift_percent: float = 2
    """Our measurement and a reported count may differ by the larger of the two."""
    drift_settle_minutes: float = 10
    """A reported count is compared when it is so old: by then our own measurement is recorded."""

    balance_raise_seconds: float = 3600
    balance_hold_seconds: float = 3600

    def __post_init__(self) -> None:
        for field in fields(self):
            number = getattr(self, field.name)
            if not math.isfinite(number) or number < 0:
                raise ValueError(f"{field.name} must be a number of 0 or more, not {number}")
