"""What a Grafana dashboard is made of, and its JSON (schema of Grafana 10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

GRID_WIDTH = 24
"""Columns of Grafana's grid."""

SCHEMA_VERSION = 38
"""Of Grafana 10.0; later versions read it and bring it up to date themselves."""

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
"""The Prometheus that the dashboard's variable chooses."""


@dataclass(frozen=True)
class Query:
    """One expression of a panel.

    Attributes:
        expression: PromQL; may use the dashboard's variables.
        legend: Name of each series, with labels in double braces.
    """

    expression: str
    legend: str

    def as_json(self, reference: str) -> dict[str, Any]:
        """As Grafana has it, under a letter."""
        return {
            "datasource": DATASOURCE,
            "expr": self.expression,
            "legendFormat": self.legend,
            "range": True,
            "refId": reference,
        }


@dataclass(frozen=True)
class Panel:
    """One plot or one row of figures.

    Attributes:
        title: Above it.
        description: Behind the (i) beside the title.
        queries: What it shows.
        kind: Lines over time, or the latest values.
        unit: Grafana's name of a unit.
        width, height: In the grid's columns and rows.
        limits: Of the axis; None where Grafana is to choose.
        stacked: Whether lines add up.
    """

    title: str
    description: str
    queries: Sequence[Query]
    kind: Literal["timeseries", "stat"] = "timeseries"
    unit: str = "none"
    width: int = 12
    height: int = 8
    limits: tuple[float, float] | None = None
    stacked: bool = False

    def as_json(self, number: int, x: int, y: int) -> dict[str, Any]:
        """As Grafana has it, with its id and at its place."""
        defaults: dict[str, Any] = {"unit": self.unit, "custom": {}}
        if self.limits is not None:
            defaults["min"], defaults["max"] = self.limits
        if self.kind == "timeseries":
            # A line is drawn over the seconds that lie between two evaluations of one series, and
            # broken where a trial has ended.
            defaults["custom"] = {
                "fillOpacity": 30 if self.stacked else 0,
                "showPoints": "auto",
                "spanNulls": 60_000,
                "stacking": {"mode": "normal" if self.stacked else "none", "group": "A"},
            }
            options: dict[str, Any] = {
                "legend": {"calcs": ["lastNotNull"], "displayMode": "table", "placement": "right"},
                "tooltip": {"mode": "multi", "sort": "desc"},
            }
        else:
            options = {"colorMode": "none", "reduceOptions": {"calcs": ["lastNotNull"]}}
        return {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "datasource": DATASOURCE,
            "fieldConfig": {"defaults": defaults, "overrides": []},
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "options": options,
            "targets": [
                query.as_json(chr(ord("A") + index)) for index, query in enumerate(self.queries)
            ],
        }


@dataclass(frozen=True)
class Dashboard:
    """Panels, filled into the grid line by line.

    Attributes:
        uid: Grafana's name of it, part of its address.
        title: Its title.
        panels: In reading order.
        variable: Name of the label that one study is chosen by.
        values: Query of its values.
    """

    uid: str
    title: str
    panels: Sequence[Panel]
    variable: str
    values: str

    def as_json(self) -> dict[str, Any]:
        """The whole dashboard as Grafana imports it."""
        return {
            "annotations": {"list": []},
            "editable": True,
            "graphTooltip": 1,
            "links": [],
            "panels": self._placed(),
            "refresh": "10s",
            "schemaVersion": SCHEMA_VERSION,
            "tags": ["ray", "xlsearch"],
            "templating": {"list": [_datasource_variable(), self._variable()]},
            "time": {"from": "now-1h", "to": "now"},
            "timezone": "browser",
            "title": self.title,
            "uid": self.uid,
            "version": 1,
        }

    def _placed(self) -> list[dict[str, Any]]:
        placed, x, y, line = [], 0, 0, 0
        for number, panel in enumerate(self.panels, start=1):
            if x + panel.width > GRID_WIDTH:
                x, y, line = 0, y + line, 0
            placed.append(panel.as_json(number, x, y))
            x, line = x + panel.width, max(line, panel.height)
        return placed

    def _variable(self) -> dict[str, Any]:
        return {
            "name": self.variable,
            "type": "query",
            "datasource": DATASOURCE,
            "query": {"query": self.values, "refId": "values"},
            "definition": self.values,
            "refresh": 2,
            "sort": 1,
            "multi": True,
            "includeAll": True,
            "allValue": ".+",
            "current": {"text": ["All"], "value": ["$__all"]},
            "hide": 0,
        }


def _datasource_variable() -> dict[str, Any]:
    return {
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
        "refresh": 1,
        "multi": False,
        "includeAll": False,
        "hide": 0,
    }
