"""Pieces of PromQL that several dashboards ask."""

from typing import Final


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
