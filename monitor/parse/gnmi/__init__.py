"""YANG trees of IOS XE, as gNMI and RESTCONF bring them, to facts and readings; pure."""

from monitor.parse.gnmi.reader import Read, Reader

__all__ = ["Read", "Reader"]
