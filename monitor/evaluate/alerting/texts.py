"""What an alert tells its reader, in Prometheus' template language, as far as metrics say it.

The headings are those of the pages the monitor writes itself. Prometheus knows no time zone but
UTC, so that of those on duty and that of the device are missing here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from monitor.evaluate.promql import cycle, held
from monitor.evaluate.promql.names import CYCLE, OWN
from monitor.evaluate.report import POLL, SYNC, TRUST
from monitor.evaluate.rule import Rule, Scope

_UNKNOWN: Final = "unknown"
_MOMENT: Final = r'humanizeTimestamp | reReplaceAll "([.][0-9]+)? [+]0000 UTC" " UTC"'
_SHOWN: Final = f"{{{{ . | first | value | {_MOMENT} }}}}"


def _with(query: str, shown: str, missing: str = "", of: str = "$device") -> str:
    """`shown` where the query about one subject answers, else `missing`."""
    otherwise = f"{{{{ else }}}}{missing}" if missing else ""
    return f"{{{{ with query (printf `{query}` {of}) }}}}{shown}{otherwise}{{{{ end }}}}"


def _kept(series: str) -> str:
    """A raw series, or its last hour's while no monitor reports."""
    return f"{series} or (last_over_time({series}[{held.MEMORY}]) unless on () {held.REPORTING})"


def _newest(series: str) -> str:
    """Two monitors side by side are one here."""
    return f'max by (device) ({series}{{device="%s"}})'


def _moment(heading: str, series: str, none: str) -> str:
    """`none`: a series that is 0 where the device says that there is no such moment."""
    missing = _with(f'max by (device) ({none}{{device="%s"}} == 0)', "none", _UNKNOWN)
    return f"\n{heading}: {_with(_newest(series), _SHOWN, missing)}"


_OF_DEVICE: Final = "{{ $device := $labels.device }}"
_OF_PAIR: Final = (
    '{{ $device := "" }}'
    '{{ range query (printf `cube_pair_role{pair="%s",role="active"} == 1` $labels.pair) }}'
    "{{ $device = .Labels.device }}{{ end }}"
    f'{{{{ range query (printf `topk(1, {OWN}{{severity="critical"}} and on (device)'
    ' cube_pair_role{pair="%s"})` $labels.pair) }}{{ $device = .Labels.device }}{{ end }}'
)
"""The member whose calls are at stake: the one that pages, else the active one."""

