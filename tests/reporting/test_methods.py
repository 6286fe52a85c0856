"""The tables at the end of a search over several methods."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.table import Table

from xlsearch.config.learning_rate import LearningRate
from xlsearch.reporting.methods import best_table, gain_table, method_results, results_as_json
from xlsearch.reporting.tables import trials_table
from xlsearch.search.asking import Choice, MethodChoice
from xlsearch.search.point import Point
from xlsearch.search.recorded_trial import RecordedTrial


def trial(point: Point, score: float | None, number: int = 0) -> RecordedTrial:
    """A run that scored so in French and 99 in English."""
    correct, source = 98.0, {"score": 99.0, "language_correct_rate": 100.0, "mean_length": 9.0}
    target = {"score": score, "language_correct_rate": correct, "mean_length": 9.0}
    return RecordedTrial(
        number=number,
        point=point,
        stage="crossing",
        run=None,
        state="fail" if score is None else "complete",
        objective=None if score is None else score - 0.2,
        languages={} if score is None else {"en": source, "fr": target},
        reason=None,
        lost=False,
    )


def point(method: str, rate: str, tuning: bool, seed: int = 0) -> Point:
    return Point(method, LearningRate(rate), tuning, seed)


TUNED, PLAIN, LARGE = (
    point("full", "1e-4", True),
    point("full", "1e-4", False),
    point("full", "1e-3", True),
)
TRIALS = [
    trial(TUNED, 20.0),
    trial(point("full", "1e-4", True, seed=1), 24.0),
    trial(PLAIN, 12.0),
    trial(point("full", "1e-3", False), 15.0),
    trial(LARGE, None),
    trial(point("freeze", "1e-4", False), None),
]
CHOICE = Choice(
    TUNED,
    {
        "full": MethodChoice(PLAIN, TUNED, ((TUNED, LARGE),)),
        "freeze": MethodChoice(point("freeze", "1e-4", False), None),
    },
)


def printed(table: Table) -> str:
    screen = io.StringIO()
    Console(file=screen, width=160).print(table)
    return screen.getvalue()


def test_figures_of_a_method() -> None:
    full, freeze = results_as_json(method_results(TRIALS, CHOICE, "en"))
    assert full["best"] == {
        "learning_rate": 1e-4,
        "intermediate_tuning": True,
        "seeds": 2,
        "objective": pytest.approx(21.8),
        "objective_error": pytest.approx(2.0),  # standard deviation 2.83 of two runs
        "score": 22.0,
        "score_error": pytest.approx(2.0),
        "language_correct_rate": 98.0,
        "language_correct_rate_error": 0.0,
    }
    assert full["intermediate_tuning_gain"] == 22.0 - 15.0  # each at its own best learning rate
    assert full["unsettled"]
    assert freeze["best"] is None
    assert freeze["preliminary_learning_rate"] == 1e-4
    assert freeze["intermediate_tuning_gain"] is None
    assert not freeze["unsettled"]


def test_what_noise_could_turn_is_marked() -> None:
    results = method_results(TRIALS, CHOICE, "en")
    best = printed(best_table(results)).splitlines()
    cells = [" ".join(line.split()) for line in best[1:]]
    assert cells == [
        "full 1e-4 ? yes 21.8 ± 2.0 22.0 ± 2.0 98.0 ± 0.0 2",
        "freeze - - - - - 0",
        "? noise could turn this",
    ]
    gains = printed(gain_table(results)).splitlines()
    assert [line.split() for line in gains[1:]] == [["full", "+7.0"], ["freeze", "-"]]


@pytest.mark.parametrize("repeated", [False, True])
def test_trials_stand_by_method_and_tuning_and_name_seeds_where_there_are_several(
    repeated: bool,
) -> None:
    trials = [one for one in TRIALS if repeated or one.point.seed == 0]
    lines = printed(trials_table(trials, "en", best=None)).splitlines()
    assert ("seed" in lines[0].split()) == repeated
    found = [tuple(line.split()[1:4]) for line in lines[1:]]
    tuned = [("full", "1e-4", "yes")] * (2 if repeated else 1)
    assert found == [
        ("full", "1e-3", "no"),
        ("full", "1e-4", "no"),
        ("full", "1e-3", "yes"),
        *tuned,
        ("freeze", "1e-4", "no"),
    ]
