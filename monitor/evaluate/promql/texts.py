"""What an alert tells its reader, in Prometheus' template language, as far as metrics say it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from monitor.evaluate.promql import held
from monitor.evaluate.rule import Rule, Scope


def _asked(query: str, label: str, shown: str) -> str:
    """`shown` where the query about one subject answers; nothing where it does not."""
    asked = f"query (printf `{query}` $labels.{label})"
    return f"{{{{ with {asked} }}}}{shown}{{{{ end }}}}"


def _moment(series: str, words: str) -> str:
    query = f'max by (device) ({series}{{device="%s"}})'
    return _asked(query, "device", f" {words} {{{{ . | first | value | humanizeTimestamp }}}}.")


_RELEASE: Final = _asked(
    'cube_device_info{device="%s"}',
    "device",
    ' Release {{ (first .).Labels.release | or "unknown" }}.',
)
_STATE: Final = _asked(
    'cube_stopping{device="%s"} == 1',
    "device",
    " At a missed deadline: {{ (first .).Labels.state }} (`stops` and `may_stop`: SIP calls stop).",
)
_ROLE: Final = _asked(
    'cube_pair_role{device="%s"} == 1',
    "device",
    " Role {{ (first .).Labels.role }} of pair {{ (first .).Labels.pair }}.",
)
_DEVICE: Final = (
    f"{_RELEASE}{_STATE}{_ROLE}"
    f"{_moment(held.DEADLINE, 'ACK deadline')}"
    f"{_moment(held.LAST_ACK, 'Last ACK')}"
    f"{_moment(held.LAST_REPORT, 'Last report')}"
    f"{_moment(held.NEXT_PUSH, 'Next push')}"
)
_PAIR: Final = (
    '{{ range query (printf `cube_pair_role{pair="%s"} == 1` $labels.pair) }}'
    " {{ .Labels.device }} is {{ .Labels.role }}.{{ end }}"
)
_ACCOUNT: Final = (
    '{{ with query (printf `max by (tag) (cube_account_in_use{account="%s",tag="%s"})`'
    " $labels.account $labels.step) }} {{ . | first | value }} in use;{{ end }}"
    '{{ with query (printf `max by (tag) (cube_account_balance{account="%s",tag="%s"})`'
    " $labels.account $labels.step) }} balance {{ . | first | value }}."
    " Calls do not stop for this.{{ end }}"
)
_SHARED: Final = (
    "{{ with query (printf `count(count by (device)"
    ' (cube_communication_failed_timestamp_seconds{peer="%s"}))` $labels.subject) }}'
    " {{ . | first | value }} devices.{{ end }}"
)
_BY_SCOPE: Final[Mapping[Scope, str]] = MappingProxyType(
    {
        Scope.DEVICE: _DEVICE,
        Scope.PAIR: _PAIR,
        Scope.ACCOUNT: _ACCOUNT,
        Scope.SHARED: _SHARED,
    }
)


def description(rule: Rule[Any]) -> str:
    """The rule and its step, then what is known of the subject."""
    return f"{rule.summary} ({rule.name}, step {{{{ $labels.step }}}}).{_BY_SCOPE[rule.scope]}"
