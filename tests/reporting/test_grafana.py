"""The Grafana dashboard: the file that is shipped, its layout, and the names in its expressions."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from xlsearch.reporting.grafana.search import dashboard_text
from xlsearch.search.metrics import METRICS

FOLDER = Path(__file__).parents[2] / "dashboards"
LABELS = {f"ray_{metric.name}": set(metric.labels) for metric in METRICS}


@pytest.fixture(scope="module")
def dashboard() -> dict[str, Any]:
    return dict(json.loads((FOLDER / "grafana-xlsearch.json").read_text(encoding="utf-8")))


def dashboard_expressions(dashboard: dict[str, Any]) -> list[str]:
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def alert_expressions() -> list[str]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule["expr"] for group in groups for rule in group["rules"]]


def test_the_file_is_what_the_generator_says() -> None:
    shipped = (FOLDER / "grafana-xlsearch.json").read_text(encoding="utf-8")
    assert shipped == dashboard_text(), (
        "run: python -m xlsearch.reporting.grafana > dashboards/grafana-xlsearch.json"
    )


def test_panels_have_ids_of_their_own_and_do_not_overlap(dashboard: dict[str, Any]) -> None:
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x, y in itertools.product(
            range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        )
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) == 23  # Grafana's grid has 24 columns
    for panel in panels:
        letters = [target["refId"] for target in panel["targets"]]
        assert len(set(letters)) == len(letters) > 0


def test_it_is_for_grafana_10(dashboard: dict[str, Any]) -> None:
    """Version 36 of the schema, of Grafana 9, was the last with datasources by name alone."""
    assert dashboard["schemaVersion"] > 36
    names = {variable["name"] for variable in dashboard["templating"]["list"]}
    assert names == {"datasource", "study"}
    sources = [item["datasource"] for panel in dashboard["panels"] for item in panel["targets"]]
    assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources)
    text = json.dumps(dashboard)
    assert set(re.findall(r"\$\{?(\w+)", text)) - {"__all"} == names


def test_expressions_and_legends_name_only_what_there_is(dashboard: dict[str, Any]) -> None:
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            kept = re.findall(r"by \(([^)]*)\) \(", target["expr"])
            shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            assert all(shown <= set(labels.split(", ")) for labels in kept), panel["title"]
    for expression in (*dashboard_expressions(dashboard), *alert_expressions()):
        used = re.findall(r"(ray_\w+)(?:\{([^}]*)\})?", expression)
        assert used or "up{" in expression
        for name, choice in used:
            assert set(re.findall(r"(\w+)(?:=~|=)", choice)) <= LABELS[name], expression
        # One metric's expression keeps labels of that metric only.
        for labels, name in re.findall(r"by \(([^)]*)\)\s*\((ray_\w+)", expression):
            assert set(labels.split(", ")) <= LABELS[name], expression


def test_every_metric_is_shown(dashboard: dict[str, Any]) -> None:
    text = " ".join((json.dumps(dashboard), *alert_expressions()))
    assert [name for name in LABELS if not re.search(rf"{name}\b", text)] == []
