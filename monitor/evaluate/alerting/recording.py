"""The recording rules: raw metrics held, conditions by rule and step, findings that speak."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from monitor.evaluate import (
    ack_overdue,
    credential_refused,
    cssm_unreachable,
    relay_silent,
    sip_service_down,
    stale_data,
)
from monitor.evaluate.alerting.placing import PLACING
from monitor.evaluate.catalogue import (
    ACCOUNT_RULES,
    CYCLE_RULES,
    DEVICE_RULES,
    PAIR_RULES,
    SHARED_RULES,
)
from monitor.evaluate.communication_failed import NAME as COMMUNICATION
from monitor.evaluate.limits import Limits
from monitor.evaluate.pair_page import NAME as PAIR_PAGE_RULE
from monitor.evaluate.promql import balance, cycle, held
from monitor.evaluate.promql.names import (
    ACTIVE,
    CYCLE,
    OWN,
    PAIR_PAGE,
    SPEAKING,
    TICKET,
)
from monitor.evaluate.rule import Condition, Rule
from monitor.evaluate.takeover_at_risk import NAME as TAKEOVER
from monitor.evaluate.thresholds import step_of

Entry = Mapping[str, Any]
"""One rule as Prometheus reads it."""

ANY_RULE: Final[Sequence[Rule[Any]]] = (
    *DEVICE_RULES,
    *SHARED_RULES,
    *PAIR_RULES,
    *ACCOUNT_RULES,
)
"""In the order in which they are recorded: those of pairs read those of devices."""
_CYCLE: Final = "|".join(rule.name for rule in CYCLE_RULES)
_INSTANCES: Final = "without (instance, job)"
_WORSE: Final = 1_000
_LAST_DAY: Final = 500
_SOONER: Final = 10
_SIP_FIRST: Final = 1_000_000
_LAST_NEXT: Final = 100_000
_BY_MEMBER: Final = 10_000


def recording(limits: Limits) -> Iterator[Entry]:
    """All of them, in the order in which they must be evaluated."""
    for one in held.HELD:
        yield {"record": one.record, "expr": one.expr}
    for name, expr in (*cycle.SHARED, *balance.SHARED):
        yield {"record": name, "expr": expr}
    for rule in ANY_RULE:
        yield from _conditions(rule, limits)
    yield from _findings(limits)


def _conditions(rule: Rule[Any], limits: Limits) -> Iterator[Entry]:
    """One entry for each severity and step; steps that a limit names share one."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for number, one in enumerate(rule.promql):
        place = _place(rule, one, number, limits)
        expr = f"max {_INSTANCES} ({_about(one)}) * 0 + {place}"
        grouped.setdefault((one.severity.word, one.step), []).append(expr)
    for (severity, step), exprs in grouped.items():
        labels = {"rule": rule.name, "severity": severity}
        itself = f'{ACTIVE}{{rule="{rule.name}",severity="{severity}",step="{step}"}}'
        expr = " or ".join(exprs)
        freezes = any(one.frozen for one in rule.promql)
        yield {
            "record": ACTIVE,
            "expr": held.frozen(itself, expr) if freezes else expr,
            "labels": {**labels, "step": step} if step else labels,
        }


def _about(one: Condition) -> str:
    """The expression with the subject's name under `subject`."""
    expr = one.expr
    if one.limit:
        rung = f'{held.THRESHOLD}{{limit="{one.limit}"}}'
        within = f"{cycle.LEFT} <= on (device, instance, job) group_left (step) {rung}"
        expr = f"({within}) {cycle.AND} ({expr})"
    return f'label_replace({expr}, "subject", "$1", "{one.subject}", "(.*)")'


def _place(rule: Rule[Any], one: Condition, number: int, limits: Limits) -> int:
    """Higher speaks first: the worse, then the step of the last day, then the order of rules."""
    last = step_of(limits, "backstop_always")
    names_last_day = bool(one.limit) and step_of(limits, one.limit) == last
    order = len(ANY_RULE) - [other.name for other in ANY_RULE].index(rule.name)
    return int(one.severity) * _WORSE + names_last_day * _LAST_DAY + order * _SOONER + number


def _findings(limits: Limits) -> Iterator[Entry]:
    yield {"record": CYCLE, "expr": _cycle()}
    others = f'{ACTIVE}{{device!="",rule!~"{_CYCLE}"}} unless ({_refusing()} or {_relayed()})'
    yield {"record": OWN, "expr": f"{CYCLE} or ({others})"}
    yield {"record": PAIR_PAGE, "expr": _pair_page(limits), "labels": {"rule": PAIR_PAGE_RULE}}
    yield {"record": TICKET, "expr": _tickets()}
    yield {"record": SPEAKING, "expr": _speaking()}
    for name, expr in PLACING:
        yield {"record": name, "expr": expr}


