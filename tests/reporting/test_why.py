"""Why a run won, where there is intermediate tuning, and where there are several seeds."""

from __future__ import annotations

from xlsearch.config.learning_rate import LearningRate
from xlsearch.reporting.why import why
from xlsearch.search.point import Point
from xlsearch.search.recorded_trial import RecordedTrial


def trials(*runs: tuple[str, str, bool, int, float | None, float]) -> list[RecordedTrial]:
    """Runs from method, learning rate, tuning, seed, objective (None: failed) and LCR."""
    found = []
    for number, (method, rate, tuned, seed, value, correct) in enumerate(runs):
        figures = {"score": value, "language_correct_rate": correct, "mean_length": 9.0}
        state, reason = ("complete", None) if value is not None else ("fail", "the loss is nan")
        point = Point(method, LearningRate(rate), tuned, seed)
        found.append(
            RecordedTrial(number, point, "s", None, state, value, {"fr": figures}, reason, False)
        )
    return found


def test_it_is_compared_within_its_method_and_with_the_other_tuning() -> None:
    all_trials = trials(
        ("full", "1e-3", True, 0, 90.0, 99.0),
        ("freeze", "1e-3", False, 0, 20.0, 99.0),
        ("freeze", "1e-4", False, 0, 30.0, 99.0),
        ("freeze", "1e-4", True, 0, 34.0, 99.0),
        ("freeze", "1e-3", True, 0, None, 0.0),
        ("freeze", "1e-5", True, 0, 10.0, 20.0),
    )
    assert why(all_trials, all_trials[3], "en") == (
        "freeze at 1e-4 with IT won with 34.0: score 34.0, LCR 99 %; "
        "1e-4 without IT is 4.0 points worse; 1e-3 did not finish (the loss is nan); "
        "1e-5 answers in a wrong language in 80 % of cases."
    )


def test_figures_are_means_over_seeds() -> None:
    all_trials = trials(
        ("full", "1e-3", False, 0, 10.0, 90.0),
        ("full", "1e-3", False, 1, 20.0, 100.0),
        ("full", "1e-4", False, 0, 12.0, 95.0),
        ("full", "1e-4", False, 1, 14.0, 95.0),
    )
    assert why(all_trials, all_trials[0], "en") == (
        "full at 1e-3 without IT won with 15.0: score 15.0, LCR 95 %; 1e-4 is 2.0 points worse."
    )
