"""The dashboard of a search: which panels, of which metrics."""

from __future__ import annotations

import json
from collections.abc import Sequence

from xlsearch.reporting.grafana.panels import GRID_WIDTH, Dashboard, Panel, Query
from xlsearch.search import metrics
from xlsearch.search.metrics import Metric

UID = "xlsearch"
"""Grafana's name of the dashboard: it lies at ``/d/xlsearch``."""

_TRIAL = ("study", "trial", "method", "learning_rate", "intermediate_tuning")
_LEGEND = "{{trial}}: {{method}} {{learning_rate}}, IT {{intermediate_tuning}}"
_SEEN = ("study", "trial", "method", "learning_rate", "intermediate_tuning", "language", "role")


def search_dashboard() -> Dashboard:
    """The dashboard of one or several studies."""
    return Dashboard(
        uid=UID,
        title="xlsearch",
        panels=(*_head(), *_quality(), *_training(), *_service()),
        variable="study",
        values=f"label_values(ray_{metrics.SEARCH_UP.name}, study)",
    )


def dashboard_text() -> str:
    """What ``dashboards/grafana-xlsearch.json`` holds."""
    return json.dumps(search_dashboard().as_json(), indent=2) + "\n"


def _value(metric: Metric, by: Sequence[str], how: str = "max") -> str:
    """A metric of the chosen studies with only the named labels left: Ray adds more, such as the
    process it comes from, and a search that was started again would show twice."""
    return f'{how} by ({", ".join(by)}) (ray_{metric.name}{{study=~"$study"}})'


def _trials(metric: Metric) -> tuple[Query]:
    return (Query(_value(metric, _TRIAL), _LEGEND),)


def _languages(metric: Metric) -> tuple[Query]:
    return (Query(_value(metric, _SEEN), "{{language}} " + _LEGEND),)


def _study(metric: Metric, legend: str = "{{study}}") -> Query:
    return Query(_value(metric, ("study",)), legend)


def _stat(title: str, description: str, query: Query, unit: str = "none") -> Panel:
    return Panel(title, description, (query,), "stat", unit, width=GRID_WIDTH // 4, height=4)


def _head() -> Sequence[Panel]:
    running = f'sum by (study) (ray_{metrics.TRIALS.name}{{study=~"$study",state="running"}})'
    complete = running.replace('"running"', '"complete"')
    hours = _value(metrics.DEVICE_HOURS, ("study", "device"))
    return (
        _stat("Best objective so far", "Of complete trials.", _study(metrics.BEST)),
        _stat("Trials running", "Handed to a worker.", Query(running, "{{study}}")),
        _stat("Trials complete", "With an objective.", Query(complete, "{{study}}")),
        _stat(
            "Device hours of this launch",
            "GPU hours; hours of CPU cores where there are no GPUs.",
            Query(hours, "{{study}} {{device}}"),
            "h",
        ),
    )


def _quality() -> Sequence[Panel]:
    mean = f'avg by ({", ".join(_TRIAL)}) (ray_{metrics.LCR.name}{{study=~"$study",role="target"}})'
    return (
        Panel(
            "Score by language",
            "At the latest evaluation of each trial. The source language is shown and does not "
            "count in the objective.",
            _languages(metrics.SCORE),
            limits=(0, 100),
        ),
        Panel(
            "LCR by language",
            "Language correct rate: percent of outputs in the language that was asked for.",
            _languages(metrics.LCR),
            unit="percent",
            limits=(0, 100),
        ),
        Panel(
            "Objective by trial",
            "Mean over the target languages of score minus the penalty for wrong languages.",
            _trials(metrics.OBJECTIVE),
        ),
        Panel(
            "LCR by trial",
            "Mean over the target languages. What falls here has a learning rate that is too "
            "large.",
            (Query(mean, _LEGEND),),
            unit="percent",
            limits=(0, 100),
        ),
        Panel(
            "Best objective so far",
            "It never falls while a search goes on.",
            (_study(metrics.BEST),),
            width=GRID_WIDTH,
            height=6,
        ),
    )


def _training() -> Sequence[Panel]:
    done = (
        f"{_value(metrics.STEP, _TRIAL)} / {_value(metrics.STEPS, _TRIAL)}",
        f"{_value(metrics.TUNING_STEP, ('study',))} / {_value(metrics.TUNING_STEPS, ('study',))}",
    )
    since = f"time() - {_value(metrics.LAST_PROGRESS, _TRIAL)}"
    return (
        Panel("Loss", "Of running trials, nats a token.", _trials(metrics.LOSS)),
        Panel(
            "Tokens per second",
            "Source and label tokens of running trials, padding not counted.",
            _trials(metrics.SPEED),
        ),
        Panel(
            "Steps done",
            "Of running trials, and of intermediate tuning.",
            (Query(done[0], _LEGEND), Query(done[1], "intermediate tuning of {{study}}")),
            unit="percentunit",
            limits=(0, 1),
        ),
        Panel(
            "Time left",
            "Estimates until running trials end.",
            _trials(metrics.SECONDS_LEFT),
            unit="s",
        ),
        Panel(
            "Time since the last progress",
            "Of running trials. A trial that hangs is a line that rises.",
            (Query(since, _LEGEND),),
            unit="s",
        ),
        Panel(
            "Trials by state",
            "All trials of the study, those of earlier launches among them.",
            (Query(_value(metrics.TRIALS, ("study", "state"), "sum"), "{{study}} {{state}}"),),
            stacked=True,
        ),
    )


def _service() -> Sequence[Panel]:
    stage = f'sum by (study, stage) (ray_{metrics.TRIALS.name}{{study=~"$study",state="running"}})'
    info = _value(metrics.TRIAL_INFO, (*_TRIAL, "stage", "state", "seed"))
    return (
        Panel(
            "Stage",
            "Running trials by the part of the protocol that asked for them.",
            (Query(stage, "{{study}} {{stage}}"),),
            stacked=True,
        ),
        Panel(
            "Device hours",
            "Time that trials of this launch held GPUs, or CPU cores where there are none.",
            (Query(_value(metrics.DEVICE_HOURS, ("study", "device")), "{{study}} {{device}}"),),
            unit="h",
        ),
        Panel(
            "Disk",
            "Where the root folder is.",
            (
                _study(metrics.DISK_FREE, "{{study}} free"),
                _study(metrics.DISK_SIZE, "{{study}} size"),
            ),
            unit="bytes",
        ),
        Panel(
            "State of each trial",
            "Its stage, state and seed.",
            (Query(info, _LEGEND + ": {{stage}}, {{state}}, seed {{seed}}"),),
        ),
    )
