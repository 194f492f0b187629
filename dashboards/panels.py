"""The kinds of panels and variables that our dashboards are made of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import attr
from grafanalib.core import (
    Annotations,
    Dashboard,
    DashboardLink,
    GridPos,
    Panel,
    RowPanel,
    Stat,
    StateTimeline,
    Table,
    TableSortByField,
    Target,
    Template,
    Templating,
    Time,
    TimeSeries,
)
from grafanalib.influxdb import InfluxDBTarget

from dashboards.current import Json

PROMETHEUS: Final = "$datasource"
INFLUXDB: Final = "$influxdb"
SEVERITY_COLORS: Final = {"critical": "red", "warning": "orange", "info": "blue"}
SEVERITY_RANKS: Final = {
    "3": ("critical", "red"),
    "2": ("warning", "orange"),
    "1": ("info", "blue"),
}
TAKEOVERS: Final = {
    "fails": ("stop", "red"),
    "differs": ("go on, not in order", "orange"),
    "unknown": ("unknown", "text"),
    "fine": ("go on", "green"),
}
"""Verdict of a rehearsed failover -> what calls do then; the worst first."""
_WIDTH: Final = 24
_TAG: Final = "cube-licences"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """How one field of a table is shown."""

    name: str
    title: str = ""
    unit: str = ""
    link: str = ""
    colors: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Value -> (text, color)."""
    width: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """From `value` on the color holds; None: from the lowest."""

    value: float | None
    color: str


GOOD_AT_ZERO: Final = (Limit(value=None, color="green"), Limit(value=1, color="orange"))
BAD_AT_ONE: Final = (Limit(value=None, color="green"), Limit(value=1, color="red"))
PLAIN: Final = (Limit(value=None, color="text"),)
BELOW_ZERO: Final = (Limit(value=None, color="red"), Limit(value=0, color="green"))


def query(expr: str, legend: str = "", *, ref: str = "A") -> Target:
    """A query over the time shown."""
    return Target(expr=expr, legendFormat=legend, refId=ref, datasource=PROMETHEUS)


def now(expr: str, legend: str = "", *, ref: str = "A") -> Target:
    """A query about the newest moment, as one value."""
    return Target(expr=expr, legendFormat=legend, refId=ref, datasource=PROMETHEUS, instant=True)


def rows_of(expr: str, *, ref: str = "A") -> Target:
    """A query about the newest moment, as rows of a table."""
    return Target(expr=expr, refId=ref, datasource=PROMETHEUS, instant=True, format="table")


def flux(text: str, *, ref: str = "A") -> InfluxDBTarget:
    """A query of the long history in InfluxDB 2, in Flux."""
    return InfluxDBTarget(query=text, refId=ref, datasource=INFLUXDB)


def stat(
    title: str,
    target: Target,
    *,
    unit: str = "short",
    limits: Sequence[Limit] = PLAIN,
    description: str = "",
    mappings: Sequence[Json] = (),
) -> Stat:
    """One number; what is unknown is said so and is not 0."""
    return Stat(
        title=title,
        description=description or None,
        dataSource=PROMETHEUS,
        targets=[target],
        format=unit,
        thresholds=_steps(limits),
        graphMode="none",
        colorMode="value",
        reduceCalc="lastNotNull",
        noValue="unknown",
        mappings=list(mappings),
    )


def lines(
    title: str,
    targets: Sequence[Target | InfluxDBTarget],
    *,
    unit: str = "short",
    description: str = "",
    stepped: bool = False,
    source: str = PROMETHEUS,
) -> TimeSeries:
    """Lines over time. A gap is a gap: nothing is drawn across it."""
    return TimeSeries(
        title=title,
        description=description or None,
        dataSource=source,
        targets=list(targets),
        unit=unit,
        lineInterpolation="stepAfter" if stepped else "linear",
        showPoints="never",
        fillOpacity=8,
        tooltipMode="multi",
        tooltipSort="desc",
        legendDisplayMode="table",
        legendCalcs=["lastNotNull", "max"],
        spanNulls=False,
    )


def states(
    title: str,
    targets: Sequence[Target],
    *,
    mappings: Sequence[Json],
    description: str = "",
) -> StateTimeline:
    """A band a series, colored by its state."""
    return StateTimeline(
        title=title,
        description=description or None,
        dataSource=PROMETHEUS,
        targets=list(targets),
        mappings=list(mappings),
        thresholds=[],
        showValue="never",
        mergeValues=True,
        rowHeight=0.8,
        tooltipMode="single",
    )


def table(
    title: str,
    targets: Sequence[Target],
    columns: Sequence[Column],
    *,
    by: str = "",
    sort: str = "",
    description: str = "",
) -> Table:
    """Rows of now. Only `columns` are shown.

    Several queries are joined by the label `by`, or by all labels that they share.
    `sort` names a column; a minus before it: the highest first.
    """
    is_down, column = sort.startswith("-"), sort.removeprefix("-")
    return Table(
        title=title,
        description=description or None,
        dataSource=PROMETHEUS,
        targets=list(targets),
        filterable=True,
        overrides=[_override(one) for one in columns],
        sortBy=[TableSortByField(displayName=column, desc=is_down)] if column else [],
        transformations=list(_shown(columns, by, joined=len(targets) > 1)),
    )


