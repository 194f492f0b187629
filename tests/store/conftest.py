"""A store in a temporary directory, opened as often as a test likes, and builders of records."""

from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.readings import ReadingColumns, Series
from monitor.store.embedded import EmbeddedStore, EmbeddedStoreConfig

Opener = Callable[..., EmbeddedStore]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kills", type=int, default=5, help="how often the store's writer is killed (200)"
    )


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Open the test's store, with settings; all are closed at the end."""
    stores: list[EmbeddedStore] = []

    def opener(**settings: Any) -> EmbeddedStore:
        given = {"directory": tmp_path / "data"} | settings
        store = EmbeddedStore(EmbeddedStoreConfig.model_construct(**given))
        stores.append(store)
        return store

    yield opener
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Opener) -> EmbeddedStore:
    return opened()


Rows = list[tuple[Series, int, int]]


@pytest.fixture(scope="session")
def columns() -> Callable[[Rows], ReadingColumns]:
    """Columns of (series, second, count) rows."""

    def build(rows: Rows) -> ReadingColumns:
        series = list(dict.fromkeys(row[0] for row in rows))
        return ReadingColumns(
            series=series,
            which=array("I", [series.index(row[0]) for row in rows]),
            seconds=array("q", [row[1] for row in rows]),
            counts=array("q", [row[2] for row in rows]),
        )

    return build
