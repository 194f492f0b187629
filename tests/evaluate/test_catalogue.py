"""The catalogue names every rule once, as its file is called."""

from monitor.evaluate.catalogue import (
    ACCOUNT_RULES,
    DEVICE_RULES,
    PAIR_RULES,
    SHARED_RULES,
    SUMMARIES,
)


def test_every_rule_is_named_for_its_file_and_summed_up() -> None:
    names = [
        *(rule.name for rule in DEVICE_RULES),
        *(rule.name for rule in ACCOUNT_RULES),
        *(rule.name for rule in SHARED_RULES),
        *(rule.name for rule in PAIR_RULES),
    ]
    assert sorted(names) == sorted(SUMMARIES)
    assert len(set(names)) == len(names)
    for rule in DEVICE_RULES:
        assert rule.find.__module__ == f"monitor.evaluate.{rule.name}"
        # Where a rule speaks of tags, its steps are their names.
        assert rule.steps or rule.name == "usage_drift"
        assert rule.runbook == rule.name.replace("_", "-")
