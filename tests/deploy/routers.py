"""What six routers print: doomed, some of them a pair, one that goes on; then saved."""

import time
from datetime import UTC, datetime

from monitor.domain.instants import DAY, HOUR
from monitor.wire import ShowCapture

KNOWN = """{device}#show cube status
CUBE-Version : 14.1
SW-Version : {release}, Platform C8300-1N1S-4T2X
HA-Type : {kind}

"""
LICENSE = """{device}#show license status
Utility:
  Status: DISABLED

Smart Licensing Using Policy:
  Status: ENABLED

Account Information:
  Smart Account: Example Voice As of {sent}
  Virtual Account: Voice Edge

Transport:
  Type: Smart
  URL: https://smartreceiver.cisco.com/licservice/license

Policy:
  Policy in use: Installed On {installed}
  Policy name: Voice Policy
  Reporting ACK required: yes (Customer Policy)

Usage Reporting:
  Last ACK received: {acked}
  Next ACK deadline: {deadline}
  Reporting push interval: 30  days
  Next ACK push check: <none>
  Next report push: {planned}
  Last report push: {sent}
  Last report file write: <none>

Trust Code Installed: {installed}
"""
GROUP = """
{device}#show redundancy application group 1
Group ID:1
Group Name:voice-b2bha

Administrative State: No Shutdown
Aggregate operational state : Up
My Role: {mine}
Peer Role: {other}
Peer Presence: Yes
Peer Comm: Yes
Peer Progression Started: Yes

RF Domain: btob-one
         RF state: {mine_state}
         Peer RF state: {other_state}
"""
HOT = {"ACTIVE": "ACTIVE", "STANDBY": "STANDBY HOT"}


def printed(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%b %d %H:%M:%S %Y UTC")


def status(device: str, left: float, *, acked: bool, release: str = "17.3.2",
           role: str = "") -> ShowCapture:  # fmt: skip
    """What a router prints whose deadline is `left` seconds away."""
    now = time.time()
    sent = now - 10 * HOUR
    kind = "hot-standby-chassis-to-chassis" if role else "none"
    text = KNOWN.format(device=device, release=release, kind=kind) if release else ""
    text += LICENSE.format(
        device=device,
        sent=printed(sent),
        installed=printed(now - 200 * DAY),
        acked=printed(sent + HOUR if acked else now - 27 * DAY),
        deadline=printed(now + left),
        planned=printed(now + left - 2 * DAY if left > 3 * DAY else sent + 9 * HOUR),
    )
    if role:
        other = "STANDBY" if role == "ACTIVE" else "ACTIVE"
        text += GROUP.format(
            device=device, mine=role, other=other, mine_state=HOT[role], other_state=HOT[other]
        )
    return ShowCapture(device=device, received=now, text=text)


def doomed() -> list[ShowCapture]:
    left = 3 * DAY - HOUR
    return [
        status("cube-1", left, acked=False, role="ACTIVE"),
        status("cube-2", left, acked=False, role="STANDBY"),
        status("cube-3", left, acked=False),
        status("cube-4", left, acked=False, release="17.9.4a"),
        status("cube-5", -2 * HOUR, acked=False),
        status("cube-6", left, acked=False, release=""),
    ]


def saved() -> list[ShowCapture]:
    return [
        status("cube-1", 29 * DAY, acked=True, role="ACTIVE"),
        status("cube-2", 29 * DAY, acked=True, role="STANDBY"),
    ]
