"""The page on judging names every rule, step and number; every rule has its runbook."""

from dataclasses import fields
from pathlib import Path

from monitor.evaluate import Limits
from monitor.evaluate.catalogue import ACCOUNT_RULES, DEVICE_RULES, PAIR_RULES, SHARED_RULES

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "judgement.md").read_text()


def test_every_rule_and_step_is_explained() -> None:
    rules = [
        *((rule.name, rule.runbook, rule.steps) for rule in DEVICE_RULES),
        *((rule.name, rule.runbook, rule.steps) for rule in ACCOUNT_RULES),
        *((rule.name, rule.runbook, rule.steps) for rule in SHARED_RULES),
        *((rule.name, rule.runbook, rule.steps) for rule in PAIR_RULES),
    ]
    for name, runbook, steps in rules:
        rows = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` / ")]
        assert rows, name
        assert (DOCS / "runbooks" / f"{runbook}.md").exists()
        assert all(any(f"`{step}`" in row for row in rows) for step in steps), name


def test_every_number_is_listed_with_its_default() -> None:
    for field in fields(Limits):
        assert f"| `{field.name}` | {field.default:g} |" in PAGE
