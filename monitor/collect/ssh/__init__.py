"""Poll devices over SSH: only `show` commands of an allow-list, one session per device."""

from monitor.collect.ssh.config import Credential, JumpHost, SshConfig, SshTarget
from monitor.collect.ssh.failure import PollResult
from monitor.collect.ssh.plan import Known
from monitor.collect.ssh.poller import SshPoller, check_targets
from monitor.secret import SecretRef

__all__ = [
    "Credential",
    "JumpHost",
    "Known",
    "PollResult",
    "SecretRef",
    "SshConfig",
    "SshPoller",
    "SshTarget",
    "check_targets",
]
