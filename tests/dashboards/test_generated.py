"""The dashboards as they are committed: equal to their source, right in form, about what exists."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboards.__main__ import FOLDER, PAGES, main, written
from dashboards.current import SCHEMA_VERSION, Json, brought_up
from dashboards.panels import Page
from dashboards.promql import viewed
from monitor.evaluate.alerting.recording import ANY_RULE
from monitor.evaluate.rule import Rule, Scope

REFERENCE = Path(__file__).parents[2] / "docs" / "metrics.md"
OWN_OF_PROMETHEUS = {"ALERTS": {"alertname", "alertstate", "severity", "rule", "subject"}}
VIEW = "${__data.fields.view}"
VIEWS = {
    Scope.DEVICE: "device", Scope.PAIR: "pair", Scope.ACCOUNT: "account",
    Scope.SHARED: "collection",
}  # fmt: skip
BY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda one: one.name)


def exposed() -> dict[str, set[str]]:
    """Metric -> labels, by the reference (which is itself tested against the code)."""
    rows = re.findall(r"^\| `(cube_\w+)` \| ([^|]*) \|(.*)", REFERENCE.read_text(), re.M)
    found: dict[str, set[str]] = dict(OWN_OF_PROMETHEUS)
    for name, labels, meaning in rows:
        found[name] = set(re.findall(r"`(\w+)`", labels))
        if "histogram" in meaning:
            for part in ("_bucket", "_sum", "_count"):
                found[name + part] = found[name] | {"le"}
    return found


def dashboard(page: Page) -> dict[str, Any]:
    found = json.loads(written(page))
    assert isinstance(found, dict)
    return found


@BY_PAGE
def test_what_is_committed_is_what_is_generated(page: Page) -> None:
    committed = (FOLDER / f"{page.name}.json").read_text()
    assert committed == written(page), "run: python -m dashboards"


def test_nothing_else_is_committed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(
        one.name for one in FOLDER.glob("*.json")
    )
    assert capsys.readouterr().out.count("\n") == len(PAGES)


@BY_PAGE
def test_the_schema_is_current(page: Page) -> None:
    text = written(page)
    shown = dashboard(page)
    assert shown["schemaVersion"] == SCHEMA_VERSION
    assert shown["uid"] == f"cubemon-{page.name}"
    assert not re.search(r'"datasource": "', text)
    kinds = {panel["type"] for panel in shown["panels"]}
    assert kinds <= {"row", "stat", "table", "timeseries", "state-timeline"}


@BY_PAGE
def test_panels_neither_overlap_nor_leave_the_page(page: Page) -> None:
    taken: set[tuple[int, int]] = set()
    ids = [panel["id"] for panel in dashboard(page)["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in dashboard(page)["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


def test_links_lead_to_dashboards_and_variables_that_exist() -> None:
    known = {page.uid: dashboard(page) for page in PAGES}
    links = [link for page in PAGES for link in re.findall(r'"url": "([^"]+)"', written(page))]
    assert links
    assert any(VIEW in link for link in links)
    for link in (link.replace(VIEW, view) for link in links for view in VIEWS.values()):
        found = re.match(r"/d/([\w-]+)\?var-(\w+)=[$][{]__data.fields.\w+:percentencode[}]", link)
        assert found is not None, link
        variables = {one["name"] for one in known[found[1]]["templating"]["list"]}
        # Shared causes have a page without a choice: the name in the address does no harm there.
        assert found[2] in variables or found[2] == "collection"


def _tables() -> Iterator[tuple[str, dict[str, Any]]]:
    for page in PAGES:
        for panel in dashboard(page)["panels"]:
            if panel["type"] == "table":
                yield f"{page.name}: {panel['title']}", panel


def _shown(panel: dict[str, Any]) -> list[str]:
    names = next(one for one in panel["transformations"] if one["id"] == "filterFieldsByName")
    return list(names["options"]["include"]["names"])


def test_links_are_made_of_columns_that_are_shown() -> None:
    """What a table filters away is not there for the link, either."""
    for place, panel in _tables():
        renamed = next(one for one in panel["transformations"] if one["id"] == "organize")
        known = {*_shown(panel), *renamed["options"]["renameByName"].values()}
        for field in re.findall(r"__data\.fields\.(\w+)", json.dumps(panel["fieldConfig"])):
            assert field in known, f"{place}: {field}"


def test_names_of_devices_pairs_and_accounts_lead_to_their_own_views() -> None:
    for place, panel in _tables():
        overrides = {
            one["matcher"]["options"]: json.dumps(one["properties"])
            for one in panel["fieldConfig"]["overrides"]
        }
        for name in {"account", "pair", "device"} & overrides.keys():
            own = place.split(":")[0] == name
            assert own or f"/d/cubemon-{name}?" in overrides[name], f"{place}: {name}"
        if "view" in _shown(panel):
            assert VIEW in overrides["subject"], place
        else:  # A table of one kind of subject, which stands on its own page.
            assert "subject" not in overrides or place.startswith("collection"), place


@pytest.mark.parametrize("rule", ANY_RULE, ids=lambda one: one.name)
def test_the_subject_of_a_rule_is_looked_at_where_its_scope_says(rule: Rule[Any]) -> None:
    replaced = re.findall(r'"view", "(\w+)", "rule", "([^"]*)"', viewed("X"))
    views = [view for view, pattern in replaced if re.fullmatch(pattern, rule.name)]
    assert views[-1] == VIEWS[rule.scope]


def test_the_page_about_dashboards_names_each_of_them() -> None:
    text = (REFERENCE.parent / "dashboards.md").read_text()
    named = dict(re.findall(r"^\| `(cubemon-\w+)` \| ([^|]+) \|", text, re.M))
    assert named == {page.uid: page.title.removeprefix("CUBE licences: ") for page in PAGES}


def test_what_has_no_rule_is_about_the_monitor() -> None:
    replaced = re.findall(r'"view", "(\w+)", "rule", "([^"]*)"', viewed("X"))
    assert [view for view, pattern in replaced if re.fullmatch(pattern, "")] == ["collection"]


def test_every_metric_and_label_exists(asked: Any) -> None:
    known = exposed()
    for place, text, is_flux in asked:
        if is_flux:
            continue
        for name, labels in re.findall(r"\b(cube_\w+|ALERTS)\b(?:\{([^}]*)\})?", text):
            assert name in known, f"{place}: {name}"
            said = set(re.findall(r"(\w+)(?:=~|!~|!=|=)", labels))
            assert said <= known[name], f"{place}: {name} has no {said - known[name]}"


def test_columns_of_tables_are_labels_or_values() -> None:
    known = exposed()
    for place, panel in _tables():
        asked = json.dumps(panel["targets"])
        metrics = re.findall(r"\b(cube_\w+|ALERTS)\b", asked)
        labels = set().union(*(known[name] for name in metrics))
        labels |= {"view"} if "label_replace" in asked else set()
        for name in _shown(panel):
            assert name in labels or name.startswith("Value"), f"{place}: {name}"


def test_variables_are_asked_of_labels_that_exist() -> None:
    known = exposed()
    for page in PAGES:
        for variable in dashboard(page)["templating"]["list"]:
            if variable["type"] == "query":
                found = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"])
                assert found is not None
                assert found[2] in known[found[1]]


def test_monitors_side_by_side_are_one(asked: Any) -> None:
    """No query of the fleet sees two monitors as two."""
    for place, text, is_flux in asked:
        if not is_flux and re.search(r"\bcube_(?!monitor_)", text):
            assert re.search(r"without \(instance, job|by \(\w+", text), f"{place}: {text}"


@pytest.mark.parametrize(
    ("written_so", "current"),
    [
        ({"a": None, "b": [{"c": None}]}, {"b": [{}]}),
        (
            {"steps": [{"value": None, "color": "red"}]},
            {"steps": [{"value": None, "color": "red"}]},
        ),
        (
            {"datasource": "$influxdb"},
            {"datasource": {"type": "influxdb", "uid": "${influxdb}"}},
        ),
        ({"datasource": "My own"}, {"datasource": "My own"}),
        ({"rows": [], "style": "dark"}, {}),
    ],
)
def test_old_forms_are_brought_up_to_date(written_so: Json, current: dict[str, Json]) -> None:
    found = brought_up(written_so)
    for key in ("panels", "schemaVersion", "templating", "timepicker"):
        found.pop(key)
    assert found == current


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(TypeError, match="an object was expected, not list"):
        brought_up([])


def test_tables_of_several_queries_say_how_rows_come_together() -> None:
    """Joined by a field that is named, or merged by all labels; by nothing would be by time."""
    for page in PAGES:
        for panel in dashboard(page)["panels"]:
            if panel["type"] != "table" or len(panel["targets"]) == 1:
                continue
            how = panel["transformations"][0]
            assert how["id"] == "merge" or how["options"]["byField"], panel["title"]


def test_no_zero_is_shown_while_no_monitor_is_heard(asked: Any) -> None:
    for place, text, _ in asked:
        assert "vector(0)" not in text, place


def test_what_is_chosen_from_is_known_of_everything() -> None:
    """A pair whose readiness nobody knows, or an account without purchases, can be looked at."""
    asked_of = {
        variable["name"]: variable["query"]
        for page in PAGES
        for variable in dashboard(page)["templating"]["list"]
        if variable["type"] == "query"
    }
    assert asked_of == {
        "account": "label_values(cube_account_in_use, account)",
        "pair": "label_values(cube_pair_role, pair)",
        "device": "label_values(cube_device_info, device)",
    }
