"""What Tune tells a searcher, for tests without a cluster."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from xlsearch.runs.rows import Row
from xlsearch.search.ray_tune.searcher import StudySearcher
from xlsearch.search.ray_tune.trainable import REPORT
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.trial.report import IntermediateReport, TrialReport

MakeSearcher = Callable[..., StudySearcher]


class Listener:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    def started(self, trial: RecordedTrial) -> None:
        self.told.append(("started", trial.number))

    def reported(self, number: int, report: TrialReport, objective: float | None) -> None:
        self.told.append((report.phase, number))

    def tuning(self, report: IntermediateReport) -> None:
        raise AssertionError("no point needs it")

    def ended(self, trial: RecordedTrial) -> None:
        self.told.append((trial.state, trial.number))


def row(language: str, score: float | None, step: int) -> Row:
    return Row("xlsum", "mbart", "full", False, 1e-3, 0, step, language, score, 99.7, 9.0, "f1")


def result(phase: str, step: int, *rows: Row) -> dict[str, Any]:
    return {REPORT: json.dumps(asdict(TrialReport(phase, step, 6, rows=rows)))}


def begin(searcher: StudySearcher, trial_id: str) -> dict[str, Any]:
    config = searcher.suggest(trial_id)
    assert isinstance(config, dict)
    return config
