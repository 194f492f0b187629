"""Release x pair x policy x transport x sources x fault, chosen the same every time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from tests.rules.generated.book import Setting, settings
from tests.rules.generated.faults import (
    accounts,
    clocks,
    cycle,
    pairs,
    policy,
    router,
    servers,
    silence,
    sources,
)
from tests.rules.generated.story import Story

Plot = Callable[[Setting], Story]
"""A fault: one function in `faults/` and one line below; its name draws the settings."""

PLOTS: Final[tuple[Plot, ...]] = (
    cycle.all_at_once,
    cycle.planned_at_the_deadline,
    cycle.room_at_the_edge,
    cycle.push_fails_early,
    cycle.sent_a_day_before_the_rung,
    clocks.clock_at_the_edge,
    silence.silent_at_the_edge,
    silence.source_dies,
    silence.one_source_dies,
    sources.disagreement_at_the_edge,
    policy.pull_forgotten,
    cycle.healthy_tight,
    cycle.healthy_with_room,
    cycle.push_fails_once,
    cycle.push_fails_tight,
    cycle.push_planned_late,
    cycle.push_planned_late_and_left,
    cycle.never_acknowledged,
    cycle.sent_not_acknowledged,
    cycle.acknowledged_late,
    servers.cssm_unreachable_alone,
    servers.harmless_failures,
    servers.fails_in_the_second_of_the_ack,
    servers.cssm_unreachable_for_many,
    silence.collection_dies,
    silence.collection_dies_early,
    sources.forged_line,
    sources.replayed_line,
    clocks.clock_ahead,
    clocks.clock_behind,
    router.upgrade,
    router.sip_down_by_operator,
    router.sip_down_by_deadline,
    pairs.takeover,
    pairs.latent_standby,
    pairs.peer_not_hot,
    servers.days_and_a_failure,
    pairs.asked_by_the_standby,
    pairs.told_by_the_peer,
    pairs.both_active,
    policy.usage_change,
    router.replaced,
    policy.carried,
    policy.not_required,
    sources.days_only,
    sources.days_by_snmp,
    sources.streamed_only,
    sources.acknowledged_by_trap,
    router.maintained,
    router.restarted,
    accounts.short_of_licences,
    accounts.out_of_compliance,
    router.before_policy,
    sources.sources_disagree,
)


def _standing(story: Story) -> str:
    processors = any("peer_state" in one.facts for one in story.said)
    return "pair" if story.pair else "in-box" if processors else "alone"


def stories() -> Iterator[Story]:
    """All of them, each with its name: fault, release, pair, policy, transport, sources."""
    for plot in PLOTS:
        for number, setting in enumerate(settings(plot.__name__)):
            story = plot(setting)
            words = (
                plot.__name__.replace("_", " "),
                setting.release or "unknown release",
                _standing(story),
                f"{setting.interval}d",
                setting.transport,
                "+".join(sorted({one.source for one in story.said})),
                f"{number}",
            )
            yield replace(story, name=", ".join(words))
