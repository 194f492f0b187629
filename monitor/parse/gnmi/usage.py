"""Which licences are in use no more: a device says so by leaving their entries out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

_MISSED: Final = 2.5
"""Sample intervals after which an entry that is not sent any more is gone."""
_MOST_TAGS: Final = 1000


@dataclass(slots=True, kw_only=True)
class UsageBook:
    """The usage entries of one device. A count of 0 is concluded only once the stream is synced.

    Nothing is concluded from silence: only from an entry being absent where its list, or something
    else of the licence module, was sent.
    """

    seen: dict[str, float] = field(default_factory=dict)
    """Tag -> when its entry was last sent."""
    tags: dict[str, str] = field(default_factory=dict)
    """Entry key -> tag."""
    _began: float = 0.0
    _whole: bool = True

    def remember(self, tags: Iterable[str]) -> None:
        """Tags that were in use by what was known before the start."""
        for tag in tags:
            self.seen.setdefault(tag, 0.0)

    def begin(self, at: float) -> None:
        """A new stream: it will tell all there is, up to its sync."""
        self._began = at
        self._whole = True

    def lose(self, at: float) -> None:
        """Something was dropped: whatever is missing may have been in it."""
        self._whole = False
        self.seen = dict.fromkeys(self.seen, at)

    def use(self, entry: str, tag: str, at: float) -> bool:
        """An entry was sent; False where there are too many to follow."""
        if tag not in self.seen and len(self.seen) >= _MOST_TAGS:
            return False
        self.seen[tag] = at
        self.tags[entry] = tag
        return True

    def doubt(self, entry: str) -> None:
        """An entry was deleted before the sync, which will conclude; of all where it is empty."""
        doubted = {self.tags.get(entry, "")} if entry else set(self.seen)
        self.seen.update(dict.fromkeys(doubted & self.seen.keys(), 0.0))

    def sync(self) -> Iterator[str]:
        """Tags whose entries were not sent since the stream began."""
        if self._whole:
            yield from self._gone(before=self._began)

    def missed(self, at: float, interval: float) -> Iterator[str]:
        """Tags whose entries were left out of some samples, `interval` seconds apart."""
        if interval > 0:
            yield from self._gone(before=at - _MISSED * interval)

    def listed(self, entries: Iterable[str]) -> Iterator[str]:
        """Tags that are not among the entries of a list that came whole."""
        there = {self.tags[entry] for entry in entries if entry in self.tags}
        for tag in [tag for tag in self.seen if tag not in there]:
            yield self._drop(tag)

    def delete(self, entry: str) -> Iterator[str]:
        """The tag of an entry that was deleted; of all where the entry is empty."""
        if not entry:
            yield from self.listed(())
        elif entry in self.tags:
            yield self._drop(self.tags[entry])

    def _gone(self, before: float) -> Iterator[str]:
        for tag in [tag for tag, at in self.seen.items() if at < before]:
            yield self._drop(tag)

    def _drop(self, tag: str) -> str:
        self.seen.pop(tag, None)
        self.tags = {entry: one for entry, one in self.tags.items() if one != tag}
        return tag
