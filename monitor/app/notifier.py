"""The notifier as configured, joined to the pipeline; without `notify` it only keeps windows."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from monitor.app.build import Parts, limits_of
from monitor.config import Config
from monitor.domain.page import Page
from monitor.notify import NotifyConfig
from monitor.notify.alertmanager import AlertmanagerConfig
from monitor.notify.config import AnyChannel, label
from monitor.notify.heartbeat import Heartbeat
from monitor.pipeline.judging import Judged
from monitor.pipeline.notifying import Desk, Notifier
from monitor.pipeline.page_content import Scene, by_device, page_text, stops
from monitor.pipeline.page_plan import Storm
from monitor.pipeline.paging import Pager
from monitor.pipeline.sending import Route, Sender

_IN_THE_CHECKOUT: Final = "docs/runbooks/{slug}.md"
_STILL: Final = 60.0
"""Seconds without a judging after which the ping stays away."""


def notifier(parts: Parts, clock: Callable[[], float]) -> Notifier:
    """Join it to the pipeline. Raises StoreError."""
    config = parts.config.notify
    if config is not None:
        _turn(parts, config)
    desk = Desk(
        queue=parts.store.outbox,
        judge=parts.rooms.judge,
        writer=parts.rooms.writer,
        instruments=parts.instruments.pages,
        clock=clock,
        quiet=_quiet(config),
        heartbeat=None if config is None or config.heartbeat is None else _heart(config),
        devices=lambda: len(parts.pipeline.snapshot.devices),
        alive=lambda: clock() - parts.pipeline.snapshot.now < _STILL,
    )
    return Notifier(
        desk,
        [] if config is None else _senders(parts, config, clock),
        parts.store.silences(),
        parts.store.windows(),
    )


def _heart(config: NotifyConfig) -> Heartbeat | None:
    return None if config.heartbeat is None else Heartbeat(config.heartbeat)


def _senders(parts: Parts, config: NotifyConfig, clock: Callable[[], float]) -> Sequence[Sender]:
    commit = parts.rooms.writer.commit
    counters = parts.instruments.pages
    return [
        Sender(_route(one, config), parts.store.outbox, commit, counters, clock)
        for one in config.channels
    ]


def _route(one: AnyChannel, config: NotifyConfig) -> Route:
    groups_itself = isinstance(one, AlertmanagerConfig)
    storm = Storm(most=config.storm.pages, seconds=config.storm.seconds)
    return Route(
        name=label(one),
        kind=one.kind,
        channel=one.build(),
        severities=frozenset(one.severities),
        escalate_to=one.escalate_to,
        escalate_after=one.escalate_after,
        storm=None if groups_itself else storm,
        resend=one.resend_seconds if isinstance(one, AlertmanagerConfig) else None,
        shadow=config.shadow,
    )


def _quiet(config: NotifyConfig | None) -> Callable[[float], bool]:
    if config is None or config.quiet is None:
        return lambda _: False
    zone, hours = ZoneInfo(config.zone), config.quiet
    return lambda now: hours.covers(now, zone)


def runbooks(config: Config) -> str:
    """Where pages say that runbooks are read: the place named, else the monitor's own."""
    named = "" if config.notify is None else config.notify.runbook_url
    return named or config.http.runbooks or _IN_THE_CHECKOUT


def _turn(parts: Parts, config: NotifyConfig) -> None:
    """Let the pipeline say what is to be told; pages of an earlier run go on."""
    pager = Pager(record.page for record in parts.store.outbox.open_pages())
    limits = limits_of(parts.config)
    zone = None if config.zone == "UTC" else ZoneInfo(config.zone)

    def turns(judged: Judged, now: float) -> Sequence[Page]:
        devices = {state.device.id: state for state in judged.devices}

        @cache
        def scene() -> Scene:
            # Most judgings tell nobody anything: what pages speak of is gathered for those that do.
            return Scene(
                now=now,
                devices=devices,
                pairs=judged.pairs,
                latest=by_device(parts.pipeline.latest),
                limits=limits,
                zone=zone,
                runbook_url=runbooks(parts.config),
            )

        return pager.turns(
            judged.findings,
            now,
            compose=lambda finding: page_text(finding, scene()),
            stops=lambda finding: stops(finding, devices),
        )

    parts.pipeline.turns_of = turns
