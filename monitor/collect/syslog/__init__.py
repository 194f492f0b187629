"""Syslog listeners: UDP (RFC 5426) and TCP (RFC 6587)."""
