"""Headings and labels of the `show license ...` family, as data.

A heading opens a section; a label is looked up under its section, then under "" (labels that mean
the same everywhere). `Status:` alone stands in a dozen sections.
"""

from typing import Final, NamedTuple

_STATUS_HEADINGS: Final = {
    "utility": "utility",
    "smart licensing using policy": "slp",
    "account information": "account",
    "data privacy": "privacy",
    "transport": "transport",
    "proxy": "proxy",
    "vrf": "vrf",
    "policy": "policy",
    "perpetual attributes": "perpetual",
    "unenforced/non-export perpetual attributes": "perpetual",
    "subscription attributes": "subscription",
    "unenforced/non-export subscription attributes": "subscription",
    "enforced license attributes": "enforced",
    "enforced (perpetual/subscription) license attributes": "enforced",
    "export license attributes": "export",
    "export (perpetual/subscription) license attributes": "export",
    "miscellaneous": "misc",
    # Spelt so by 17.3.2.
    "miscellaneus": "misc",
    "usage reporting": "usage_reporting",
    "registration": "registration",
    "license authorization": "authorization",
    "export authorization key": "features",
    "features authorized": "features",
    "license conversion": "conversion",
    "evaluation period": "evaluation",
}

CHAPTERS: Final = {
    "smart licensing status": "status",
    "smart licensing tech support info": "status",
    "license usage": "usage",
    "product information": "product",
    "agent version": "agent",
    "license authorizations": "other",
    "reservation info": "other",
    "usage report summary": "rum",
    "device telemetry report summary": "other",
    "product analytics report": "other",
    "product analytics report summary": "other",
    "device enforcement state": "other",
    "upcoming scheduled jobs": "jobs",
    "communication statistics": "other",
    "license certificates": "other",
    "ha info": "other",
    "other info": "other",
    "platform provided mapping table": "other",
    "trust code installed": "trust",
}
"""Titles that end whatever was before them, also what is read past."""

HEADINGS: Final = (
    _STATUS_HEADINGS
    | CHAPTERS
    | {
        "ha udi list": "members",
        "overall status": "other",
        "purchased licenses": "other",
        "derived licenses": "other",
        "specified license reservations": "other",
        "enforced licenses": "other",
        "application ha info": "application",
        "peer info": "peer",
    }
)

READ_PAST: Final = frozenset({"other", "jobs"})
"""Sections nobody has asked for yet; their lines are neither read nor counted as not understood."""

LABELS: Final[dict[tuple[str, str], str]] = {
    ("utility", "status"): "utility.status",
    ("slp", "status"): "slp.status",
    ("slp", "reporting mode"): "slp.reporting_mode",
    ("", "smart account"): "account.smart",
    ("", "virtual account"): "account.virtual",
    ("", "sending hostname"): "privacy.sending_hostname",
    ("", "callhome hostname privacy"): "privacy.callhome_hostname",
    ("", "smart licensing hostname privacy"): "privacy.smart_licensing_hostname",
    ("", "version privacy"): "privacy.version",
    ("transport", "type"): "transport.type",
    ("transport", "url"): "transport.url",
    ("transport", "registration url"): "transport.url",
    ("transport", "utility url"): "transport.utility_url",
    ("", "cslu address"): "transport.cslu_address",
    ("transport", "proxy"): "proxy.said",
    ("transport", "vrf"): "transport.vrf",
    ("proxy", "vrf"): "transport.vrf",
    ("proxy", "address"): "proxy.address",
    ("proxy", "port"): "proxy.port",
    # Read so that it is understood, kept nowhere.
    ("proxy", "username"): "proxy.username",
    ("proxy", "password"): "proxy.password",
    ("", "server identity check"): "transport.server_identity_check",
    ("", "ip mode"): "transport.ip_mode",
    ("", "trust point"): "transport.trust_point",
    ("", "policy in use"): "policy.in_use",
    ("", "policy name"): "policy.name",
    ("", "installed time"): "policy.installed",
    ("", "reporting ack required"): "policy.ack_required",
    ("", "custom id"): "misc.custom_id",
    ("", "last ack received"): "last_ack_received",
    ("", "next ack deadline"): "next_ack_deadline",
    ("", "reporting interval"): "reporting_interval",
    ("", "reporting push interval"): "reporting_interval",
    ("", "next ack push check"): "next_ack_push_check",
    ("", "next report push"): "next_report_push",
    ("", "last report push"): "last_report_push",
    ("", "last report file write"): "last_report_file_write",
    ("", "last report pull"): "last_report_pull",
    ("registration", "status"): "registration.status",
    ("", "export-controlled functionality"): "registration.export_controlled",
    ("", "initial registration"): "registration.initial",
    ("", "last renewal attempt"): "registration.last_renewal_attempt",
    ("", "next renewal attempt"): "registration.next_renewal_attempt",
    ("", "failure reason"): "registration.failure_reason",
    ("", "next registration attempt"): "registration.next_registration_attempt",
    ("", "registration expires"): "registration.expires",
    ("authorization", "status"): "authorization.status",
    ("", "last communication attempt"): "authorization.last_communication_attempt",
    ("", "next communication attempt"): "authorization.next_communication_attempt",
    ("", "communication deadline"): "authorization.communication_deadline",
    ("evaluation", "evaluation mode"): "evaluation.mode",
    ("", "evaluation period remaining"): "evaluation.remaining",
    ("conversion", "status"): "conversion.status",
    ("conversion", "automatic conversion enabled"): "conversion.automatic",
    ("conversion", "last data push"): "conversion.last_data_push",
    ("conversion", "last file export"): "conversion.last_file_export",
    ("product", "udi"): "udi",
    ("", "udi"): "udi",
    ("", "smart agent for licensing"): "agent_version",
    ("rum", "total"): "rum.total",
    ("rum", "total acknowledged received"): "rum.acknowledged",
    ("rum", "available to report"): "rum.available",
    ("rum", "maximum display"): "rum.maximum",
    ("rum", "report module status"): "rum.module_status",
}


class _Entitlement(NamedTuple):
    sections: frozenset[str]
    labels: dict[str, str]
    application: dict[str, str]
    policy: frozenset[str]

    def key(self, section: str, label: str) -> str | None:
        """The key of a label under an entitlement, its application or its peer."""
        if section == "entitlement":
            return self.labels.get(label)
        key = self.application.get(label)
        return key and f"{section}.{key}"


ENTITLEMENT: Final = _Entitlement(
    sections=frozenset({"entitlement", "application", "peer"}),
    labels={
        "license": "name",
        "entitlement tag": "tag",
        "description": "description",
        "count": "count",
        "version": "version",
        "status": "status",
        "status time": "status_time",
        "request time": "request_time",
        "export status": "export_status",
        "feature name": "feature_name",
        "feature description": "feature_description",
        "enforcement type": "enforcement_type",
        "license type": "license_type",
        "measurements": "measurements",
        "entitlement": "entitlement",
        "interval": "interval",
        "current value": "current_value",
        "current report": "current_report",
        "soft enforced": "soft_enforced",
        "reservation": "reservation",
        "reservation status": "reservation_status",
        "total reserved count": "reserved_count",
    },
    application={
        "application name": "name",
        "application id": "id",
        "application role": "role",
        "hostname": "host_name",
        "piid": "piid",
        "udi": "udi",
        "smart account name": "smart_account",
        "virtual account name": "virtual_account",
    },
    policy=frozenset(
        {
            "first report requirement (days)",
            "reporting frequency (days)",
            "report on change (days)",
        }
    ),
)
"""Labels of one licence of `show license usage`, and the attributes of the policy's classes."""
