"""What a study measured at each learning rate, averaged over seeds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from xlsearch.config.learning_rate import LearningRate
from xlsearch.reporting.tables import mean_over_targets
from xlsearch.search.recorded_trial import RecordedTrial


@dataclass(frozen=True)
class Figure:
    """A figure over seeds.

    Attributes:
        mean: Over the seeds.
        error: Standard error of the mean; None for a single run, which has none.
    """

    mean: float
    error: float | None = None

    @classmethod
    def over(cls, values: Sequence[float]) -> Figure:
        """The figure of some runs, at least one."""
        error = stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None
        return cls(fmean(values), error)

    def minus(self, other: Figure) -> Figure:
        """The difference, with a standard error where both have one."""
        if self.error is None or other.error is None:
            return Figure(self.mean - other.mean)
        return Figure(self.mean - other.mean, math.hypot(self.error, other.error))

    def show(self, sign: str = "") -> str:
        """The mean with one decimal, ``± error`` behind it; ``sign="+"`` for a difference."""
        return f"{self.mean:{sign}.1f}" + ("" if self.error is None else f" ± {self.error:.1f}")


@dataclass(frozen=True)
class Measured:
    """Complete runs of a method that differ in nothing but the seed.

    Attributes:
        learning_rate: Peak learning rate.
        intermediate_tuning: Whether they began from an intermediate-tuned checkpoint.
        objective: What the search maximised.
        score: Mean over target languages, 0 to 100.
        language_correct_rate: Mean over target languages, percent.
        english: Score in the source language.
        seeds: How many runs.
    """

    learning_rate: LearningRate
    intermediate_tuning: bool
    objective: Figure
    score: Figure
    language_correct_rate: Figure
    english: Figure
    seeds: int = 1


def measured(trials: Iterable[RecordedTrial], source: str) -> dict[str, list[Measured]]:
    """All that was measured, by method, the smallest learning rate first.

    Args:
        trials: Of a study, in the order of their numbers. Where the run of one seed failed, the
            others do not count either, as in the search.
        source: Source language.
    """
    last = {trial.point: trial for trial in trials}
    groups: dict[tuple[str, bool, LearningRate], list[RecordedTrial]] = {}
    for point, trial in last.items():
        key = (point.method, point.intermediate_tuning, point.learning_rate)
        groups.setdefault(key, []).append(trial)
    found: dict[str, list[Measured]] = {}
    for (method, tuned, rate), group in sorted(groups.items(), key=lambda item: item[0]):
        if all(trial.state == "complete" for trial in group):
            found.setdefault(method, []).append(_measured(rate, tuned, group, source))
    return found


def best(found: Sequence[Measured], intermediate_tuning: bool | None = None) -> Measured | None:
    """The best by the objective, as the search decides.

    Of equal ones it is the larger learning rate, then the one without intermediate tuning.

    Args:
        found: Of one method.
        intermediate_tuning: Only with it, or only without; None for both.
    """
    candidates = [one for one in found if intermediate_tuning in (None, one.intermediate_tuning)]
    return max(candidates, key=_rank, default=None)


def _rank(one: Measured) -> tuple[float, LearningRate, bool]:
    return one.objective.mean, one.learning_rate, not one.intermediate_tuning


def _measured(
    rate: LearningRate, tuned: bool, trials: Sequence[RecordedTrial], source: str
) -> Measured:
    def over_targets(key: str) -> Figure:
        means = (mean_over_targets(trial, source, key) for trial in trials)
        return Figure.over([mean for mean in means if mean is not None])

    return Measured(
        rate,
        tuned,
        Figure.over([trial.objective for trial in trials if trial.objective is not None]),
        over_targets("score"),
        over_targets("language_correct_rate"),
        Figure.over([trial.languages[source]["score"] or 0.0 for trial in trials]),
        len(trials),
    )
