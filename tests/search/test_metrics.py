"""A search's metrics against what it was told, with a clock of the test's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xlsearch.config.learning_rate import LearningRate
from xlsearch.runs.rows import Row
from xlsearch.search.metrics import (
    BEST,
    DEVICE_HOURS,
    LAST_PROGRESS,
    LCR,
    LOSS,
    METRICS,
    OBJECTIVE,
    SCORE,
    STEP,
    TRIAL_INFO,
    TRIALS,
    Metric,
    Sample,
    SearchMetrics,
)
from xlsearch.search.point import Point
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.trial.report import IntermediateReport, TrialReport


class Clock:
    """Stands still unless told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def trial(number: int, state: str = "running", objective: float | None = None) -> RecordedTrial:
    point = Point("full", LearningRate("3e-4"), False, 0)
    languages: dict[str, dict[str, float | None]] = {}
    if objective is not None:
        values = {"score": objective, "language_correct_rate": 100.0, "mean_length": 9.0}
        languages = {"fr": dict(values), "en": dict(values)}
    return RecordedTrial(
        number, point, "decades", "run", state, objective, languages, None, state == "fail"
    )


def row(language: str, score: float | None, rate: float) -> Row:
    return Row("t", "m", "full", False, 3e-4, 0, 2, language, score, rate, 9.0, "s")


def search(clock: Clock, trials: Sequence[RecordedTrial] = (), devices: float = 1) -> SearchMetrics:
    return SearchMetrics("study", "en", trials, "gpu", devices, Path("/"), clock)


def of(samples: list[Sample], metric: Metric) -> list[Sample]:
    return [sample for sample in samples if sample.metric is metric]


def test_every_metric_comes_with_just_its_labels() -> None:
    metrics = search(Clock(), [trial(0, "complete", 50.0)])
    metrics.started(trial(1))
    metrics.tuning(IntermediateReport("train", 1, 4))
    metrics.reported(1, TrialReport("train", 2, 6, 1.5, 900.0, 3.0), 40.0)
    metrics.reported(1, TrialReport("train", 2, 6, 1.5, 900.0, 3.0, (row("fr", 8.0, 90.0),)), 40.0)
    samples = metrics.samples()
    assert {sample.metric for sample in samples} == set(METRICS)
    assert all(set(sample.labels) == set(sample.metric.labels) for sample in samples)
    series = [(s.metric.name, *sorted(s.labels.items())) for s in samples]
    assert len(series) == len(set(series))
    assert {s.labels["learning_rate"] for s in of(samples, LOSS)} == {"3e-4"}


def test_figures_of_a_running_trial_vanish_when_it_ends_and_results_stay() -> None:
    clock = Clock()
    metrics = search(clock)
    metrics.started(trial(0))
    rows = (row("fr", 30.0, 60.0), row("en", None, 100.0))
    metrics.reported(0, TrialReport("train", 2, 6, 1.5, 900.0, 3.0, rows), 26.0)
    clock.now += 7
    metrics.reported(0, TrialReport("train", 3, 6, 1.4, 900.0, 2.0), 26.0)
    clock.now += 5
    running = metrics.samples()
    assert [s.value for s in of(running, STEP)] == [3.0]
    assert [s.value for s in of(running, LAST_PROGRESS)] == [1007.0]
    assert [s.value for s in of(running, OBJECTIVE)] == [26.0]
    assert [(s.labels["language"], s.value) for s in of(running, SCORE)] == [("fr", 30.0)]
    rates = {(s.labels["language"], s.labels["role"]): s.value for s in of(running, LCR)}
    assert rates == {("fr", "target"): 60.0, ("en", "source"): 100.0}
    assert not of(running, BEST)

    metrics.ended(trial(0, "complete", 25.0))
    ended = metrics.samples()
    assert not any(of(ended, metric) for metric in (LOSS, STEP, LAST_PROGRESS))
    assert [s.value for s in of(ended, OBJECTIVE)] == [25.0]
    assert [s.labels["state"] for s in of(ended, TRIAL_INFO)] == ["complete"]
    assert {s.labels["language"] for s in of(ended, SCORE)} == {"fr", "en"}


def test_trials_are_counted_by_state_and_the_best_is_the_largest() -> None:
    trials = [trial(0, "complete", -9.0), trial(1, "complete", -3.0), trial(2, "fail")]
    metrics = search(Clock(), trials)
    metrics.started(trial(3))
    counted = {s.labels["state"]: s.value for s in of(metrics.samples(), TRIALS)}
    assert counted == {"waiting": 0, "running": 1, "complete": 2, "pruned": 0, "fail": 1}
    [best] = of(metrics.samples(), BEST)
    assert (best.labels["trial"], best.value) == ("1", -3.0)


def test_device_hours_are_those_that_trials_and_tuning_held() -> None:
    clock = Clock()
    metrics = search(clock, [trial(9, "complete", 1.0)], devices=2)
    hours = []

    def note() -> None:
        [sample] = of(metrics.samples(), DEVICE_HOURS)
        hours.append(sample.value)

    note()
    metrics.started(trial(0))
    metrics.tuning(IntermediateReport("train", 0, 4))
    clock.now += 1800
    note()
    metrics.ended(trial(0, "fail"))
    clock.now += 3600
    note()
    metrics.tuning(IntermediateReport("complete", 4, 4))
    clock.now += 3600
    note()
    # Half an hour of two places, an hour of one, nothing; two GPUs each.
    assert hours == [0.0, 2.0, 4.0, 4.0]


def test_the_hours_of_a_lost_worker_are_not_forgotten() -> None:
    """Nor those counted in which its trial waited for another."""
    clock = Clock()
    metrics = search(clock)
    metrics.started(trial(0))
    clock.now += 3600
    metrics.reported(0, TrialReport("train", 1, 6), None)
    clock.now += 900  # then its worker is lost, and found to be
    metrics.started(trial(0))
    clock.now += 1800
    metrics.ended(trial(0, "complete", 1.0))
    [sample] = of(metrics.samples(), DEVICE_HOURS)
    assert sample.value == 1.5


def test_a_report_of_an_unknown_trial_changes_nothing() -> None:
    metrics = search(Clock(), [replace(trial(0), state="complete", objective=1.0)])
    before = [s for s in metrics.samples() if "disk" not in s.metric.name]
    metrics.reported(0, TrialReport("train", 3, 6, 1.4), 26.0)
    assert [s for s in metrics.samples() if "disk" not in s.metric.name] == before
