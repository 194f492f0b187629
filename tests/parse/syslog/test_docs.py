"""The page on syslog names every facility and every kind of event."""

from pathlib import Path
from typing import get_args

from monitor.domain.events import Event
from monitor.parse import syslog

PAGE = (Path(__file__).parents[3] / "docs" / "syslog.md").read_text()


def test_every_facility_and_every_kind_of_event_is_on_the_page() -> None:
    kinds = {event.kind for event in get_args(Event)} - {"repeated"}

    assert [key for key in syslog.FACILITIES if key not in PAGE] == []
    assert [kind for kind in sorted(kinds) if f"`{kind}`" not in PAGE] == []


def test_every_kind_of_event_has_a_word_of_its_own() -> None:
    kinds = [event.kind for event in get_args(Event)]

    assert len(kinds) == len(set(kinds))
