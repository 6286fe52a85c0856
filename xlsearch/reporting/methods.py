"""What a search found for each adaptation method: the paper's Tables 4 and 1 of one study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from xlsearch.reporting.measured import Figure, Measured, best, measured
from xlsearch.search.asking import Choice
from xlsearch.search.planner import Done
from xlsearch.search.point import Point
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.study import Study


@dataclass(frozen=True)
class MethodResult:
    """What was found for one method.

    Attributes:
        method: The method.
        preliminary: The point of its preliminary learning rate; None if no run finished.
        best: What was measured at its best point; None if no run finished.
        gain: Score of the best runs with intermediate tuning minus that of the best without; None
            where one of them has no finished run.
        unsettled: Whether noise could turn a decision that led here.
    """

    method: str
    preliminary: Point | None
    best: Measured | None
    gain: Figure | None
    unsettled: bool


def study_results(study: Study) -> list[MethodResult]:
    """The results of all methods of a study with its protocol; none if it has not ended."""
    now = study.plan()
    if not isinstance(now, Done):
        return []
    return method_results(study.trials(), now.choice, study.configuration["source_language"])


def method_results(
    trials: Sequence[RecordedTrial], choice: Choice, source: str
) -> list[MethodResult]:
    """The results of all methods of a finished search.

    Args:
        trials: All trials of the study.
        choice: What its protocol ended with.
        source: Source language; does not count.
    """
    by_method = measured(trials, source)
    results = []
    for method, found in choice.methods.items():
        runs = by_method.get(method, [])
        chosen = [one for one in runs if found.best is not None and _is_at(one, found.best)]
        tuned, without = best(runs, True), best(runs, False)
        gain = tuned.score.minus(without.score) if tuned and without else None
        results.append(
            MethodResult(
                method,
                found.preliminary,
                chosen[0] if chosen else None,
                gain,
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
                "seeds": result.best.seeds,
                **_values("objective", result.best.objective),
                **_values("score", result.best.score),
                **_values("language_correct_rate", result.best.language_correct_rate),
            },
            **_values("intermediate_tuning_gain", result.gain),
            "unsettled": result.unsettled,
        }
        for result in results
    ]


def result_tables(results: Sequence[MethodResult]) -> list[Table]:
    """The best of each method, and what intermediate tuning changed, if any run has it."""
    tables = [best_table(results)] if results else []
    if any(result.gain for result in results):
        tables.append(gain_table(results))
    return tables


def best_table(results: Sequence[MethodResult]) -> Table:
    """The best learning rate of each method, and whether intermediate tuning was chosen (the
    paper's Table 4); ``?`` marks what noise could turn."""
    table = Table(box=None, pad_edge=False, caption_justify="left")
    if any(result.unsettled for result in results):
        table.caption = "? noise could turn this"
    for name in ("method", "best LR", "IT", "objective", "score", "LCR %", "seeds"):
        table.add_column(name, justify="left" if name in ("method", "best LR", "IT") else "right")
    for result in results:
        if result.best is None:
            table.add_row(result.method, *["-"] * 5, "0")
            continue
        found = result.best
        table.add_row(
            result.method,
            f"{found.learning_rate}{' ?' if result.unsettled else ''}",
            "yes" if found.intermediate_tuning else "no",
            *(f.show() for f in (found.objective, found.score, found.language_correct_rate)),
            str(found.seeds),
        )
    return table


def gain_table(results: Sequence[MethodResult]) -> Table:
    """What intermediate tuning changes in the task score (the paper's Table 1)."""
    table = Table(box=None, pad_edge=False)
    table.add_column("method")
    table.add_column("score with IT minus without", justify="right")
    for result in results:
        table.add_row(result.method, "-" if result.gain is None else result.gain.show("+"))
    return table


def _is_at(one: Measured, point: Point) -> bool:
    place = point.learning_rate, point.intermediate_tuning
    return (one.learning_rate, one.intermediate_tuning) == place


def _values(name: str, figure: Figure | None) -> dict[str, float | None]:
    if figure is None:
        return {name: None}
    error = {} if figure.error is None else {f"{name}_error": figure.error}
    return {name: figure.mean, **error}
