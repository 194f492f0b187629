"""//CUBE-SL/ lines of `debug license feature cube all`.

Source: Cisco's chapter "CUBE Smart Licensing", section on debugging, which shows both forms.
"""

import re

from monitor.domain.events import EntitlementRequest, Event, Other
from monitor.parse.syslog.message import DEBUG_FACILITY, Message

_REQUEST = re.compile(
    r"//CUBE-SL/[\w/-]{1,80}: Request (?P<result>\w{1,16}) for "
    r"(?:license_type: (?P<type>\d{1,9}) and count (?P<count>\d{1,9})"
    r"|license (?P<tag>[A-Z][A-Z0-9_]{1,63}))",
    re.ASCII | re.IGNORECASE,
)


def parse(message: Message) -> Event:
    """One event."""
    found = _REQUEST.match(message.text)
    if found is None:
        return Other(mnemonic=DEBUG_FACILITY)
    return EntitlementRequest(
        successful=found["result"].lower() == "successful",
        tag=found["tag"],
        license_type=int(found["type"]) if found["type"] else None,
        count=int(found["count"]) if found["count"] else None,
    )
