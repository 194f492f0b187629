"""Which findings speak to people now, and how that differs from what was said before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from monitor.domain.findings import Finding, FindingKey, Severity
from monitor.domain.instants import span
from monitor.domain.page import Page, PageText, Turn
from monitor.domain.state import OpenFinding
from monitor.evaluate.catalogue import CYCLE_RULES, SUMMARIES
from monitor.evaluate.pair_page import NAME as PAIR_PAGE
from monitor.evaluate.sip_service_down import NAME as SIP_DOWN

_CHAIN: Final = frozenset({*(rule.name for rule in CYCLE_RULES), SIP_DOWN, PAIR_PAGE})
"""Rules about one deadline: when one of them stops speaking for a subject, another may go on."""

_STILL_SO: Final = ("Devices", "Device", "Pair")

Compose = Callable[[Finding], PageText]
Stops = Callable[[Finding], bool]


class Successor(NamedTuple):
    """Who goes on about the matter of a page that ends."""

    severity: Severity | None
    """None where it is told by another subject's page."""
    rule: str

    def __str__(self) -> str:
        summary = SUMMARIES.get(self.rule, self.rule)
        how_bad = "another page" if self.severity is None else f"a {self.severity.word} finding"
        return f"It goes on as {how_bad}: {summary} ({self.rule})"


class Pager:
    """Keeps the pages that are open; not thread-safe, used where the fleet is judged."""

    def __init__(self, pages: Iterable[Page] = ()) -> None:
        self._open = {page.key: page for page in pages}

    def turns(
        self, found: Sequence[OpenFinding], now: float, *, compose: Compose, stops: Stops
    ) -> Sequence[Page]:
        """Pages that opened, got worse, eased or ended, as they are now; to be committed."""
        speaking = {one.finding.key: one.finding for one in found if _speaks(one)}
        turned = [
            *self._opened(speaking, now, compose, stops),
            *self._changed(speaking, now, compose),
            *self._ended(found, speaking, now),
        ]
        for page in turned:
            if page.resolved is None:
                self._open[page.key] = page
            else:
                del self._open[page.key]
        return turned

    def _opened(
        self, speaking: Mapping[FindingKey, Finding], now: float, compose: Compose, stops: Stops
    ) -> Iterable[Page]:
        # The worst first: a channel in a storm tells those by themselves.
        fresh = [one for key, one in speaking.items() if key not in self._open]
        for finding in sorted(fresh, key=lambda one: (-one.severity, one.key)):
            if not finding.hidden_by:
                yield Page(
                    key=finding.key,
                    opened=now,
                    severity=finding.severity,
                    text=compose(finding),
                    turn=Turn.OPENED,
                    turned=now,
                    deadline=finding.deadline,
                    devices=finding.devices or (finding.subject,),
                    stops=stops(finding),
                )

    def _changed(
        self, speaking: Mapping[FindingKey, Finding], now: float, compose: Compose
    ) -> Iterable[Page]:
        for key, page in self._open.items():
            finding = speaking.get(key)
            if finding is not None and finding.severity != page.severity:
                yield replace(
                    page,
                    severity=finding.severity,
                    text=compose(finding),
                    turn=Turn.WORSE if finding.severity > page.severity else Turn.EASED,
                    turned=now,
                    deadline=finding.deadline,
                )

    def _ended(
        self, found: Sequence[OpenFinding], speaking: Mapping[FindingKey, Finding], now: float
    ) -> Iterable[Page]:
        behind = {one.finding.key: one.finding.inhibited_by for one in found}
        for key, page in self._open.items():
            if key not in speaking:
                successor = _successor(key, behind.get(key, ""), speaking)
                yield replace(
                    page,
                    text=_closing(page, successor, now),
                    turn=Turn.RESOLVED if successor is None else Turn.REPLACED,
                    turned=now,
                    resolved=now,
                )


def _speaks(one: OpenFinding) -> bool:
    return (
        one.standing.opened is not None
        and one.standing.resolved is None
        and not one.finding.inhibited_by
        and one.finding.severity > Severity.INFO
    )


def _successor(
    key: FindingKey, spoken_for: str, speaking: Mapping[FindingKey, Finding]
) -> Successor | None:
    """Who goes on about the same subject and the same matter; the worst, where several do.

    `spoken_for`: the rule that speaks for it, empty where none does.
    """
    related = (
        Successor(finding.severity, other.rule)
        for other, finding in speaking.items()
        if other.subject == key.subject
        and (other.rule in {key.rule, spoken_for} or {other.rule, key.rule} <= _CHAIN)
    )
    passed_on = Successor(None, spoken_for) if spoken_for else None
    return max(related, key=lambda one: one.severity or 0, default=passed_on)


def _closing(page: Page, successor: Successor | None, now: float) -> PageText:
    """What is so now, and whose page it was; what was true or to be typed before is left out."""
    said = page.text.lines
    now_so = "It is no longer found" if successor is None else str(successor)
    lines = {"Now": f"{now_so}, after {span(now - page.opened)}."}
    lines |= {"Was": said["Finding"]} if "Finding" in said else {}
    lines |= {name: said[name] for name in _STILL_SO if name in said}
    return replace(page.text, title=f"{_word(page, successor)}: {page.text.title}", lines=lines)


def _word(page: Page, successor: Successor | None) -> str:
    if successor is None:
        return "RESOLVED"
    milder = successor.severity is not None and successor.severity < page.severity
    return f"EASED to {successor.severity.word}" if milder and successor.severity else "REPLACED"
