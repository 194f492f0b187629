"""`show license status` of a virtual CUBE, in the layout of its release."""

from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.instants import DAY
from monitor.lab.agent import AckState
from monitor.lab.stamps import Zone, in_license_output


class Layout(StrEnum):
    """Layouts differ by release; sources: Cisco's chapter and public captures."""

    BEFORE_POLICY = "before_policy"
    """16.x to 17.3.1: registration and authorization."""
    FIRST_POLICY = "first_policy"
    """17.3.2."""
    LATER_POLICY = "later_policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where licences are held."""

    smart: str
    virtual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """All that the command shows."""

    layout: Layout
    account: Account
    zone: Zone
    cycle: AckState
    now: float

    def at(self, moment: int | None) -> str:
        """A time in the router's zone."""
        return in_license_output(self.zone, moment)


_RENEWAL = 180 * DAY
_PRIVACY = """Data Privacy:
  Sending Hostname: yes
    Callhome hostname privacy: DISABLED
    Smart Licensing hostname privacy: DISABLED
  Version privacy: DISABLED
"""


def render(page: StatusPage) -> str:
    """The command's output."""
    if page.layout is Layout.BEFORE_POLICY:
        return _before_policy(page)
    if page.layout is Layout.FIRST_POLICY:
        return _first_policy(page)
    return _later_policy(page)


def _before_policy(page: StatusPage) -> str:
    registered = page.cycle.trusted_since or 0
    renewed = registered + (int(page.now) - registered) // _RENEWAL * _RENEWAL
    today = int(page.now) // DAY * DAY
    return f"""Smart Licensing is ENABLED

Utility:
  Status: DISABLED

{_PRIVACY}
Transport:
  Type: Callhome

Registration:
  Status: REGISTERED
  Smart Account: {page.account.smart}
  Virtual Account: {page.account.virtual}
  Export-Controlled Functionality: ALLOWED
  Initial Registration: SUCCEEDED on {page.at(registered)}
  Last Renewal Attempt: SUCCEEDED on {page.at(renewed)}
  Next Renewal Attempt: {page.at(renewed + _RENEWAL)}
  Registration Expires: {page.at(renewed + 365 * DAY)}

License Authorization:
  Status: AUTHORIZED on {page.at(today)}
  Last Communication Attempt: SUCCEEDED on {page.at(today)}
  Next Communication Attempt: {page.at(today + 30 * DAY)}
  Communication Deadline: {page.at(today + 90 * DAY)}
"""


def _first_policy(page: StatusPage) -> str:
    cycle = page.cycle
    return f"""Utility:
  Status: DISABLED

{_PRIVACY}
Transport:
  Type: Callhome

Policy:
  Policy in use: Merged from multiple sources.
  Installed Time: {page.at(0)}
  Reporting ACK required: yes
{_attributes("Perpetual Attributes", 365, 90, 90)}
{_attributes("Subscription Attributes", 90, 90, 90)}
{_attributes("Enforced License Attributes", 90, 90, 80)}
{_attributes("Export License Attributes", 90, 90, 90)}

Miscellaneus:
  Custom Id: <empty>

Usage Reporting:
  Last ACK received: {page.at(cycle.last_ack)}
  Next ACK deadline: {page.at(cycle.deadline)}
  Reporting Interval: {cycle.interval_days}
  Next ACK push check: {page.at(cycle.next_check)}
  Next report push: {page.at(cycle.next_push)}
  Last report push: {page.at(cycle.last_push)}
  Last report file write: <none>
  Last report pull: <none>

Trust Code Installed: {page.at(cycle.trusted_since)}
"""


def _later_policy(page: StatusPage) -> str:
    cycle = page.cycle
    installed = page.at(cycle.trusted_since)
    return f"""Utility:
  Status: DISABLED

Smart Licensing Using Policy:
  Status: ENABLED

Account Information:
  Smart Account: {page.account.smart} As of {page.at(cycle.last_ack)}
  Virtual Account: {page.account.virtual}

{_PRIVACY}
Transport:
  Type: Smart
  URL: https://smartreceiver.cisco.com/licservice/license
  Proxy:
    Not Configured
  VRF:
    Not Configured

Policy:
  Policy in use: Installed On {installed}
  Policy name: Lab Policy
  Reporting ACK required: yes (Customer Policy)
{_attributes("Unenforced/Non-Export Perpetual Attributes", 30, 90, 60)}
{_attributes("Unenforced/Non-Export Subscription Attributes", 90, 90, 90)}
{_attributes("Enforced (Perpetual/Subscription) License Attributes", 30, 90, 60)}
{_attributes("Export (Perpetual/Subscription) License Attributes", 30, 30, 30)}

Miscellaneous:
  Custom Id: <empty>

Usage Reporting:
  Last ACK received: {page.at(cycle.last_ack)}
  Next ACK deadline: {page.at(cycle.deadline)}
  Reporting push interval: {cycle.interval_days}  days
  Next ACK push check: {page.at(cycle.next_check)}
  Next report push: {page.at(cycle.next_push)}
  Last report push: {page.at(cycle.last_push)}
  Last report file write: <none>

Trust Code Installed: {installed}
"""


def _attributes(title: str, first: int, frequency: int, change: int) -> str:
    return f"""  {title}:
    First report requirement (days): {first} (Customer Policy)
    Reporting frequency (days): {frequency} (Customer Policy)
    Report on change (days): {change} (Customer Policy)"""
