"""Pieces of PromQL that several dashboards ask."""

from typing import Final


def held(selector: str) -> str:
    """A metric, once for all monitors that show it."""
    return f"max without (instance, job) ({selector})"


def best(selector: str) -> str:
    """A metric of a device, whatever its source and however well it is known."""
    return f"max without (instance, job, source, kind) ({selector})"


def number(vector: str) -> str:
    """How many series there are; 0 on an empty fleet."""
    return f"count({vector}) or vector(0)"


DEADLINE: Final = best("cube_ack_deadline_timestamp_seconds")
OPEN_FINDINGS: Final = held("cube_finding") + " == 1"


def findings(severity: str) -> str:
    """Open findings of a severity."""
    selector = f'cube_finding{{severity="{severity}"}}'
    return f"{held(selector)} == 1"