_LEFT: Final = _newest(cycle.LEFT)
_SOUND: Final = (
    f'({held.DEADLINE}{{device="%[1]s"}} - {cycle.PLANNED} >= {cycle.LIMITS_ON}'
    f" {cycle.limit('retry_room')}) {cycle.AND} {cycle.AHEAD}"
    f' unless on (device) {CYCLE}{{severity!="info"}}'
)
"""The next push is planned with room, and nothing of the cycle is wrong."""
_DEADLINE: Final = (
    _with(_newest(held.DEADLINE), f"{{{{ . | first | value | {_MOMENT} }}}}")
    + "{{ if not (query (printf `"
    + _newest(held.EXACT)
    + "` $device)) }} (at the earliest){{ end }}"
)
_SPAN: Final = "{{ $left | humanizeDuration | reReplaceAll `^-|[.][0-9]+|( [0-9]+[ms])+$` `` }}"
_SAYS_STOPPING: Final = _kept('cube_stopping{device="%[1]s"}')
_STOPPING: Final = f"({_SAYS_STOPPING}) == 1"
_VERDICT: Final = (
    f'{{{{ $state := "" }}}}{{{{ range query (printf `{_STOPPING}` $device) }}}}'
    "{{ $state = .Labels.state }}{{ end }}"
    f"{{{{ $due := query (printf `{_LEFT}` $device) }}}}"
    "{{ $left := 0.0 }}{{ range $due }}{{ $left = .Value }}{{ end }}"
    '{{ $word := "CALLS STOP" }}{{ if ne $state "stops" }}{{ $word = "CALLS MAY STOP" }}{{ end }}'
)
_CALLS: Final = (
    '{{ if and (eq $state "before_policy") (eq $labels.severity "critical")'
    ' (ne $labels.rule "sip_service_down") }}'
    "CALLS ARE BLOCKED by the registration or authorization state"
    '{{ else if or (eq $state "never") (eq $state "before_policy") }}'
    '{{ if eq $labels.rule "sip_service_down" }}SIP service is down, but not for the licence'
    "{{ else }}Calls do not stop{{ end }}"
    "{{ else if not $due }}Cannot tell whether calls stop"
    "{{ else if lt $left 0.0 }}"
    f"{{{{ $word }}}}: the acknowledgement deadline passed on {_DEADLINE}, {_SPAN} ago"
    f"{{{{ else if query (printf `{_SOUND}` $device) }}}}Calls do not stop"
    f"{{{{ else }}}}{{{{ $word }}}} on {_DEADLINE} unless a report is acknowledged before"
    f" ({_SPAN} left){{{{ end }}}}"
)
_RELEASE: Final = _with(
    _kept('cube_device_info{device="%[1]s"}'),
    '{{ or (first .).Labels.release "unknown" }}',
    _UNKNOWN,
)
_STATES: Final = (
    '{{ if eq $state "stops" }}stops calls at a missed deadline'
    '{{ else if eq $state "may_stop" }}may stop calls at a missed deadline'
    '{{ else if eq $state "before_policy" }}has no report deadline'
    '{{ else if eq $state "never" }}does not stop calls{{ end }}'
)
_PAIR: Final = (
    "{{ with $labels.pair }}\nPair: {{ . }}:"
    '{{ range query (printf `max by (device, role) (cube_pair_role{pair="%s"} == 1)` .) }}'
    " {{ .Labels.device }} ({{ .Labels.role }}),{{ end }}"
    + _with(
        'max by (pair) (cube_pair_ready{pair="%s"})',
        "{{ if eq (. | first | value) 1.0 }} can take over{{ else }} cannot take over{{ end }}",
        " readiness unknown",
        of=".",
    )
    + "{{ end }}"
)
_CALLS_NOW: Final = (
    "\nCalls now:"
    '{{ with query (printf `max by (tag) (cube_sessions{device="%s"}'
    " and (time() - cube_sessions_timestamp_seconds < 3600))` $device) }}"
    "{{ range . }} {{ .Value }} sessions of {{ .Labels.tag }}{{ end }}"
    "{{ else }} unknown{{ end }}"
)
_SIP: Final = _with(
    _newest("cube_sip_service_up"),
    "\nSIP service: {{ if eq (. | first | value) 1.0 }}up{{ else }}down{{ end }}",
)
_TRANSPORT: Final = "\nTransport: " + _with(
    _kept('cube_device_info{device="%[1]s",transport!=""}'),
    "{{ (first .).Labels.transport }}",
    _UNKNOWN,
)
_FAILED: Final = _with(
    'max by (peer) (cube_communication_failed_timestamp_seconds{device="%s"})',
    f"\nLast communication error: since {{{{ . | first | value | {_MOMENT} }}}}"
    "{{ with (first .).Labels.peer }}, peer {{ . }}{{ end }}",
)
_SAID: Final = f'max by (source, kind) ({held.DEADLINES}{{device="%s"}})'
_HEARD: Final = 'time() - max by (source) (cube_last_seen_timestamp_seconds{device="%s"})'
_EVIDENCE: Final = (
    f"\nEvidence:{{{{ range query (printf `{_SAID}` $device) }}}}"
    " deadline {{ .Labels.kind }} by {{ .Labels.source }};{{ end }}"
    f"{{{{ range query (printf `{_HEARD}` $device) }}}}"
    " {{ .Labels.source }} {{ .Value | humanizeDuration }} ago;{{ end }}"
)
_OF_ONE: Final = (
    f"\nDevice: {{{{ $device }}}}, release {_RELEASE}, {_STATES}"
    f"{_PAIR}{_CALLS_NOW}{_SIP}"
    f"{_moment('ACK deadline', held.DEADLINE, held.DUE)}"
    f"{_moment('Last ACK', held.LAST_ACK, held.RECEIVED)}"
    f"{_moment('Last push', held.LAST_REPORT, held.SENT)}"
    f"{_moment('Next push', held.NEXT_PUSH, held.PLANS)}"
    f"{_TRANSPORT}{_FAILED}{_EVIDENCE}"
)
_OF_ACCOUNT: Final = (
    '\nLicences: {{ with query (printf `max by (tag) (cube_account_in_use{account="%s",tag="%s"})`'
    " $labels.account $labels.step) }}{{ . | first | value }} in use{{ end }}"
    '{{ with query (printf `max by (tag) (cube_account_balance{account="%s",tag="%s"})`'
    " $labels.account $labels.step) }}, balance {{ . | first | value }}{{ end }}"
)


def _of_cause(members: str) -> str:
    """Whom a shared cause concerns, and by when it matters."""
    return (
        f"\nDevices: {{{{ range query (printf `max by (device) ({members})` $labels.subject) }}}}"
        "{{ .Labels.device }} {{ end }}"
    ) + _with(
        f"min({held.DEADLINE} and on (device) {members})",
        f"\nEarliest ACK deadline: {_SHOWN}",
        of="$labels.subject",
    )


_PROLOGUE: Final[Mapping[Scope, str]] = MappingProxyType(
    {Scope.DEVICE: _OF_DEVICE + _VERDICT, Scope.PAIR: _OF_PAIR + _VERDICT}
)
_HEAD: Final[Mapping[Scope, str]] = MappingProxyType(
    {
        Scope.DEVICE: _CALLS,
        Scope.PAIR: f"{{{{ $device }}}}: {_CALLS}",
        Scope.ACCOUNT: "Calls do not stop for this",
        Scope.SHARED: "Calls do not stop for this alone",
    }
)
_REST: Final[Mapping[Scope, str]] = MappingProxyType(
    {
        Scope.DEVICE: _OF_ONE,
        Scope.PAIR: _OF_ONE,
        Scope.ACCOUNT: _OF_ACCOUNT,
    }
)
_UNTRUSTED: Final = f'query (printf `{held.TRUST}{{device="%s"}} == 0` $labels.device)'
_REPORT: Final = (
    f'{{{{ if eq $labels.step "unknown" }}}}{POLL}'
    f"{{{{ else if {_UNTRUSTED} }}}}{TRUST}{{{{ else }}}}{SYNC}{{{{ end }}}}"
)


def texts(rule: Rule[Any]) -> Mapping[str, str]:
    """Annotations: whether calls stop, what is known of the subject, and what to type."""
    prologue = _PROLOGUE.get(rule.scope, "")
    rest = _of_cause(rule.members) if rule.members else _REST[rule.scope]
    about = f"{rule.summary} ({rule.name}, step {{{{ $labels.step }}}})."
    return {
        "calls": f"{prologue}{_HEAD[rule.scope]}",
        "description": f"{prologue}Finding: {about}{rest}",
        "next": rule.next or _REPORT,
    }
