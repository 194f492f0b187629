"""Poll devices over RESTCONF, where gNMI is not offered: the same paths by GET."""

from monitor.collect.restconf.config import RestconfConfig, RestconfTarget
from monitor.collect.restconf.poller import RestconfPoller, check_targets

__all__ = ["RestconfConfig", "RestconfPoller", "RestconfTarget", "check_targets"]
