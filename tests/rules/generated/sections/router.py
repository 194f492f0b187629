"""Section 2: what is believed of one router, from what was said of it until one moment."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from tests.rules.generated.story import MINUTE, Said, Story, Value

STOP: Final = ("17.3.2", "17.3.3", "17.3.4a", "17.6.1a")
BEFORE: Final = ("16.12.4", "17.2.1r")
"""Releases of our stories that are older than 17.3.2."""
MAY: Final = ("17.3.2a", "")
"""In nobody's list, or not known at all."""


@dataclass(frozen=True)
class Router:
    """What is believed of one router now (section 2)."""

    name: str
    now: int
    story: Story

    @cached_property
    def heard(self) -> list[Said]:
        """What was said until now; a new serial number is another router, its history its own."""
        heard: list[Said] = []
        serial: Value = None
        for one in sorted(self.story.said, key=lambda one: one.at):
            if one.device == self.name and one.at <= self.now:
                replaced = serial is not None and one.facts.get("serial", serial) != serial
                heard = [one] if replaced else [*heard, one]
                serial = one.facts.get("serial", serial)
        return heard

    @cached_property
    def words(self) -> dict[str, dict[str, Said]]:
        """What it is about -> source -> its newest word."""
        words: dict[str, dict[str, Said]] = {}
        for one in self.heard:
            for name in one.facts:
                words.setdefault(name, {})[one.source] = one
        return words

    def told(self, name: str) -> list[Said]:
        """Who said something about it: the newest word of each source, the newest last."""
        return sorted(self.words.get(name, {}).values(), key=lambda one: one.at)

    def best(self, said: list[Said]) -> Said | None:
        """Exact before derived, proven before not, then the newer."""
        return max(said, key=lambda one: (one.exact, one.proven, one.at), default=None)

    def fact(self, name: str) -> Value:
        """The believed value; None where nobody said anything."""
        best = self.best(self.told(name))
        return None if best is None else best.facts[name]

    def knows(self, name: str) -> bool:
        """Somebody said something about it."""
        return bool(self.told(name))

    # Releases

    @property
    def release(self) -> str:
        """As the router said it last, else as configured."""
        said = self.fact("release")
        return said if isinstance(said, str) else self.story.configured.get(self.name, "")

    @property
    def before_policy(self) -> bool:
        """Older than 17.3.2: no report deadline."""
        return self.release in BEFORE

    @property
    def stops(self) -> bool:
        """It stops calls at the deadline, or may."""
        train = self.release.startswith(("17.4.", "17.5."))
        return train or self.release in STOP or self.release in MAY

    # The clock

    @cached_property
    def skew(self) -> int:
        """Only where it is over 5 minutes."""
        ahead = self.fact("clock")
        return ahead if isinstance(ahead, int) and abs(ahead) > 5 * MINUTE else 0

    def clock(self, *, exact: bool) -> int:
        """Now, as the router counts it where its own words are judged."""
        return self.now + self.skew if exact else self.now

    # D, P, L, A

    def not_voided(self, name: str) -> list[Said]:
        """What was said of it since the last acknowledgement."""
        acks = [one for one in self.told("acked") if one.facts["acked"] is not None]
        return [one for one in self.told(name) if not any(self.voids(ack, one) for ack in acks)]

    def voids(self, ack: Said, old: Said) -> bool:
        """A newer ACK voids what is older; unproven words never relax exact or proven ones."""
        acked = ack.facts["acked"]
        newer = ack.at > old.at and isinstance(acked, int) and acked - self.skew > old.at
        return newer and (ack.proven or not (old.exact or old.proven))

    @cached_property
    def deadline_said(self) -> Said | None:
        """Who is believed about D."""
        return self.best(self.not_voided("deadline"))

    @cached_property
    def judged(self) -> bool:
        """An ACK is required, and D is not "none"."""
        said = self.deadline_said
        none_due = said is not None and said.facts["deadline"] is None
        return not (self.before_policy or self.fact("required") is False or none_due)

    @property
    def exact(self) -> bool:
        """D was printed by the router."""
        return self.deadline_said is not None and self.deadline_said.exact

    @property
    def left(self) -> int | None:
        """D - now; None where nothing is judged."""
        said = self.deadline_said
        due = None if said is None else said.facts["deadline"]
        return due - self.clock(exact=self.exact) if self.judged and isinstance(due, int) else None

    @cached_property
    def no_push(self) -> bool:
        """Pull, file or CSLU-pull: no push is planned."""
        planned = self.best(self.not_voided("planned"))
        none = planned is not None and planned.facts["planned"] is None
        return none or self.fact("transport") == "off"

    @cached_property
    def planned(self) -> int | None:
        """P."""
        said = self.best(self.not_voided("planned"))
        value = None if said is None or self.no_push else said.facts["planned"]
        return value if isinstance(value, int) else None

    @property
    def sent(self) -> int | None:
        """L: the last push, pull or file write."""
        values = [self.fact(name) for name in ("pushed", "pulled", "written")]
        return max((one for one in values if isinstance(one, int)), default=None)

    @cached_property
    def acked(self) -> int | None:
        """A: as the router printed it, or as a proven trap said it since."""
        said = [one for one in self.told("acked") if one.exact or one.proven]
        newest = max(said, key=lambda one: one.at, default=None)
        value = None if newest is None else newest.facts["acked"]
        return value if isinstance(value, int) else None

    @property
    def waits(self) -> bool:
        """L > A."""
        sent = self.sent
        if sent is None or not self.knows("acked"):
            return False
        return self.acked is None or sent > self.acked


@lru_cache(maxsize=64)
def router_of(story: Story, name: str, now: int) -> Router:
    """The same router at the same moment is asked about many rows."""
    return Router(name, now, story)
