"""Raw metrics as the PromQL rules read them: held as last known while nobody reports."""

from dataclasses import dataclass
from typing import Final

REPORTING: Final = "cube_monitor_build_info"
"""Present while at least one monitor is scraped."""
MEMORY: Final = "1h"
"""Prometheus itself may be away for so long while no monitor reports."""


@dataclass(frozen=True, slots=True)
class Held:
    """A series that outlives a lost scrape and the monitor itself."""

    record: str
    raw: str
    """Over metrics of the exposition; keeps `instance` and `job`."""
    keep: str = "last_over_time"
    """What is taken of the past: `max_over_time` where 1 is a bad state."""

    @property
    def expr(self) -> str:
        """The raw metric, or what was recorded of it before everybody fell silent."""
        return f"{self.raw} or ({self.keep}({self.record}[{MEMORY}]) unless on () {REPORTING})"


def frozen(record: str, expr: str) -> str:
    """A condition that neither begins nor ends while nobody reports: silence would be ours."""
    return f"({expr}) or ({record} unless on () {REPORTING})"


DEADLINE: Final = "device:ack_deadline:held"
EXACT: Final = "device:ack_deadline_exact:held"
REQUIRED: Final = "device:ack_required:held"
DUE: Final = "device:ack_due:held"
RECEIVED: Final = "device:ack_received:held"
SENT: Final = "device:report_sent:held"
PLANS: Final = "device:push_planned:held"
LAST_ACK: Final = "device:last_ack:held"
LAST_REPORT: Final = "device:last_push:held"
NEXT_PUSH: Final = "device:next_push:held"
TRUST: Final = "device:trust_code:held"
INTERVAL: Final = "device:report_interval:held"
DISAGREES: Final = "device:ack_deadline_disagreement:held"
STOPPING: Final = "device:stopping:held"
BEFORE_POLICY: Final = "device:before_policy:held"
THRESHOLD: Final = "device:ack_deadline_threshold:held"
LIMIT: Final = "limit:seconds:held"
LIMIT_DEVICES: Final = "limit:devices:held"
SIP_DOWN: Final = "device:sip_down:held"
OUT_OF_COMPLIANCE: Final = "device:out_of_compliance:held"
FAILED: Final = "device:communication_failed:held"
REFUSED: Final = "device:credential_refused:held"
RELAY: Final = "device:relay:held"
REQUESTED: Final = "device:license_request:held"
REGISTRATION: Final = "device:registration_expires:held"
AUTHORIZATION: Final = "device:authorization_deadline:held"
EXPIRED: Final = "device:authorization_expired:held"
IN_ORDER: Final = "device:registration_in_order:held"
BLOCKED: Final = "device:calls_blocked:held"
ROLE: Final = "pair:role:held"
ROLE_SAID: Final = "pair:role_said:held"
MEMBER: Final = "pair:member:held"
READY: Final = "pair:ready:held"
COMMUNICATING: Final = "pair:communicating:held"
PROVEN: Final = "pair:standby_proven:held"
CANDIDATE: Final = "pair:candidate:held"
DIFFERS: Final = "pair:differs:held"
DRIFT: Final = "device:license_drift:held"
TOLERANCE: Final = "device:license_drift_tolerance:held"
BALANCE: Final = "account:balance:held"
IN_USE: Final = "account:in_use:held"
ACCOUNT: Final = "device:account:held"
MAINTENANCE: Final = "subject:maintenance:held"

DEADLINES: Final = "cube_ack_deadline_timestamp_seconds"
_WORST: Final = "max_over_time"

HELD: Final = (
    Held(DEADLINE, f"max without (source, kind) ({DEADLINES})"),
    Held(EXACT, f'max without (source, kind) ({DEADLINES}{{kind="exact"}})'),
    Held(REQUIRED, "cube_ack_required"),
    Held(DUE, "cube_ack_due"),
    Held(RECEIVED, "cube_ack_received"),
    Held(SENT, "cube_report_sent"),
    Held(PLANS, "cube_push_planned"),
    Held(LAST_ACK, "cube_last_ack_timestamp_seconds"),
    Held(LAST_REPORT, "cube_last_push_timestamp_seconds"),
    Held(NEXT_PUSH, "cube_next_push_timestamp_seconds"),
    Held(TRUST, "cube_trust_code_installed"),
    Held(INTERVAL, "cube_report_interval_seconds"),
    Held(DISAGREES, "cube_ack_deadline_disagreement_seconds"),
    Held(STOPPING, 'max without (state) (cube_stopping{state=~"stops|may_stop"})'),
    Held(BEFORE_POLICY, 'max without (state) (cube_stopping{state="before_policy"})'),
    Held(THRESHOLD, "cube_ack_deadline_threshold_seconds"),
    Held(LIMIT, "cube_limit_seconds"),
    Held(LIMIT_DEVICES, "cube_limit_devices"),
    Held(SIP_DOWN, "(cube_sip_service_up == bool 0)", keep=_WORST),
    Held(OUT_OF_COMPLIANCE, "cube_out_of_compliance", keep=_WORST),
    Held(FAILED, "cube_communication_failed_timestamp_seconds"),
    Held(
        REFUSED,
        'label_join(cube_device_credential_refused, "cause", " credential ",'
        ' "manner", "credential")',
    ),
    Held(RELAY, 'label_replace(cube_device_relay, "cause", "relay $1", "relay", "(.*)")'),
    Held(REQUESTED, "cube_license_request_timestamp_seconds"),
    Held(REGISTRATION, "cube_registration_expires_timestamp_seconds"),
    Held(AUTHORIZATION, "cube_authorization_deadline_timestamp_seconds"),
    Held(EXPIRED, "cube_authorization_expired", keep=_WORST),
    Held(IN_ORDER, "cube_registration_in_order"),
    Held(BLOCKED, "cube_calls_blocked", keep=_WORST),
    Held(ROLE, "cube_pair_role"),
    Held(ROLE_SAID, "cube_pair_role_timestamp_seconds"),
    Held(MEMBER, "cube_pair_member"),
    Held(READY, "cube_pair_ready"),
    Held(COMMUNICATING, "cube_pair_communicating"),
    Held(PROVEN, "cube_pair_standby_proven"),
    Held(CANDIDATE, "cube_pair_candidate"),
    Held(DIFFERS, "cube_pair_differs", keep=_WORST),
    Held(DRIFT, "cube_license_drift"),
    Held(TOLERANCE, "cube_license_drift_tolerance"),
    Held(BALANCE, "cube_account_balance"),
    Held(IN_USE, "cube_account_in_use"),
    Held(
        ACCOUNT,
        "max by (device, account, instance, job)"
        ' (label_replace(cube_device_info{virtual_account!=""},'
        ' "account", "$1", "virtual_account", "(.*)"))',
    ),
    Held(MAINTENANCE, "cube_maintenance"),
)
