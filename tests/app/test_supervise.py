import asyncio

import pytest
from prometheus_client import CollectorRegistry

from monitor.app.service import supervise
from monitor.errors import CollectError
from monitor.instrument import Instruments
from monitor.wire import Intake


class Failing:
    """A collector whose source is gone a few times, then read to its end."""

    def __init__(self, failures: int, error: type[Exception] = CollectError) -> None:
        self.failures = failures
        self.error = error

    async def run(self, intake: Intake) -> None:
        del intake
        if self.failures:
            self.failures -= 1
            raise self.error("the source is gone")


def test_a_collector_whose_source_is_gone_is_started_again_and_counted(
    monkeypatch: pytest.MonkeyPatch, intake: Intake
) -> None:
    pauses: list[float] = []

    async def no_sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("monitor.app.service.asyncio.sleep", no_sleep)
    registry = CollectorRegistry()

    asyncio.run(supervise("tcp", Failing(8), intake, Instruments(registry)))

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    labels = {"collector": "tcp"}
    assert registry.get_sample_value("cube_monitor_collector_restarts_total", labels) == 8
    assert registry.get_sample_value("cube_monitor_collector_up", labels) == 0


def test_any_other_error_is_not_hidden(intake: Intake) -> None:
    collector = Failing(1, RuntimeError)

    with pytest.raises(RuntimeError):
        asyncio.run(supervise("tcp", collector, intake, Instruments(CollectorRegistry())))
