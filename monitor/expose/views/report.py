"""The true-up report as programs read it; the page, the table and CSV are made of it too."""

from monitor.expose.views.view import View


class PeriodView(View):
    """One measurement, and what became of it."""

    start: str
    end: str
    start_seconds: int
    end_seconds: int
    value: float | None
    """Sessions before rounding."""
    count: int | None
    """Licences: what CSSM should have received; null for a tag that is no licence."""
    coverage: float
    minute_coverage: float
    weak: bool
    """Under half of its minutes had a value."""
    reason: str
    """periodic, change or failover."""
    changed: bool
    profile: str
    version: int
    late: bool
    """Worked out again, because readings came late or a source was left out."""
    requested: int | None
    """Licences that the router asked for at that time, by its messages; null where none said."""
    requested_at: str | None
    acknowledged: bool | None
    """Whether a report that covers its end was acknowledged; null where nobody can tell."""


class SpanView(View):
    """A time without any measurement."""

    start: str
    end: str
    start_seconds: int
    end_seconds: int
    kind: str
    """missing where readings lacked; before, after or running at the edges of the range."""
    text: str


class SeriesReportView(View):
    """One tag of one device."""

    device: str
    account: str | None
    tag: str
    license: bool
    """False for counts that are no licence (AGG, CALLS)."""
    purchased: int | None
    """Bought for its account; null where nobody said it."""
    highest: int | None
    """The highest count of the range; weak ones left out where there are others."""
    highest_at: str | None
    """End of the measurement that has it."""
    acknowledged_until: str | None
    """CSSM knows nothing later, by acknowledged usage reports."""
    acknowledged_value: int | None
    waiting: int | None
    """Usage reports that are not acknowledged; null where none are known."""
    weak: int
    late: int
    periods: list[PeriodView]
    gaps: list[SpanView]


class UsageReportView(View):
    """Measured usage over a time."""

    title: str
    start: str
    end: str
    start_seconds: int
    end_seconds: int
    zone: str
    """IANA name of the zone in which the page shows times besides UTC."""
    generated: str
    generated_by: str
    version: str
    """Of the monitor."""
    rules: str
    device: str | None
    account: str | None
    total: int
    """Measurements in it."""
    notes: list[str]
    series: list[SeriesReportView]