def values(texts: Mapping[str, tuple[str, str]]) -> list[Json]:
    """Value -> (text, color), as Grafana's value mapping."""
    options: dict[str, Json] = {
        value: {"text": text, "color": color, "index": index}
        for index, (value, (text, color)) in enumerate(texts.items())
    }
    return [{"type": "value", "options": options}]


ROLE_COLORS: Final = values(
    {
        "1": ("active", "green"),
        "2": ("standby", "blue"),
        "3": ("other", "orange"),
        "4": ("unknown", "text"),
    }
)
"""For what `promql.roles` answers."""


def _shown(columns: Sequence[Column], by: str, *, joined: bool) -> Iterator[Json]:
    if joined and by:
        yield {"id": "joinByField", "options": {"byField": by, "mode": "outer"}}
    elif joined:
        yield {"id": "merge", "options": {}}
    names: list[Json] = [one.name for one in columns]
    yield {"id": "filterFieldsByName", "options": {"include": {"names": names}}}
    order: dict[str, Json] = {one.name: place for place, one in enumerate(columns)}
    titles: dict[str, Json] = {one.name: one.title for one in columns if one.title}
    yield {"id": "organize", "options": {"indexByName": order, "renameByName": titles}}


def _override(column: Column) -> dict[str, Json]:
    properties: list[Json] = []
    if column.unit:
        properties.append({"id": "unit", "value": column.unit})
    if column.width:
        properties.append({"id": "custom.width", "value": column.width})
    if column.link:
        link: Json = {"title": f"Show {column.title or column.name}", "url": column.link}
        properties.append({"id": "links", "value": [link]})
    words = column.words or {text: (text, color) for text, color in column.colors.items()}
    if words:
        mapped = values(words)
        cell: Json = {"type": "color-text"}
        properties += [
            {"id": "mappings", "value": mapped},
            {"id": "custom.cellOptions", "value": cell},
        ]
    matched: Json = {"id": "byName", "options": column.title or column.name}
    return {"matcher": matched, "properties": properties}


def _steps(limits: Sequence[Limit]) -> list[dict[str, Json]]:
    return [{"value": one.value, "color": one.color} for one in limits]


def heading(title: str) -> RowPanel:
    """A heading over the panels that follow."""
    return RowPanel(title=title, collapsed=False)


def chosen(name: str, metric: str, label: str, *, title: str) -> Template:
    """A variable whose values are those of a label of a metric."""
    return Template(
        name=name,
        label=title,
        query=f"label_values({metric}, {label})",
        dataSource=PROMETHEUS,
        refresh=2,
        sort=1,
    )


def source_variable(name: str, kind: str, default: str) -> Template:
    """A variable that stands for a data source."""
    return Template(name=name, type="datasource", query=kind, default=default, label=kind.title())


def happened(title: str, expr: str, text: str, color: str) -> dict[str, Json]:
    """An annotation wherever a query has a value."""
    return {
        "name": title,
        "datasource": PROMETHEUS,
        "enable": True,
        "hide": False,
        "iconColor": color,
        "target": {"expr": expr, "interval": "60s", "refId": "Annotation"},
        "titleFormat": title,
        "textFormat": text,
        "useValueForTime": False,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A dashboard: `rows` are (height, panels with their widths of 24 in all)."""

    name: str
    title: str
    description: str
    rows: Sequence[tuple[int, Sequence[tuple[int, Panel]]]]
    variables: Sequence[Template] = ()
    annotations: Sequence[dict[str, Json]] = ()
    hours: int = 24
    has_history: bool = False

    @property
    def uid(self) -> str:
        """Never changes: links and bookmarks hang on it."""
        return f"cubemon-{self.name}"

    def dashboard(self) -> Dashboard:
        """As grafanalib has it."""
        sources = [source_variable("datasource", "prometheus", "cubemon-prometheus")]
        if self.has_history:
            sources.append(source_variable("influxdb", "influxdb", "cubemon-influxdb"))
        return Dashboard(
            title=self.title,
            description=self.description,
            uid=self.uid,
            tags=[_TAG],
            timezone="browser",
            refresh="1m",
            editable=False,
            time=Time(start=f"now-{self.hours}h", end="now"),
            templating=Templating(list=[*sources, *self.variables]),
            annotations=Annotations(list=list(self.annotations)),
            links=[_others()],
            panels=list(_placed(self.rows)),
        ).auto_panel_ids()


def link_to(name: str, field_of_row: str) -> str:
    """A link to the dashboard of a device, pair or account that a field of the row names.

    Grafana alone would leave `&`, `#` and `+` of a name as they are, which end it.
    """
    value = f"${{__data.fields.{field_of_row}:percentencode}}"
    return f"/d/cubemon-{name}?var-{name}={value}&${{datasource:queryparam}}"


SUBJECT: Final = link_to("${__data.fields.view}", "subject")
"""Leads to the own view of whatever the row is about; the query says it by `promql.viewed`."""


def _others() -> DashboardLink:
    return DashboardLink(
        asDropdown=True, title="CUBE licences", tags=[_TAG], keepTime=True, includeVars=True
    )


def _placed(rows: Iterable[tuple[int, Sequence[tuple[int, Panel]]]]) -> Iterator[Panel]:
    top = 0
    for height, panels in rows:
        left = 0
        for width, panel in panels:
            if left + width > _WIDTH:
                raise ValueError(f"a row is {left + width} wide, more than {_WIDTH}")
            yield attr.evolve(panel, gridPos=GridPos(h=height, w=width, x=left, y=top))
            left += width
        top += height
