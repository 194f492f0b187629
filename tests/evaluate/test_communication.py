"""One device that cannot reach its licence server."""

from collections.abc import Callable
from dataclasses import replace

from monitor.domain.facts import Fact
from monitor.domain.findings import Severity
from monitor.domain.state import DeviceState

D = 86_400
H = 3_600
CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO
Facts = Callable[..., list[Fact]]
Judged = Callable[..., DeviceState]
Rungs = Callable[[DeviceState], dict[str, tuple[str, Severity]]]


def test_a_failure_to_communicate_pages_only_near_a_deadline_that_stops_calls(
    said: Facts, told: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    failed = told(communication="failed", peer="CSSM")

    def rung(**printed: object) -> tuple[str, Severity]:
        return rungs(judged([*failed, *said(**printed)]))["communication_failed"]

    plan = {"push": now + D, "sent": None}
    assert rung(release="17.3.3", deadline=now + 8 * D, **plan) == ("failed", WARNING)
    assert rung(release="17.3.3", deadline=now + 7 * D, **plan) == ("7d", CRITICAL)
    assert rung(release="17.9.4", deadline=now + 7 * D, **plan) == ("failed", WARNING)
    assert rung(release="17.3.3", deadline=None) == ("failed", INFO)
    assert rung(release="16.9.1") == ("failed", WARNING)
    assert "licence server" in judged(told(communication="failed")).findings[0].why


def test_communication_is_restored_by_word_or_by_a_newer_acknowledgement(
    said: Facts, told: Facts, judged: Judged, rungs: Rungs, now: int
) -> None:
    failed = told(now - H, communication="failed", peer="CSSM")
    state = judged(failed)
    assert (state.communication_failed_since, state.communication_peer) == (now - H, "CSSM")
    assert rungs(judged([*failed, *told(communication="restored")])) == {}
    acked = said(acked=now - 1800, deadline=now + 60 * D, push=now + D, release="17.9.4")
    assert rungs(judged([*failed, *acked])) == {}
    assert judged([*failed, *acked]).communication_failed_since is None


def test_the_reason_of_a_failure_is_told(told: Facts, judged: Judged) -> None:
    (failed,) = told(communication="failed")
    why = judged([replace(failed, text="no route")]).findings[0].why
    assert "(no route)" in why
