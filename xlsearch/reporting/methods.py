"""What a search found for each adaptation method: the paper's Tables 4 and 1 of one study."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Any

from rich.table import Table

from xlsearch.reporting.tables import mean_over_targets
from xlsearch.search.asking import Choice
from xlsearch.search.point import Point
from xlsearch.search.study import RecordedTrial


@dataclass(frozen=True)
class Figure:
    """A figure over the seeds of a point.

    Attributes:
        mean: Over the seeds.
        error: Standard error of the mean; None for a single run.
    """

    mean: float
    error: float | None

    def __str__(self) -> str:
        return f"{self.mean:.1f}" + ("" if self.error is None else f" ± {self.error:.1f}")


@dataclass(frozen=True)
class MethodResult:
    """What was found for one method.

    Attributes:
        method: The method.
        preliminary: The point of its preliminary learning rate; None if no run finished.
        best: Its best point; None if no run finished.
        seeds: Runs of the best point.
        objective, score, language_correct_rate: Of the best point; the latter two as means over
            the target languages at the evaluation that counts.
        gain: Best score with intermediate tuning minus best score without, each at its own best
            learning rate; None where one of them has no finished run.
        unsettled: Whether noise could turn a decision that led here.
    """

    method: str
    preliminary: Point | None
    best: Point | None
    seeds: int
    objective: Figure | None
    score: Figure | None
    language_correct_rate: Figure | None
    gain: float | None
    unsettled: bool


def method_results(
    trials: Sequence[RecordedTrial], choice: Choice, source: str
) -> list[MethodResult]:
    """The results of all methods of a finished search.

    Args:
        trials: All trials of the study.
        choice: What its protocol ended with.
        source: Source language; does not count.
    """
    results = []
    for method, found in choice.methods.items():
        runs = _repeats(found.best, trials)
        results.append(
            MethodResult(
                method,
                found.preliminary,
                found.best,
                len(runs),
                _figure([trial.objective for trial in runs]),
                _figure([mean_over_targets(trial, source, "score") for trial in runs]),
                _figure(
                    [mean_over_targets(trial, source, "language_correct_rate") for trial in runs]
                ),
                _gain([trial for trial in trials if trial.point.method == method], source),
                bool(found.unsettled),
            )
        )
    return results


def results_as_json(results: Sequence[MethodResult]) -> list[dict[str, Any]]:
    """The results as plain values."""
    return [
        {
            "method": result.method,
            "preliminary_learning_rate": result.preliminary
            and float(result.preliminary.learning_rate),
            "best": result.best
            and {
                "learning_rate": float(result.best.learning_rate),
                "intermediate_tuning": result.best.intermediate_tuning,
                "seeds": result.seeds,
                **_values("objective", result.objective),
                **_values("score", result.score),
                **_values("language_correct_rate", result.language_correct_rate),
            },
            "intermediate_tuning_gain": result.gain,
            "unsettled": result.unsettled,
        }
        for result in results
    ]


def best_table(results: Sequence[MethodResult]) -> Table:
    """The best learning rate of each method, and whether intermediate tuning was chosen (the
    paper's Table 4); ``?`` marks what noise could turn."""
    table = Table(box=None, pad_edge=False)
    for name in ("method", "best LR", "IT", "objective", "score", "LCR %", "seeds"):
        table.add_column(name, justify="left" if name in ("method", "IT") else "right")
    for result in results:
        if result.best is None:
            table.add_row(result.method, *["-"] * 5, "0")
            continue
        figures = (result.objective, result.score, result.language_correct_rate)
        table.add_row(
            result.method,
            f"{result.best.learning_rate}{' ?' if result.unsettled else ''}",
            "yes" if result.best.intermediate_tuning else "no",
            *("-" if figure is None else str(figure) for figure in figures),
            str(result.seeds),
        )
    return table


def gain_table(results: Sequence[MethodResult]) -> Table:
    """What intermediate tuning changes in the task score (the paper's Table 1)."""
    table = Table(box=None, pad_edge=False)
    table.add_column("method")
    table.add_column("score with IT minus without", justify="right")
    for result in results:
        table.add_row(result.method, "-" if result.gain is None else f"{result.gain:+.1f}")
    return table


def _repeats(point: Point | None, trials: Sequence[RecordedTrial]) -> list[RecordedTrial]:
    """The finished runs of a point with any seed."""
    return [
        trial
        for trial in trials
        if point is not None
        and trial.state == "complete"
        and replace(trial.point, seed=point.seed) == point
    ]


def _figure(values: Sequence[float | None]) -> Figure | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    error = stdev(known) / math.sqrt(len(known)) if len(known) > 1 else None
    return Figure(fmean(known), error)


def _values(name: str, figure: Figure | None) -> dict[str, float | None]:
    if figure is None:
        return {name: None}
    error = {} if figure.error is None else {f"{name}_error": figure.error}
    return {name: figure.mean, **error}


def _gain(trials: Sequence[RecordedTrial], source: str) -> float | None:
    """The best score with intermediate tuning minus the best without, of one method's trials."""
    best: dict[bool, float] = {}
    first = min((trial.point.seed for trial in trials), default=0)
    for point in {replace(trial.point, seed=first) for trial in trials}:
        runs = _repeats(point, trials)
        figure = _figure([mean_over_targets(trial, source, "score") for trial in runs])
        if figure is not None:
            tuning = point.intermediate_tuning
            best[tuning] = max(figure.mean, best.get(tuning, -math.inf))
    return best[True] - best[False] if len(best) == 2 else None
