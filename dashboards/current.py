"""The one place where what grafanalib writes is brought up to a current Grafana's schema.

grafanalib 0.7 writes schema version 12: data sources as words, empty keys as null, and keys of
panels that Grafana dropped long ago. Grafana would migrate that at each load; here it is done once.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

SCHEMA_VERSION: Final = 39
"""Grafana 10.3 and later read it as it is."""

SOURCES: Final[Mapping[str, str]] = {"$datasource": "prometheus", "$influxdb": "influxdb"}
"""Variable -> type of the data source it stands for."""

_DROPPED_OF_DASHBOARD: Final = frozenset(
    {"__inputs", "gnetId", "hideControls", "rows", "sharedCrosshair", "style"}
)
_DROPPED_OF_PANEL: Final = frozenset(
    {
        "cacheTimeout",
        "color",
        "columns",
        "displayMode",
        "editable",
        "error",
        "fontSize",
        "height",
        "hideTimeOverride",
        "minSpan",
        "showHeader",
        "span",
        "isNew",
        "mappings",
        "styles",
        "sort",
    }
)
_KEPT_OF_ROW: Final = frozenset({"collapsed", "gridPos", "id", "panels", "title", "type"})
_KEPT_OF_VARIABLE: Final = frozenset(
    {
        "datasource",
        "hide",
        "includeAll",
        "label",
        "multi",
        "name",
        "query",
        "refresh",
        "sort",
        "type",
    }
)
_DROPPED_OF_TARGET: Final = frozenset({"intervalFactor", "metric", "step", "target"})


def brought_up(written: Json) -> dict[str, Json]:
    """A dashboard as grafanalib writes it, in the current schema."""
    dashboard = _whole(_without_nulls(written))
    dashboard = _without(dashboard, _DROPPED_OF_DASHBOARD)
    templating = _whole(dashboard.get("templating", {}))
    templating["list"] = [_variable(_whole(one)) for one in _listed(templating.get("list"))]
    dashboard["templating"] = templating
    dashboard["panels"] = [_panel(_whole(one)) for one in _listed(dashboard.get("panels"))]
    dashboard["schemaVersion"] = SCHEMA_VERSION
    dashboard["timepicker"] = {}
    return _whole(_with_sources(dashboard))


def _variable(variable: dict[str, Json]) -> dict[str, Json]:
    """What was chosen last belongs to whoever looks; only a data source has a default."""
    kept = {key: one for key, one in variable.items() if key in _KEPT_OF_VARIABLE}
    if variable.get("type") == "datasource":
        chosen = _whole(variable.get("current", {}))
        kept["current"] = {"text": chosen.get("text"), "value": chosen.get("value")}
    return kept


def _panel(panel: dict[str, Json]) -> dict[str, Json]:
    if panel.get("type") == "row":
        return {key: value for key, value in panel.items() if key in _KEPT_OF_ROW}
    panel = _without(panel, _DROPPED_OF_PANEL)
    targets = _listed(panel.get("targets"))
    panel["targets"] = [_without(_whole(one), _DROPPED_OF_TARGET) for one in targets]
    return _whole(_walked(panel, _completed))


def _completed(entries: dict[str, Json]) -> dict[str, Json]:
    """What newer versions of Grafana want said of legends, tooltips and cells."""
    if isinstance(entries.get("legend"), dict):
        legend = _whole(entries["legend"])
        entries = {**entries, "legend": {"calcs": [], "showLegend": True, **legend}}
    if isinstance(entries.get("tooltip"), dict):
        entries = {**entries, "tooltip": {"sort": "none", **_whole(entries["tooltip"])}}
    if {"align", "displayMode", "filterable"} <= entries.keys():
        shown = {"type": entries["displayMode"]}
        entries = {**_without(entries, frozenset({"displayMode"})), "cellOptions": shown}
    return entries


def _with_sources(value: Json) -> Json:
    """`datasource: "$name"` becomes an object with type and uid, wherever it stands."""
    return _walked(value, _source)


def _source(entries: dict[str, Json]) -> dict[str, Json]:
    said = entries.get("datasource")
    if isinstance(said, str) and said in SOURCES:
        return {**entries, "datasource": {"type": SOURCES[said], "uid": f"${{{said[1:]}}}"}}
    return entries


def _without_nulls(value: Json) -> Json:
    return _walked(value, _said)


def _said(entries: dict[str, Json]) -> dict[str, Json]:
    """Without what is null; but the lowest step of a threshold has no number, and says so."""
    is_step = "color" in entries and "value" in entries
    return {
        key: one for key, one in entries.items() if one is not None or (is_step and key == "value")
    }


def _walked(value: Json, change: Callable[[dict[str, Json]], dict[str, Json]]) -> Json:
    if isinstance(value, dict):
        return {key: _walked(one, change) for key, one in change(value).items()}
    if isinstance(value, list):
        return [_walked(one, change) for one in value]
    return value


def _without(entries: dict[str, Json], names: frozenset[str]) -> dict[str, Json]:
    return {key: value for key, value in entries.items() if key not in names}


def _whole(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise TypeError(f"an object was expected, not {type(value).__name__}")
    return value


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
