"""In the service advice is a finding of severity info that opens and resolves."""

from pathlib import Path

from prometheus_client import CollectorRegistry

from monitor.domain.device import Device
from monitor.domain.findings import Severity
from monitor.domain.instants import instant
from monitor.evaluate import Limits
from monitor.instrument import Instruments
from monitor.parse import show
from monitor.pipeline.identity import Registry
from monitor.pipeline.judging import Judge
from monitor.pipeline.presence import Presence

GOLDEN = Path(__file__).parents[1] / "golden" / "advice"
NOW = instant("2026-11-22T10:00:00Z")
R = Device(id="r1")


def learn(judge: Judge, name: str, at: float) -> None:
    outputs = show.read((GOLDEN / name / "capture.txt").read_text())
    judge.learn(show.facts(outputs, device="r1", received=at))


def advice(judge: Judge, at: float) -> dict[str, Severity]:
    found = (one.finding for one in judge.judge(at).findings)
    return {one.rule: one.severity for one in found if one.rule.startswith("advice_")}


def test_advice_opens_as_info_and_resolves_when_put_right() -> None:
    judge = Judge(
        Registry((R,), relays=(), learn_at_most=0),
        accounts=(),
        limits=Limits(),
        presence=Presence({}),
        instruments=Instruments(CollectorRegistry()),
    )
    learn(judge, "bad_router", NOW)
    bad = advice(judge, NOW)
    assert {"advice_no_name_server", "advice_transport_not_smart", "advice_clock_off"} <= set(bad)
    assert set(bad.values()) == {Severity.INFO}
    assert advice(judge, NOW) == bad
    learn(judge, "good_router", NOW + 3600)
    later = advice(judge, NOW + 3600)
    assert "advice_no_name_server" not in later
    assert "advice_release_stops_calls" not in later
