"""Hear devices over gNMI: subscriptions only, nothing that could change a device."""

from monitor.collect.gnmi.collector import GnmiCollector, check_targets
from monitor.collect.gnmi.config import GnmiConfig, GnmiTarget

__all__ = ["GnmiCollector", "GnmiConfig", "GnmiTarget", "check_targets"]
