"""The sentence that says why the winner won."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from xlsearch.config.learning_rate import LearningRate
from xlsearch.reporting.tables import mean_over_targets
from xlsearch.search.recorded_trial import RecordedTrial

_WRONG_LANGUAGE = 10.0
"""Percent of LCR; what loses more of it lost by that."""


def why(trials: Sequence[RecordedTrial], best: RecordedTrial, source: str) -> str:
    """One sentence that says why a trial won over the next larger and smaller learning rate of its
    method, both with or both without intermediate tuning, and over the same learning rate with the
    other. Figures are means over seeds.

    Args:
        trials: All trials of a study, in the order of their numbers.
        best: The chosen one.
        source: Source language; does not count.
    """
    # Of a run that was lost and tried again the later one counts.
    last = {trial.point: trial for trial in trials}.values()
    place = best.point

    def runs(rate: LearningRate, tuned: bool) -> list[RecordedTrial]:
        at = replace(place, learning_rate=rate, intermediate_tuning=tuned)
        return [trial for trial in last if replace(trial.point, seed=place.seed) == at]

    won = runs(place.learning_rate, place.intermediate_tuning)
    sentence = [
        f"{place.method} at {place.learning_rate} {_tuning(place.intermediate_tuning)} won with "
        f"{_objective(won):.1f}: score {_over_targets(won, source, 'score'):.1f}, LCR "
        f"{_over_targets(won, source, 'language_correct_rate'):.0f} %"
    ]
    if others := runs(place.learning_rate, not place.intermediate_tuning):
        name = f"{place.learning_rate} {_tuning(not place.intermediate_tuning)}"
        sentence.append(_versus(name, others, won, source))
    rates = sorted(
        {
            trial.point.learning_rate
            for trial in last
            if runs(trial.point.learning_rate, place.intermediate_tuning)
        }
    )
    here = rates.index(place.learning_rate)
    compared = [*rates[here + 1 : here + 2], *rates[here + 2 :][-1:], *rates[:here][-1:]]
    for rate in compared:
        others = runs(rate, place.intermediate_tuning)
        sentence.append(_versus(str(rate), others, won, source))
    return "; ".join(sentence) + "."


def _versus(
    name: str, others: Sequence[RecordedTrial], won: Sequence[RecordedTrial], source: str
) -> str:
    for other in others:
        if other.state in ("running", "waiting"):
            return f"{name} is still {other.state}"
        if other.state != "complete":
            return f"{name} did not finish ({other.reason or other.state})"
    rate = _over_targets(others, source, "language_correct_rate")
    if _over_targets(won, source, "language_correct_rate") - rate >= _WRONG_LANGUAGE:
        return f"{name} answers in a wrong language in {100 - rate:.0f} % of cases"
    return f"{name} is {_objective(won) - _objective(others):.1f} points worse"


def _objective(trials: Sequence[RecordedTrial]) -> float:
    return fmean(trial.objective for trial in trials if trial.objective is not None)


def _over_targets(trials: Sequence[RecordedTrial], source: str, key: str) -> float:
    """The mean of a figure over target languages and complete trials."""
    means = (mean_over_targets(trial, source, key) for trial in trials)
    return fmean(mean for mean in means if mean is not None)


def _tuning(tuned: bool) -> str:
    return "with IT" if tuned else "without IT"
