"""Tables of trials."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from rich.table import Table

from xlsearch.search.recorded_trial import RecordedTrial


def trials_table(trials: Sequence[RecordedTrial], source: str, best: int | None) -> Table:
    """All trials of a study, by method, without and with intermediate tuning, and in each of these
    the largest learning rate first.

    Args:
        trials: The trials.
        source: Source language; shown last.
        best: Number of the chosen trial, which is marked.
    """
    table = Table(title=None, box=None, pad_edge=False)
    repeated = len({trial.point.seed for trial in trials}) > 1
    names = ["trial", "method", "LR", "IT", *(["seed"] if repeated else []), "stage", "state"]
    for name in (*names, "objective", "score", "LCR %"):
        left = name in ("method", "IT", "stage", "state")
        table.add_column(name, justify="left" if left else "right")
    codes = target_languages(trials, source)
    for code in codes:
        table.add_column(code, justify="right")
    table.add_column(source, justify="right")
    methods = list(dict.fromkeys(trial.point.method for trial in trials))
    for trial in sorted(trials, key=lambda t: _place(t, methods)):
        cells = [
            str(trial.number),
            trial.point.method,
            str(trial.point.learning_rate),
            "yes" if trial.point.intermediate_tuning else "no",
            *([str(trial.point.seed)] if repeated else []),
            trial.stage,
            trial.state,
            _number(trial.objective),
            _number(mean_over_targets(trial, source, "score")),
            _number(mean_over_targets(trial, source, "language_correct_rate")),
            *(_language(trial, code) for code in [*codes, source]),
        ]
        table.add_row(*cells, style="bold green" if trial.number == best else None)
    return table


def _place(trial: RecordedTrial, methods: Sequence[str]) -> tuple[int, bool, float, int]:
    point = trial.point
    place = methods.index(point.method)
    return place, point.intermediate_tuning, -float(point.learning_rate), point.seed


def target_languages(trials: Sequence[RecordedTrial], source: str) -> list[str]:
    """The target languages that trials were evaluated in."""
    return sorted({code for trial in trials for code in trial.languages} - {source})


def mean_over_targets(trial: RecordedTrial, source: str, key: str) -> float | None:
    """The mean of a figure over target languages at the evaluation that counts, if any.

    Args:
        trial: The trial.
        source: Source language; does not count.
        key: ``score``, ``language_correct_rate`` or ``mean_length``.
    """
    found = [values[key] for code, values in trial.languages.items() if code != source]
    values = [value for value in found if value is not None]
    return fmean(values) if values else None


def _language(trial: RecordedTrial, code: str) -> str:
    values = trial.languages.get(code)
    if values is None or values["score"] is None or values["language_correct_rate"] is None:
        return "-"
    return f"{values['score']:.1f}/{values['language_correct_rate']:.0f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
