"""The figures of a study as numbers: over learning rates, languages and steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xlsearch.config.learning_rate import LearningRate
from xlsearch.reporting.measured import Figure
from xlsearch.reporting.tables import mean_over_targets, target_languages
from xlsearch.runs.remote import fetched
from xlsearch.runs.rows import Row, read_rows
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.study import Study

FIGURES = ("score", "language_correct_rate")
"""What is drawn of each evaluation, both 0 to 100."""

TARGETS = ""
"""In place of a language: the mean over target languages."""


@dataclass(frozen=True)
class Kind:
    """Runs that have a curve of their own.

    Attributes:
        method: Adaptation method.
        intermediate_tuning: Whether they began from an intermediate-tuned checkpoint.
    """

    method: str
    intermediate_tuning: bool

    def describe(self) -> str:
        """In words."""
        return f"{self.method}{', intermediate tuning' if self.intermediate_tuning else ''}"


Curve = Mapping[LearningRate, Figure]
"""A figure over seeds at each learning rate, the smallest first."""


Languages = Mapping[str, Curve]
"""A figure by target language, the source language last; at ``TARGETS`` their mean."""


def learning_rate_curves(
    trials: Iterable[RecordedTrial], source: str
) -> dict[Kind, dict[str, Languages]]:
    """Score and LCR of complete runs over the learning rate.

    Args:
        trials: Of a study, in the order of their numbers; of a run that was lost and tried again
            the later one counts.
        source: Source language.
    """
    last = {trial.point: trial for trial in trials}.values()
    complete = [trial for trial in last if trial.state == "complete"]
    codes = [TARGETS, *target_languages(complete, source), source]
    kinds: dict[Kind, dict[LearningRate, list[RecordedTrial]]] = {}
    for trial in sorted(complete, key=lambda t: t.point.learning_rate):
        point = trial.point
        rates = kinds.setdefault(Kind(point.method, point.intermediate_tuning), {})
        rates.setdefault(point.learning_rate, []).append(trial)
    return {
        kind: {key: {code: _curve(rates, code, source, key) for code in codes} for key in FIGURES}
        for kind, rates in sorted(
            kinds.items(), key=lambda item: (item[0].method, item[0].intermediate_tuning)
        )
    }


def _curve(
    rates: Mapping[LearningRate, Sequence[RecordedTrial]], code: str, source: str, key: str
) -> Curve:
    curve = {}
    for rate, trials in rates.items():
        found = [
            mean_over_targets(trial, source, key)
            if code == TARGETS
            else trial.languages.get(code, {}).get(key)
            for trial in trials
        ]
        values = [value for value in found if value is not None]
        if values:
            curve[rate] = Figure.over(values)
    return curve


Steps = Mapping[int, float]
"""A figure at each evaluated step."""


def step_curves(rows: Iterable[Row], key: str) -> dict[str, dict[LearningRate, Steps]]:
    """A figure over the steps of training, by language and learning rate, averaged over seeds.

    Args:
        rows: Of runs of one kind.
        key: ``score`` or ``language_correct_rate``.
    """
    found: dict[str, dict[LearningRate, dict[int, list[float]]]] = {}
    for row in rows:
        value = getattr(row, key)
        if value is not None:
            steps = found.setdefault(row.language, {}).setdefault(_rate(row), {})
            steps.setdefault(row.step, []).append(value)
    return {
        code: {
            rate: {step: sum(steps[step]) / len(steps[step]) for step in sorted(steps)}
            for rate, steps in sorted(rates.items())
        }
        for code, rates in sorted(found.items())
    }


def rows_by_kind(study: Study, root: Path) -> dict[Kind, list[Row]]:
    """The tidy rows of all runs of a study, of those too that have not ended.

    Args:
        study: The study.
        root: The root folder, where the runs are.
    """
    found: dict[Kind, list[Row]] = {}
    for name in dict.fromkeys(trial.run for trial in study.trials() if trial.run):
        path = fetched(root, f"runs/{name}/evaluations.jsonl")
        for row in read_rows(path) if path.exists() else []:
            found.setdefault(Kind(row.method, row.intermediate_tuning), []).append(row)
    return dict(
        sorted(found.items(), key=lambda item: (item[0].method, item[0].intermediate_tuning))
    )


def _rate(row: Row) -> LearningRate:
    return LearningRate(row.learning_rate)
