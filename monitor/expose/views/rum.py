"""Usage (RUM) reports as the API shows them."""

from collections.abc import Mapping

from monitor.domain.rum import RumFile, RumMeasurement, RumState
from monitor.domain.rum_ledger import RumGap, RumLedger, RumReport, Told
from monitor.expose.views.view import View, moment


class RumMeasurementView(View):
    """One measurement inside a report, by the router's clock."""

    start: str | None
    end: str | None
    logged: str | None
    samples: int | None
    value: int | None
    reason: str
    close_reason: str
    clock_change_seconds: int


class RumReportView(View):
    """One report."""

    report_id: int
    state: str
    """open, closed, sent, acknowledged or lost."""
    basis: str
    """How the state is known."""
    tag: str
    feature: str
    metric: str
    start: str | None
    end: str | None
    value: int | None
    """Licences by its last measurement; null where its file was not brought."""
    peak: int | None
    samples: int | None
    reasons: list[str]
    clock_change_seconds: int
    first_seen: str | None
    last_seen: str | None
    """When the router is last known to have had it."""
    previous: int | None
    following: int | None
    piece: str | None
    """SHA-256 of its bytes, where its file was brought."""
    sources: list[str]
    measurements: list[RumMeasurementView]


class RumGapView(View):
    """Something wrong between two reports."""

    kind: str
    """ids, time, overlap or clock."""
    tag: str
    after: int
    before: int
    start: str | None
    end: str | None
    count: int
    """Ids, or seconds."""
    lost: int
    text: str


class RumToldView(View):
    """What CSSM can know of one tag, and what only the router knows."""

    tag: str
    value: int | None
    """Licences by the last acknowledged report; null where its file was not brought."""
    until: str | None
    """End of that report; null where none was acknowledged, or its times are not known."""
    acknowledged: int
    waiting: int
    waiting_since: str | None
    waiting_peak: int | None
    held: int
    """Of the waiting reports, those whose bytes are kept here."""


class RumRouterView(View):
    """The reports of one router in one line."""

    router: str
    """Device name, or the UDI of a router that nobody knows."""
    attributed: bool
    listed: str | None
    """When it last listed all of its reports."""
    last_ack: str | None
    """When it last got an acknowledgement, as it says: CSSM can know nothing later."""
    counts: dict[str, int]
    gaps: int
    told: list[RumToldView]


class RumLedgerView(RumRouterView):
    """Everything about the reports of one router."""

    reports: list[RumReportView]
    found: list[RumGapView]
    """The gaps."""


class RumRoutersView(View):
    """All routers with reports."""

    total: int
    offset: int
    rum: list[RumRouterView]


class RumFileView(View):
    """One file that was brought."""

    digest: str
    name: str
    received: str | None
    size: int
    reports: int
    refused: int


class RumFilesView(View):
    """Files, oldest first."""

    files: list[RumFileView]


class RumRefusalView(View):
    """A report that was not taken."""

    position: int
    """The byte of the file at which it begins."""
    reason: str


class RumReceiptView(View):
    """What was taken of a file."""

    digest: str
    reports: int
    refused: int
    refusals: list[RumRefusalView]
    routers: list[str]
    """Whose reports they are."""


def router_view(found: RumLedger, *, attributed: bool) -> RumRouterView:
    """One router in one line."""
    return RumRouterView(
        router=found.subject,
        attributed=attributed,
        listed=moment(found.listed),
        last_ack=moment(found.last_ack),
        counts=_counts(found.counts),
        gaps=len(found.gaps),
        told=[_told(one) for one in found.told],
    )


def ledger_view(found: RumLedger, *, attributed: bool) -> RumLedgerView:
    """One router whole."""
    return RumLedgerView(
        **router_view(found, attributed=attributed).model_dump(),
        reports=[_report(one) for one in found.reports],
        found=[_gap(one) for one in found.gaps],
    )


def file_view(file: RumFile) -> RumFileView:
    """One file."""
    return RumFileView(
        digest=file.digest,
        name=file.name,
        received=moment(file.received),
        size=file.size,
        reports=file.reports,
        refused=file.refused,
    )


def _counts(counts: Mapping[RumState, int]) -> dict[str, int]:
    return {state.value: counts.get(state, 0) for state in RumState}


def _told(one: Told) -> RumToldView:
    return RumToldView(
        tag=one.tag,
        value=one.value,
        until=moment(one.until),
        acknowledged=one.acknowledged,
        waiting=one.waiting,
        waiting_since=moment(one.waiting_since),
        waiting_peak=one.waiting_peak,
        held=one.held,
    )


def _report(one: RumReport) -> RumReportView:
    return RumReportView(
        report_id=one.report_id,
        state=one.state.value,
        basis=one.basis,
        tag=one.tag,
        feature=one.feature,
        metric=one.metric,
        start=moment(one.start),
        end=moment(one.end),
        value=one.value,
        peak=one.peak,
        samples=one.samples,
        reasons=list(one.reasons),
        clock_change_seconds=one.clock_change,
        first_seen=moment(one.first_seen),
        last_seen=moment(one.last_seen),
        previous=one.previous,
        following=one.following,
        piece=one.piece or None,
        sources=list(one.sources),
        measurements=[_measurement(each) for each in one.measurements],
    )


def _measurement(one: RumMeasurement) -> RumMeasurementView:
    return RumMeasurementView(
        start=moment(one.start),
        end=moment(one.end),
        logged=moment(one.logged),
        samples=one.samples,
        value=one.value,
        reason=one.reason,
        close_reason=one.close_reason,
        clock_change_seconds=one.clock_change,
    )


def _gap(one: RumGap) -> RumGapView:
    return RumGapView(
        kind=one.kind.value,
        tag=one.tag,
        after=one.after,
        before=one.before,
        start=moment(one.start),
        end=moment(one.end),
        count=one.count,
        lost=one.lost,
        text=one.text,
    )
