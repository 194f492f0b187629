"""A receiver on loopback."""

from collections.abc import Iterator

import pytest

from tests.deploy.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as kept:
        yield kept
