"""Diagnoses as JSON."""

from monitor.domain.diagnosis import Calibration, Diagnosis, Disagreement, Remedy, SourceCheck
from monitor.expose.views.device import FactView, fact_view
from monitor.expose.views.view import View, moment


class SourceView(View):
    """How it stands with one source."""

    source: str
    state: str
    """works, late, never heard, not configured; heard, not configured."""
    last_seen: str | None
    age_seconds: float | None
    expected_by: str | None


class DisagreementView(View):
    """What sources say differently; the first is believed."""

    what: str
    said: list[FactView]


class CalibrationView(View):
    """A call table beside sessions of the same time."""

    source: str
    counting: str
    """calls, legs or unknown."""
    against: str
    compared: int
    ratio: float | None


class RemedyView(View):
    """Something to do."""

    what: str
    router: list[str]
    configuration: list[str]
    needed: bool


class DiagnosisView(View):
    """How well one device is heard."""

    device: str
    fine: bool
    release: str | None
    platform: str | None
    names: list[str]
    udi: str | None
    sources: list[SourceView]
    disagreements: list[DisagreementView]
    clock_offset: float | None
    """Device clock minus ours, seconds."""
    unresolved_zones: list[str]
    calibrations: list[CalibrationView]
    remedies: list[RemedyView]


class DiagnosesView(View):
    """Of several devices, by name."""

    now: str | None
    total: int
    offset: int
    doctor: list[DiagnosisView]


def diagnosis_view(one: Diagnosis) -> DiagnosisView:
    """One as the API shows it."""
    return DiagnosisView(
        device=one.device,
        fine=one.fine,
        release=one.release,
        platform=one.platform,
        names=list(one.names),
        udi=one.udi,
        sources=[_source(source, one.now) for source in one.sources],
        disagreements=[_disagreement(apart, one.now) for apart in one.disagreements],
        clock_offset=one.clock_offset,
        unresolved_zones=list(one.unresolved_zones),
        calibrations=[_calibration(found) for found in one.calibrations],
        remedies=[_remedy(remedy) for remedy in one.remedies],
    )


def _source(one: SourceCheck, now: float) -> SourceView:
    return SourceView(
        source=one.source,
        state=one.state.value,
        last_seen=moment(one.last_seen),
        age_seconds=None if one.last_seen is None else max(0.0, now - one.last_seen),
        expected_by=moment(one.expected_by),
    )


def _disagreement(one: Disagreement, now: float) -> DisagreementView:
    return DisagreementView(what=one.what, said=[fact_view(fact, now) for fact in one.facts])


def _calibration(one: Calibration) -> CalibrationView:
    return CalibrationView(
        source=one.source,
        counting=one.counting.value,
        against=one.against,
        compared=one.compared,
        ratio=one.ratio,
    )


def _remedy(one: Remedy) -> RemedyView:
    return RemedyView(
        what=one.what,
        router=list(one.router),
        configuration=list(one.configuration),
        needed=one.needed,
    )
