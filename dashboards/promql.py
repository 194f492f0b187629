"""Pieces of PromQL that several dashboards ask."""

from typing import Final

from monitor.evaluate.catalogue import ACCOUNT_RULES, PAIR_RULES, SHARED_RULES

_VIEWS: Final = (
    ("device", ".+"),
    ("pair", "|".join(rule.name for rule in PAIR_RULES)),
    ("account", "|".join(rule.name for rule in ACCOUNT_RULES)),
    # Shared causes; and what has no rule is about the monitor itself.
    ("collection", "|".join(("", *(rule.name for rule in SHARED_RULES)))),
)
"""Dashboard -> the rules whose subject is looked at there; the last that fits holds."""

ROLES: Final = ("active", "standby", "other", "unknown")
SHARED: Final = "|".join(rule.name for rule in SHARED_RULES)
"""The rules whose subject is a server, a login or a relay, as a regular expression."""


def held(selector: str) -> str:
    """A metric, once for all monitors that show it."""
    return f"max without (instance, job) ({selector})"


def best(selector: str) -> str:
    """A metric of a device, whatever its source and however well it is known."""
    return f"max without (instance, job, source, kind) ({selector})"


def or_zero(vector: str) -> str:
    """0 where there is nothing, but only while a monitor says so: nobody's silence is a 0."""
    return f"{vector} or 0 * max(cube_monitor_snapshot_timestamp_seconds)"


def number(vector: str) -> str:
    """How many series there are; 0 on an empty fleet."""
    return or_zero(f"count({vector})")


DEADLINE: Final = best("cube_ack_deadline_timestamp_seconds")
OPEN_FINDINGS: Final = held("cube_finding") + " == 1"


def ranked(subject: str = "") -> str:
    """Open findings with the rank of their severity as value: 1 info, 2 warning, 3 critical."""
    return " or ".join(
        f'({held(f"""cube_finding{{severity="{severity}"{subject}}}""")} == 1) * {rank}'
        for severity, rank in (("critical", 3), ("warning", 2), ("info", 1))
    )


def findings(severity: str) -> str:
    """Open findings of a severity."""
    selector = f'cube_finding{{severity="{severity}"}}'
    return f"{held(selector)} == 1"


def viewed(vector: str) -> str:
    """Findings or alerts with a label `view`: the dashboard on which their subject is shown."""
    for view, rules in _VIEWS:
        vector = f'label_replace({vector}, "view", "{view}", "rule", "{rules}")'
    return vector


def roles(of: str) -> str:
    """Roles in pairs as numbers: the places in `ROLES`, from 1."""
    return " or ".join(
        f'max without (instance, job, role) (cube_pair_role{{{of},role="{role}"}} == 1) * {place}'
        for place, role in enumerate(ROLES, start=1)
    )
