"""What promtool does not check of rules: that metrics and labels exist, and what an alert needs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Known = Mapping[str, frozenset[str]]
"""Metric -> its labels, without `instance` and `job`."""

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_RANGE: Final = re.compile(r"\[[^\]]*\]")
_GROUPING: Final = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_SELECTOR: Final = re.compile(r"\{([^}]*)\}")
_WITH_LABELS: Final = re.compile(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}")
_WORD: Final = re.compile(r"(?<![\w:.])([a-zA-Z_:][\w:]*)(?!\s*\()(?![\w:])")
_MATCHER: Final = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_KEYWORDS: Final = frozenset(
    {"and", "or", "unless", "bool", "by", "without", "on", "ignoring", "group_left", "group_right"}
)
_EVERYWHERE: Final = frozenset({"instance", "job"})
_OF_PROMETHEUS: Final[Known] = {
    "up": frozenset(),
    "ALERTS": frozenset({"alertname", "alertstate", "severity"}),
}
_OF_FINDINGS: Final = frozenset({"rule", "step", "subject", "severity", "device", "pair", "peer"})
_NEEDED: Final = ("expr", "for", "annotations")
_TEXTS: Final = ("summary", "runbook_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What an expression names."""

    metrics: frozenset[str]
    matched: frozenset[tuple[str, str]]
    """(metric, label) of its selectors."""
    grouped: frozenset[str]
    """Labels of `by`, `on` and the like."""


def names(expr: str) -> Names:
    """The metrics and labels a PromQL expression names."""
    bare = _RANGE.sub("", _STRING.sub('""', expr))
    grouped = {label.strip() for inside in _GROUPING.findall(bare) for label in inside.split(",")}
    without = _GROUPING.sub(" ", bare)
    return Names(
        metrics=frozenset(_WORD.findall(_SELECTOR.sub("", without))) - _KEYWORDS,
        matched=frozenset(
            (metric, label)
            for metric, inside in _WITH_LABELS.findall(bare)
            for label in _MATCHER.findall(inside)
        ),
        grouped=frozenset(grouped - {""}),
    )


def problems(files: Mapping[str, Mapping[str, Any]], known: Known) -> Iterator[str]:
    """One line for each: in which file and rule, and what is wrong. `known`: the exposition."""
    rules = [
        (f"{file}: {rule.get('alert') or rule['record']}", rule)
        for file, content in files.items()
        for group in content["groups"]
        for rule in group["rules"]
    ]
    recorded = frozenset(rule["record"] for _, rule in rules if "record" in rule)
    for where, rule in rules:
        yield from (f"{where}: {what}" for what in _names_wrong(rule["expr"], known, recorded))
        yield from (f"{where}: {what}" for what in _wrong(rule))
    yield from _twice([rule["alert"] for _, rule in rules if "alert" in rule])


def _names_wrong(expr: str, known: Known, recorded: frozenset[str]) -> Iterator[str]:
    used = names(expr)
    exposed = {**known, **_OF_PROMETHEUS}
    for metric in sorted(used.metrics - recorded - exposed.keys()):
        yield f"nobody exposes or records {metric}"
    for metric, label in sorted(used.matched):
        allowed = exposed.get(metric)
        if allowed is not None and label not in allowed | _EVERYWHERE:
            yield f"{metric} has no label {label}"
    labels = _EVERYWHERE | _OF_FINDINGS | frozenset().union(*exposed.values())
    for label in sorted(used.grouped - labels):
        yield f"no metric has a label {label}"


def _wrong(rule: Mapping[str, Any]) -> Iterator[str]:
    if "alert" not in rule:
        if rule["record"].startswith("cube:") and not _is_aggregated(rule["expr"]):
            yield "keeps `instance` and `job`, so that two monitors would page twice"
        return
    yield from (f"has no `{need}`" for need in _NEEDED if need not in rule)
    texts = rule.get("annotations", {})
    yield from (f"has no annotation `{need}`" for need in _TEXTS if not texts.get(need))
    if "severity" not in rule.get("labels", {}) and "severity" not in rule["expr"]:
        yield "has no severity"


def _is_aggregated(expr: str) -> bool:
    """Without `instance` and `job`, or made of series that are."""
    metrics = names(expr).metrics
    return "without (instance, job)" in expr or all(one.startswith("cube:") for one in metrics)


def _twice(alerts: Sequence[str]) -> Iterator[str]:
    yield from (
        f"two alerts are named {name}" for name in sorted({*alerts}) if alerts.count(name) > 1
    )
