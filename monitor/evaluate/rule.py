"""What a rule is: a name, what it sees, what it looks for, and a pure `find`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from monitor.domain.findings import Finding, Severity

SeenT = TypeVar("SeenT")


class Scope(StrEnum):
    """What a rule sees, and what its findings are about."""

    DEVICE = "device"
    ACCOUNT = "account"
    PAIR = "pair"
    """The subject is the pair's name."""
    SHARED = "shared"
    """One cause outside the devices; the subject is the peer's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When a step of a rule is reached and how bad it is, as PromQL says it.

    `expr` yields one series for each subject, over the series that `promql/held.py` names.
    """

    expr: str
    severity: Severity
    step: str = ""
    """Empty: that of `limit`, or a label `step` of the expression."""
    limit: str = ""
    """The time left must be within this limit of the device, too."""
    subject: str = "device"
    """The label that names the subject."""
    frozen: bool = False
    """It stays as it was while no monitor reports: `expr` reads raw metrics, gone by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[SeenT]):
    """One rule; the file it lives in carries its name."""

    name: str
    scope: Scope
    summary: str
    runbook: str
    """Name of its page in docs/runbooks/, without the ending."""
    steps: tuple[str, ...]
    """Its rungs with the default numbers, from mild to severe; empty where a step is a tag."""
    find: Callable[[SeenT], Iterator[Finding]]
    promql: tuple[Condition, ...] = ()
    """The same for Prometheus, over raw metrics; from mild to severe."""
    raise_limit: str = ""
    """The limit for how long the condition must last; empty: it is open at once."""
    hold_limit: str = ""
    """The limit for how long it must be gone; empty: it is resolved at once."""
    members: str = ""
    """Of a shared cause: the series of its devices, `%s` the subject."""
    concerns: str = ""
    """Of a shared cause: the series of the devices it speaks of, in PromQL."""
    next: str = ""
    """What to type, for alerts of Prometheus; empty: get a report acknowledged."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder and how bad it is."""

    step: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Words:
    """What a finding tells its reader."""

    why: str
    next: str
