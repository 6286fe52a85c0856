"""XLRS against score and language correct rate over the runs of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.table import Table

from xlsearch.reporting.correlation import pearson, spearman
from xlsearch.runs.remote import fetched
from xlsearch.runs.rows import Row, read_rows
from xlsearch.search.study import Study

_FIGURES = ("language_correct_rate", "score")


@dataclass(frozen=True)
class Evaluated:
    """An evaluation of a run: means over target languages.

    Attributes:
        step: Updates done before it.
        xlrs: Over the languages with parallel sentences; None if there are none.
        score, language_correct_rate: None if the run diverged.
    """

    step: int
    xlrs: float | None
    score: float | None
    language_correct_rate: float | None


@dataclass(frozen=True)
class EvaluatedRun:
    """A run of a study with its evaluations.

    Attributes:
        run: Name of its run folder.
        method, learning_rate, intermediate_tuning, seed: Of the run.
        evaluations: In the order of their steps, at least one.
    """

    run: str
    method: str
    learning_rate: float
    intermediate_tuning: bool
    seed: int
    evaluations: list[Evaluated]


def evaluated_runs(study: Study, root: Path) -> list[EvaluatedRun]:
    """The runs of a study that have an evaluation, by method and falling learning rate.

    Args:
        study: The study.
        root: The root folder, where the run folders are.
    """
    source = study.configuration["source_language"]
    found = []
    for name in {trial.run for trial in study.trials() if trial.run is not None}:
        path = fetched(root, f"runs/{name}/evaluations.jsonl")
        rows = read_rows(path) if path.exists() else []
        if rows:
            found.append(_run(name, rows, source))
    return sorted(
        found, key=lambda run: (run.method, -run.learning_rate, run.intermediate_tuning, run.seed)
    )


def similarity_report(study: str, runs: Sequence[EvaluatedRun]) -> dict[str, Any]:
    """The runs at their last evaluation, and how XLRS goes with the other figures.

    Args:
        study: The study's name.
        runs: Its runs.

    Returns:
        ``{"study", "runs", "correlations", "correlations_over_evaluations"}``: each run with its
        figures at the last evaluation and, under ``evaluations``, at all of them; correlations
        over the runs' last evaluations, and over all evaluations. Those of one run are not
        independent, so the intervals of the latter are too narrow.
    """
    last = [run.evaluations[-1] for run in runs]
    every = [evaluation for run in runs for evaluation in run.evaluations]
    return {
        "study": study,
        "runs": [{**asdict(run), **asdict(run.evaluations[-1])} for run in runs],
        "correlations": _correlations(last),
        "correlations_over_evaluations": _correlations(every),
    }


def similarity_table(runs: Sequence[EvaluatedRun]) -> Table:
    """The runs at their last evaluation."""
    table = Table(box=None, pad_edge=False)
    for name in ("run", "method", "LR", "IT", "seed", "step", "XLRS", "score", "LCR %"):
        table.add_column(name, justify="left" if name in ("run", "method", "IT") else "right")
    for run in runs:
        last = run.evaluations[-1]
        table.add_row(
            run.run,
            run.method,
            f"{run.learning_rate:g}",
            "yes" if run.intermediate_tuning else "no",
            str(run.seed),
            str(last.step),
            _number(last.xlrs, 3),
            _number(last.score, 1),
            _number(last.language_correct_rate, 1),
        )
    return table


def similarity_sentences(report: dict[str, Any]) -> list[str]:
    """The correlations of ``similarity_report`` in words, one line each."""
    lines = []
    for key, over in (
        ("correlations", "runs at their last evaluation"),
        ("correlations_over_evaluations", "evaluations"),
    ):
        for figure, name in (("language_correct_rate", "LCR"), ("score", "score")):
            found = report[key][figure]
            kinds = [
                f"{kind.capitalize()} {_interval(found[kind])}" for kind in ("pearson", "spearman")
            ]
            lines.append(f"XLRS with {name} over {found['n']} {over}: {', '.join(kinds)}")
    return lines


def _run(name: str, rows: Sequence[Row], source: str) -> EvaluatedRun:
    first = rows[0]
    evaluations = []
    for step in sorted({row.step for row in rows}):
        targets = [row for row in rows if row.step == step and row.language != source]
        evaluations.append(
            Evaluated(
                step,
                _mean([row.xlrs for row in targets]),
                _mean([row.score for row in targets]),
                _mean([row.language_correct_rate for row in targets]),
            )
        )
    return EvaluatedRun(
        name,
        first.method,
        first.learning_rate,
        first.intermediate_tuning,
        first.seed,
        evaluations,
    )


def _correlations(evaluations: Sequence[Evaluated]) -> dict[str, Any]:
    found = {}
    for figure in _FIGURES:
        pairs = [
            (e.xlrs, value)
            for e in evaluations
            if e.xlrs is not None and (value := getattr(e, figure)) is not None
        ]
        alike, values = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        both = {"pearson": pearson(alike, values), "spearman": spearman(alike, values)}
        found[figure] = {
            **{kind: asdict(value) if value else None for kind, value in both.items()},
            "n": len(pairs),
        }
    return found


def _mean(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return fmean(there) if there else None


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _interval(found: dict[str, float] | None) -> str:
    if found is None:
        return "- (too few, or all equal)"
    return f"{found['value']:+.2f} (95 % CI {found['low']:+.2f} to {found['high']:+.2f})"
