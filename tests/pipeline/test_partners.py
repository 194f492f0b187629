"""What is noted of second processors."""

from monitor.domain.facts import Fact, FactKey, FactKind, FactName
from monitor.domain.records import Batch
from monitor.pipeline.partners import Partners

DAY = 86_400


def peer(state: str, at: float = 0.0, key: str = "") -> Fact:
    return Fact(
        subject="cube-1",
        name=FactName.HA_PEER_STATE,
        source="snmp",
        value=state,
        kind=FactKind.EXACT,
        received=at,
        effective=at,
        key=key,
    )


def noted(known: dict[FactKey, Fact], *facts: Fact) -> list[Fact]:
    batch = Partners(lambda _: known).noted(Batch(facts=facts))
    return [fact for fact in batch.facts if fact.name is FactName.HA_PAIRED]


def test_a_second_processor_is_noted_once_a_day() -> None:
    (first,) = noted({}, peer("standby_hot"), peer("standby_cold", 1.0))
    assert (first.subject, first.value, first.effective) == ("cube-1", True, 1.0)
    known = {first.filed: first}
    assert noted(known, peer("standby_hot", 5.0)) == []
    assert len(noted(known, peer("standby_hot", DAY + 2.0))) == 1


def test_no_processor_and_another_box_are_not_noted() -> None:
    assert noted({}, peer("disabled"), peer("unknown"), peer("standby_hot", key="group")) == []
