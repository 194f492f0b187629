"""One YAML file, checked strictly, with messages that name file, line and key."""

from monitor.config.file import load
from monitor.config.model import Config, DeviceConfig

__all__ = ["Config", "DeviceConfig", "load"]
