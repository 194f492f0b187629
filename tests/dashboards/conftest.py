"""What the dashboards ask: every query with the place where it stands."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from dashboards.__main__ import PAGES, written
from dashboards.panels import Page


class Asked(NamedTuple):
    """One query of a dashboard."""

    place: str
    text: str
    is_flux: bool


def _panels(dashboard: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", ())


def _queries(page: Page) -> Iterator[Asked]:
    dashboard = json.loads(written(page))
    for panel in _panels(dashboard):
        for target in panel.get("targets", ()):
            place = f"{page.name}: {panel['title']}"
            yield Asked(place, target.get("expr") or target["query"], is_flux="expr" not in target)
    for one in dashboard["annotations"]["list"]:
        yield Asked(f"{page.name}: annotation {one['name']}", one["target"]["expr"], is_flux=False)


@pytest.fixture(scope="session")
def asked() -> list[Asked]:
    return [one for page in PAGES for one in _queries(page)]
