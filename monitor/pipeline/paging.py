"""Which findings speak to people now, and how that differs from what was said before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from monitor.domain.findings import Finding, FindingKey, Severity
from monitor.domain.instants import span
from monitor.domain.page import Page, PageText, Turn
from monitor.domain.state import OpenFinding
from monitor.evaluate.catalogue import CYCLE_RULES
from monitor.evaluate.pair_page import NAME as PAIR_PAGE
from monitor.evaluate.sip_service_down import NAME as SIP_DOWN

_CHAIN: Final = frozenset({*(rule.name for rule in CYCLE_RULES), SIP_DOWN, PAIR_PAGE})
"""Rules about one deadline: when one of them stops speaking for a subject, another may go on."""

_STILL_SO: Final = ("Devices", "Device", "Pair")

Compose = Callable[[Finding], PageText]
Stops = Callable[[Finding], bool]


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
                successor = behind.get(key) or _successor(key, speaking)
                yield replace(
                    page,
                    text=_closing(page, successor, now),
                    turn=Turn.REPLACED if successor else Turn.RESOLVED,
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


def _successor(key: FindingKey, speaking: Iterable[FindingKey]) -> str:
    """The rule that goes on about the same subject and the same matter."""
    related = (
        other.rule
        for other in speaking
        if other.subject == key.subject
        and (other.rule == key.rule or {other.rule, key.rule} <= _CHAIN)
    )
    return next(related, "")


def _closing(page: Page, successor: str, now: float) -> PageText:
    """What is so now, and whose page it was; what was true or to be typed before is left out."""
    after = f"after {span(now - page.opened)}"
    why = f"Another page speaks for it now: {successor}" if successor else "It is no longer found"
    said = page.text.lines
    lines = {"Now": f"{why}, {after}."}
    lines |= {"Was": said["Finding"]} if "Finding" in said else {}
    lines |= {name: said[name] for name in _STILL_SO if name in said}
    title = f"{'REPLACED' if successor else 'RESOLVED'}: {page.text.title}"
    return replace(page.text, title=title, lines=lines)
