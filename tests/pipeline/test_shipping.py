"""The shipper with a target and a log that fail in every way they may."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from prometheus_client import CollectorRegistry

from monitor.domain.cursors import CursorState, Kind, Piece
from monitor.domain.records import Batch
from monitor.errors import StoreError
from monitor.instrument import Instruments
from monitor.pipeline.shipping import Shipper
from monitor.store.line.failure import OutsideError
from monitor.store.line.points import Refused
from monitor.store.line.writing import Outcome

PIECE = Piece(kind=Kind.HOURS, since=0, upto=1)


@dataclass
class Scene:
    """Is route, follower and target at once; each step is an answer or an error."""

    name: str = "out"
    kind: str = "double"
    steps: list[Exception | Piece | Outcome | None] = field(default_factory=list)
    confirmed: list[Piece] = field(default_factory=list)
    buried: list[Batch] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    closed: bool = False
    missing: int = 0
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    @property
    def follower(self) -> "Scene":
        return self

    @property
    def target(self) -> "Scene":
        return self

    def _step(self) -> Exception | Piece | Outcome | None:
        if not self.steps:
            return None
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    def next(self) -> Piece | None:
        step = self._step()
        assert step is None or isinstance(step, Piece)
        return step

    def state(self) -> CursorState:
        return CursorState(
            name="out", number=None, behind=0, oldest=None, waiting=0, repeating=None
        )

    def write(self, piece: Piece) -> Outcome:
        assert piece is PIECE
        step = self._step()
        assert isinstance(step, Outcome)
        return step

    def check(self) -> int:
        missing, self.missing = self.missing, 0
        return missing

    def close(self) -> None:
        self.closed = True

    def confirm(self, piece: Piece) -> None:
        self.confirmed.append(piece)

    async def commit(self, batch: Batch) -> None:
        assert not self.confirmed, "the cursor passes it only after"
        self.buried.append(batch)

    def value(self, name: str, **labels: str) -> float | None:
        asked = {"target": "out", **labels}
        return self.registry.get_sample_value(f"cube_monitor_ship_{name}", asked)


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[[Scene], Shipper]:
    def run(scene: Scene) -> Shipper:
        async def story() -> Shipper:
            shipper = Shipper(scene, scene.commit, Instruments(scene.registry), lambda: 50.0)

            async def no_sleep(seconds: float) -> None:
                scene.pauses.append(seconds)
                if not scene.steps:
                    raise asyncio.CancelledError

            with monkeypatch.context() as quick:
                quick.setattr("monitor.pipeline.shipping.asyncio.sleep", no_sleep)
                with pytest.raises(asyncio.CancelledError):
                    await shipper.run()
            shipper._thread.shutdown(wait=True)
            return shipper

        return asyncio.run(story())

    return run


def test_failures_are_waited_out_with_growing_pauses_and_counted(
    play: Callable[[Scene], Shipper], caplog: pytest.LogCaptureFixture
) -> None:
    away = [OutsideError("unreachable", "away") for _ in range(8)]
    busy = OutsideError("busy", "too much", retry_after=90.0)
    scene = Scene(steps=[PIECE, *away, busy, Outcome(written=5, expired=2), None])
    shipper = play(scene)

    assert scene.pauses == [1, 2, 4, 8, 16, 32, 60, 60, 90, 1]
    assert scene.confirmed == [PIECE]
    assert scene.closed
    assert scene.value("failures_total", reason="unreachable") == 8
    assert scene.value("failures_total", reason="busy") == 1
    assert scene.value("points_total", result="written") == 5
    assert scene.value("points_total", result="expired") == 2
    assert scene.value("up") == 1
    assert (shipper.state().up, shipper.state().sent, shipper.state().error) == (True, 5, "")
    told = [record.message for record in caplog.records]
    assert told == [
        "out takes nothing, trying until it does: away",
        "out still takes nothing: too much",
    ]


def test_while_it_fails_it_says_since_when_and_why(play: Callable[[Scene], Shipper]) -> None:
    scene = Scene(steps=[PIECE, OutsideError("refused", "401")])
    state = play(scene).state()
    assert (state.up, state.error, state.failing_since) == (False, "401", 50.0)
    assert scene.value("up") == 0
    assert scene.confirmed == []


def test_poison_is_durable_before_the_cursor_passes_it(play: Callable[[Scene], Shipper]) -> None:
    refused = [Refused(reason="bad", line="x" * 9_000)]
    scene = Scene(steps=[PIECE, Outcome(written=1, refused=refused, missing=3)])
    shipper = play(scene)
    ((letter,),) = [batch.dead_letters for batch in scene.buried]
    assert (letter.source, letter.origin, letter.reason) == ("ship", "out", "bad")
    assert len(letter.payload) == 4_096
    assert scene.confirmed == [PIECE]
    assert scene.value("points_total", result="refused") == 1
    assert scene.value("points_total", result="missing") == 3
    assert shipper.state().refused == 1


def test_a_log_that_cannot_be_read_is_tried_again(
    play: Callable[[Scene], Shipper], caplog: pytest.LogCaptureFixture
) -> None:
    scene = Scene(steps=[StoreError("disk"), PIECE, Outcome(written=1)], missing=2)
    play(scene)
    assert scene.confirmed == [PIECE]
    assert scene.value("points_total", result="missing") == 2
    assert "out cannot read the log: disk" in caplog.text
