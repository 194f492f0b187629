"""Record what differs: in the store, or by the running monitor."""

from pathlib import Path

import pytest

from monitor.aggregate.recompute import Compared, Recomputed
from monitor.cli import main
from monitor.cli.recompute import _ask
from monitor.domain.measurement import Measurement, Reason
from monitor.store.embedded import EmbeddedStore
from tests.cli.recompute.measured import BASE, DAY, HOUR, STD, Monitor, Run


def test_apply_records_new_versions_and_keeps_the_old(three_days: Monitor, recompute: Run) -> None:
    before = three_days.store.measurements(versions="all")
    late = BASE + DAY + 2 * HOUR
    three_days.hears(late, [900] * 40, step=15)
    three_days.store.close()
    assert recompute("--apply")[0] == 0
    code, periods, said = recompute()
    assert (code, periods) == (0, []), said
    reader = EmbeddedStore.open_reader(three_days.directory)
    after = reader.measurements(versions="all")
    assert len(after) > len(before)
    assert {one.version for one in reader.measurements()} == {1, 2}
    assert [one for one in after if one.version == 1] == before
    reader.close()


def test_apply_beside_a_running_monitor_is_refused_with_what_to_do(
    three_days: Monitor, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert three_days.live is not None
    assert main(["recompute", "--config", str(config), "--apply"]) == 2
    said = capsys.readouterr().err
    assert "in use" in said
    assert "--url" in said


class Unmoved:
    """A monitor whose own configuration gives what it has recorded."""

    def post(self, path: str, body: bytes, **query: object) -> dict[str, object]:
        del path, body, query
        return {"device": "cube-1", "renewed": 0}


def test_what_the_monitor_did_not_record_is_not_said_to_be(
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = Measurement(
        device="cube-1", tag=STD, start=BASE, end=BASE + HOUR, units=36, count=1, coverage=1.0,
        minute_coverage=1.0, reason=Reason.PERIODIC, changed=False,
    )  # fmt: skip
    differs = Compared(device="cube-1", tag=STD, start=BASE, recorded=one, recomputed=None)
    found = Recomputed(device="cube-1", periods=(differs,))
    assert _ask(Unmoved(), found) is False  # type: ignore[arg-type]  # asked only so
    assert "by its own" in capsys.readouterr().err
    assert _ask(Unmoved(), Recomputed(device="cube-1")) is True  # type: ignore[arg-type]  # as above
