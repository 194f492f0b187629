"""SNMP: poll devices (versions 2c and 3), and receive their traps and informs."""

from monitor.collect.snmp.config import (
    SnmpConfig,
    SnmpCredential,
    SnmpTarget,
    SnmpUser,
)
from monitor.collect.snmp.failure import VisitResult
from monitor.collect.snmp.notifications import SnmpNotifications, SnmpTrapConfig
from monitor.collect.snmp.poller import SnmpPoller, check_targets

__all__ = [
    "SnmpConfig",
    "SnmpCredential",
    "SnmpNotifications",
    "SnmpPoller",
    "SnmpTarget",
    "SnmpTrapConfig",
    "SnmpUser",
    "VisitResult",
    "check_targets",
]
