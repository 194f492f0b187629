"""One change at a time to the rules for Prometheus: a comparison, a severity, a duration."""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from monitor.play.judges import rule_paths
from tests.rules.mutation.trial import ROOT

RULES: Final = ROOT / "rules"
_OPERATOR: Final = re.compile(r" (>=|<=|==|!=|>|<)( bool)? ")
_OTHERS: Final[Mapping[str, tuple[str, ...]]] = {
    ">=": (">", "<"),
    ">": (">=", "<"),
    "<=": ("<", ">"),
    "<": ("<=", ">"),
    "==": ("!=",),
    "!=": ("==",),
}
_SEVERITIES: Final = {"critical": "warning", "warning": "critical"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PromqlMutant:
    """One rule changed in one file."""

    file: str
    entry: int
    key: str
    value: Any
    before: Any
    """What stood there instead of `value`."""
    name: str
    topic: str
    """The rule of the monitor it belongs to; empty where it is for all."""
    shown: str
    """What is recorded or alerted, and of which step."""


def mutants() -> Iterator[PromqlMutant]:
    """Every comparison and severity of what is recorded, every `for` and `keep_firing_for`."""
    for path in rule_paths(RULES):
        if path.name == "monitor.rules.yml":
            continue  # About the monitor itself: tested by itself.
        for number, entry in enumerate(_entries(path)):
            for key, value, what in _changes(entry):
                topic = _topic(entry)
                shown = entry.get("alert") or f"{entry['record']} {_step(entry)}".strip()
                yield PromqlMutant(
                    file=path.name,
                    entry=number,
                    key=key,
                    value=value,
                    before=entry[key],
                    name=f"{path.name} {shown}: {what}",
                    topic=topic,
                    shown=shown,
                )


@cache
def _document(path: Path) -> dict[str, Any]:
    """As it was when the run began: files may be written anew meanwhile."""
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def _entries(path: Path) -> list[dict[str, Any]]:
    return list(_document(path)["groups"][0]["rules"])


def _step(entry: Mapping[str, Any]) -> str:
    labels = entry.get("labels", {})
    return "/".join(labels[name] for name in ("rule", "severity", "step") if name in labels)


def _topic(entry: Mapping[str, Any]) -> str:
    if "alert" in entry:
        return str(re.findall(r"rule=\"(\w+)\"", entry["expr"])[0])
    return str(entry.get("labels", {}).get("rule", ""))


def _changes(entry: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    if "alert" in entry:
        yield "for", "90s" if entry["for"] == "0s" else "0s", "for"
        if "keep_firing_for" in entry:
            yield "keep_firing_for", "0s", "keep_firing_for"
        return
    labels = entry.get("labels", {})
    if labels.get("severity") == "info":
        return  # Nobody is told of it.
    if "severity" in labels:
        other = {**labels, "severity": _SEVERITIES[labels["severity"]]}
        yield "labels", other, f"{other['severity']} for {labels['severity']}"
    yield from _operators(entry["expr"])


def _operators(expr: str) -> Iterator[tuple[str, str, str]]:
    for turn, found in enumerate(_OPERATOR.finditer(expr), 1):
        for other in _OTHERS[found[1]]:
            text = f"{expr[: found.start(1)]}{other}{expr[found.end(1) :]}"
            yield "expr", text, f"comparison {turn}, {other} for {found[1]}"


def written(mutant: PromqlMutant, directory: Path) -> Sequence[Path]:
    """The rule files with this one change, in a directory."""
    paths = []
    for path in rule_paths(RULES):
        document = copy.deepcopy(_document(path))
        if path.name == mutant.file:
            document["groups"][0]["rules"][mutant.entry][mutant.key] = mutant.value
        (directory / path.name).write_text(yaml.safe_dump(document), encoding="utf-8")
        paths.append(directory / path.name)
    return paths
