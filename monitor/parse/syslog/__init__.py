"""Syslog payloads of Cisco routers to messages, instants, events and facts; pure, no clock."""

from monitor.parse.syslog.clock import Clock, DeviceTime, effective, when
from monitor.parse.syslog.facilities import FACILITIES, events, licence_facility
from monitor.parse.syslog.facts import facts
from monitor.parse.syslog.message import Message, read
from monitor.parse.syslog.prefilter import leading_counter, wanted
from monitor.parse.syslog.stamp import Stamp

__all__ = [
    "Clock",
    "DeviceTime",
    "FACILITIES",
    "Message",
    "Stamp",
    "effective",
    "events",
    "facts",
    "leading_counter",
    "licence_facility",
    "read",
    "wanted",
    "when",
]
