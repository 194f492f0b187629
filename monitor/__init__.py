"""Watch Cisco CUBE Smart Licensing: usage, acknowledgement deadlines, compliance."""

__version__ = "0.1.0"
