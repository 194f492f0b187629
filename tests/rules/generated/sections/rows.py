"""Rows of the table, and what a person is told of them."""

from typing import Final, NamedTuple

INFO, WARNING, CRITICAL = "info", "warning", "critical"
PAIR: Final = "edge"
ACCOUNT: Final = "Voice Edge"
TAG: Final = "CUBE_T_STD"


class Told(NamedTuple):
    """What a person is told: one finding that speaks."""

    subject: str
    severity: str
    rule: str
    step: str


class Row(NamedTuple):
    """One true row of the table."""

    severity: str
    rule: str
    step: str
