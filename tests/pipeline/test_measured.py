"""What was measured when: asked of the store once, and not unlearned when it fails."""

from monitor.domain.measurement import Measurement, Reason
from monitor.errors import StoreError
from monitor.pipeline.measured import Measured

H = 3_600


def period(end: int, count: int = 1) -> Measurement:
    return Measurement(
        device="r1",
        tag="X",
        start=end - 8 * H,
        end=end,
        units=36 * count,
        count=count,
        coverage=1.0,
        minute_coverage=1.0,
        reason=Reason.PERIODIC,
        changed=False,
    )


class Store:
    def __init__(self) -> None:
        self.known = [period(8 * H), period(16 * H)]
        self.asked = 0
        self.broken = False

    def checkpoint(self, device: str, tag: str, at: int) -> Measurement | None:
        self.asked += 1
        if self.broken:
            raise StoreError("broken")
        mine = [one for one in self.known if (one.device, one.tag) == (device, tag)]
        return max((one for one in mine if one.end <= at), key=lambda one: one.end, default=None)


def measured(store: Store) -> Measured:
    return Measured(store, lambda device, start: 8 * H)


def test_the_period_that_ended_last_by_then() -> None:
    store = Store()
    ask = measured(store)
    assert ask("r1", "X", 8 * H - 1) is None
    assert ask("r1", "X", 8 * H) == store.known[0]
    assert ask("r1", "X", 16 * H + 0.5) == store.known[1]
    assert ask("r1", "Y", 16 * H) is None


def test_nothing_where_the_next_period_should_have_ended_too() -> None:
    ask = measured(Store())
    assert ask("r1", "X", 24 * H - 1) is not None
    assert ask("r1", "X", 24 * H) is None


def test_the_store_is_asked_once_until_something_was_recorded() -> None:
    store = Store()
    ask = measured(store)
    for _ in range(3):
        ask("r1", "X", 17 * H)
    assert store.asked == 1
    store.known[1] = period(16 * H, 9)
    ask.renew("r1", "X")
    found = ask("r1", "X", 17 * H)
    assert found is not None
    assert found.count == 9
    assert store.asked == 2


def test_a_store_that_fails_changes_no_answer() -> None:
    store = Store()
    ask = measured(store)
    before = ask("r1", "X", 17 * H)
    store.broken = True
    ask.renew("r1", "X")
    assert ask("r1", "X", 17 * H) == before
    assert ask("r1", "X", 9 * H) is None
    store.broken = False
    assert ask("r1", "X", 9 * H) == store.known[0]


def test_what_is_kept_is_bounded() -> None:
    store = Store()
    ask = measured(store)
    for second in range(100):
        ask("r1", "X", 16 * H + second)
    assert ask("r1", "X", 16 * H) is not None
    assert sum(len(each) for each in ask._kept.values()) <= 16