def _cycle() -> str:
    shared = (
        f'label_replace({ACTIVE}{{rule="{cssm_unreachable.NAME}"}},'
        ' "peer", "$1", "subject", "(.*)")'
    )
    alone = f'{ACTIVE}{{rule="{COMMUNICATION}",severity!="critical"}} unless on (peer) {shared}'
    pages = f'{ACTIVE}{{rule="{COMMUNICATION}",severity="critical"}}'
    others = f'{ACTIVE}{{rule=~"{_CYCLE}",rule!="{COMMUNICATION}"}}'
    down = f'{ACTIVE}{{rule="{sip_service_down.NAME}"}}'
    return f"topk by (subject) (1, ({others} or {pages} or ({alone})) unless on (subject) {down})"


def _refusing() -> str:
    """What is not polled for want of a login, where the credential speaks for its devices."""
    return _spoken_for(stale_data.POLL, credential_refused.NAME, held.REFUSED, "manner, credential")


def _relayed() -> str:
    """What is not told for want of a relay, where the relay speaks for its devices."""
    return _spoken_for(stale_data.SYSLOG, relay_silent.NAME, held.RELAY, "relay")


def _spoken_for(step: str, rule: str, series: str, shared_by: str) -> str:
    cause = f'{ACTIVE}{{rule="{rule}"}}'
    shared = f"max {_INSTANCES} ({series}) and on ({shared_by}) {cause}"
    return f'{ACTIVE}{{rule="{stale_data.NAME}",step="{step}"}} and on (device) ({shared})'


_MEMBER: Final = f"(min {_INSTANCES} ({held.PROVEN}))"
_STANDBY: Final = f"({_MEMBER} == 1)"
_STOPPING: Final = f"(max {_INSTANCES} ({held.STOPPING}) == 1)"


def _pair_page(limits: Limits) -> str:
    """SIP service down goes first, then the last day, then the members by name."""
    down = f'{OWN}{{rule="{sip_service_down.NAME}"}} + {_SIP_FIRST}'
    last = (
        f'{OWN}{{severity="critical",step="{step_of(limits, "backstop_always")}"}} + {_LAST_NEXT}'
    )
    first = f'({down}) or ({last}) or {OWN}{{severity="critical"}}'
    number = f"max {_INSTANCES} ({held.MEMBER}) * {_BY_MEMBER}"
    members = f"({number} and on (pair, device) ({_MEMBER} == 0))"
    pages = f"({first}) - on (device) group_left (pair) {members}"
    step = f'label_join(topk by (pair) (1, {pages}), "step", ":", "rule", "step")'
    named = f'label_replace({step}, "subject", "$1", "pair", "(.*)")'
    return f"max by (pair, subject, step, severity) ({named})"


def _tickets() -> str:
    """Warnings, and what is for information only."""
    own = f'{OWN}{{severity!="critical"}} unless on (device) {_STANDBY}'
    # A proven standby wakes nobody, and reports nothing: neither lateness nor silence counts.
    latent = (
        f'{OWN}{{severity="warning",rule!~"{_CYCLE}",step!="syslog"}} and on (device) {_STANDBY}'
    )
    behind = f'{_STANDBY} and on (pair) {ACTIVE}{{rule="{TAKEOVER}"}}'
    softened = (
        f'label_replace({OWN}{{severity="critical"}} and on (device) {_STANDBY}'
        f' unless on (device) ({behind}), "severity", "warning", "", "")'
    )
    others = f'{ACTIVE}{{device="",severity!="critical"}}'
    return f"({own}) or ({latent}) or ({softened}) or ({others})"


def _speaking() -> str:
    unsettled = f'{ACTIVE}{{device="",severity="critical"}} unless on (subject) {PAIR_PAGE}'
    pages = f'({OWN}{{severity="critical"}} unless on (device) {_MEMBER}) or {PAIR_PAGE}'
    kept = (
        f'({TICKET}{{rule="{ack_overdue.NAME}"}} and on (device) {_STOPPING})'
        f' or ({TICKET}{{rule="{TAKEOVER}"}} and on (pair) ({_MEMBER} and on (device) {_STOPPING}))'
    )
    quiet = f"max {_INSTANCES} ({held.MAINTENANCE}) == 1"
    others = " or ".join((_quiet_pairs(), *map(_quiet_causes, SHARED_RULES)))
    tickets = f"({TICKET} unless on (subject) ({quiet} or {others}))"
    return f"{pages} or ({unsettled}) or {tickets} or {kept}"


def _quiet_pairs() -> str:
    """Pairs of which every member is in maintenance."""
    return _all_quiet(f"(max {_INSTANCES} ({held.MEMBER}))", "pair")


def _quiet_causes(rule: Rule[Any]) -> str:
    """Shared causes of which every device is in maintenance."""
    return _all_quiet(f"(max {_INSTANCES} ({rule.concerns}))", rule.promql[0].subject)


def _all_quiet(devices: str, label: str) -> str:
    """Subjects by `label` of which each of these devices is in maintenance."""
    every = f'label_replace({devices}, "subject", "$1", "{label}", "(.*)")'
    device = f'label_replace({held.MAINTENANCE}, "device", "$1", "subject", "(.*)")'
    covered = f"{every} and on (device) ({device} == 1)"
    return f"count by (subject) ({covered}) == count by (subject) ({every})"
