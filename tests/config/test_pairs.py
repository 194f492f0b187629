from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from monitor.config.model import Config
from monitor.domain.pair import NeedProfile, Pair

DEVICES = [{"name": "a"}, {"name": "b"}, {"name": "c"}]


def pairs(*given: Mapping[str, object]) -> list[Pair]:
    config = Config.model_validate({"devices": DEVICES, "pairs": given})
    return [one.pair() for one in config.pairs]


def test_a_pair_has_members_a_need_and_dates() -> None:
    assert pairs(
        {"name": "edge", "members": ["a", "b"], "need": "aggregate-minus-enhanced",
         "since": "2026-01-05T00:00:00Z", "until": 1_767_657_600}
    ) == [
        Pair(name="edge", members=("a", "b"), need=NeedProfile.AGGREGATE_MINUS_ENHANCED,
             since=1_767_571_200, until=1_767_657_600)
    ]  # fmt: skip


def test_a_device_may_change_its_pair() -> None:
    first = {"name": "one", "members": ["a", "b"], "until": "2026-01-05T00:00:00Z"}
    second = {"name": "two", "members": ["a", "c"], "since": "2026-01-05T00:00:00Z"}
    assert len(pairs(first, second)) == 2
    assert len(pairs({"name": "a", "members": ["a"]})) == 1


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([{"name": "edge", "members": ["a", "x"]}], "'x' is no name under `devices`"),
        ([{"name": "edge", "members": ["a", "a"]}], "its members are one device"),
        ([{"name": "c", "members": ["a", "b"]}], "names both a pair and a device"),
        ([{"name": "a/b", "members": ["a", "b"]}], "match pattern"),
        ([{"name": "edge", "members": ["a", "b", "c"]}], "at most 2"),
        ([{"name": "edge", "members": ["a", "b"], "since": "soon"}], "soon"),
        ([{"name": "edge", "members": ["a", "b"], "need": "all"}], "aggregate-minus-enhanced"),
        (
            [{"name": "one", "members": ["a", "b"]}, {"name": "two", "members": ["b", "c"]}],
            "'b' is in the pairs 'one' and 'two'",
        ),
        (
            [{"name": "one", "members": ["a"]}, {"name": "one", "members": ["b"]}],
            "two pairs are called 'one'",
        ),
    ],
)
def test_pairs_that_cannot_be_are_refused(given: list[Mapping[str, object]], reason: str) -> None:
    with pytest.raises(ValidationError) as refused:
        pairs(*given)
    assert reason in str(refused.value)
