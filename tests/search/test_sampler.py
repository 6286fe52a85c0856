"""Plain Optuna: ``study.optimize`` visits the points of the protocol and picks the same best."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import optuna
import pytest
from curves import curve_of, protocol_with, searched
from paper_reading import Curve, read

from xlsearch.search.sampler import PlannedSampler
from xlsearch.search.study import Study

Objective = Callable[[optuna.Trial], float]


class Lost(Exception):
    """Fails a trial."""


def objective_on(curve: Curve, failure: Exception) -> Objective:
    def objective(trial: optuna.Trial) -> float:
        rate = trial.suggest_float("learning_rate", 1e-9, 1.0, log=True)
        score = curve[Fraction(str(rate))]
        if score is None:
            raise failure
        return score

    return objective


def planned_study() -> tuple[optuna.Study, PlannedSampler]:
    sampler = PlannedSampler(protocol_with())
    return optuna.create_study(sampler=sampler, direction="maximize"), sampler


def optimize(
    study: optuna.Study, sampler: PlannedSampler, objective: Objective, n_trials: int | None = None
) -> None:
    study.optimize(objective, n_trials=n_trials, callbacks=[sampler.stop_when_done], catch=(Lost,))


def visits(study: optuna.Study) -> list[tuple[str, Fraction]]:
    trials = Study(study).trials()
    return [(trial.stage, Fraction(str(trial.point.learning_rate))) for trial in trials]


def random_curve(seed: int) -> Curve:
    rng = random.Random(seed)
    levels = (None, 0.0, 1.0, 2.0, 3.0)
    return curve_of([rng.choice(levels) for _ in range(7)], rng.choice(levels))


@pytest.mark.parametrize("failure", [Lost(), optuna.TrialPruned()], ids=["fail", "pruned"])
@pytest.mark.parametrize("seed", range(15))
def test_it_is_the_same_search(seed: int, failure: Exception) -> None:
    curve = random_curve(seed)
    study, sampler = planned_study()
    optimize(study, sampler, objective_on(curve, failure))
    choice = Study(study, protocol_with()).choice()
    best = None if choice is None else Fraction(str(choice.point.learning_rate))
    expected = read(curve, (3, 4, 5), (1, 7), refine=3)
    assert (visits(study), best) == (expected.visits, expected.best)
    assert (visits(study), best) == searched(protocol_with(), curve)


def test_a_stopped_study_goes_on_where_it_stood() -> None:
    curve = curve_of([1, 2, 3, 4, 5, 9, 3], 0)
    study, sampler = planned_study()
    optimize(study, sampler, objective_on(curve, Lost()), n_trials=2)
    again = PlannedSampler(protocol_with())
    study.sampler = again
    optimize(study, again, objective_on(curve, Lost()))
    assert visits(study) == read(curve, (3, 4, 5), (1, 7), refine=3).visits


def test_a_finished_search_has_no_further_point() -> None:
    study, sampler = planned_study()
    optimize(study, sampler, objective_on(curve_of([1.0] * 7, 1.0), Lost()))
    with pytest.raises(RuntimeError, match="stop_when_done"):
        study.ask({"learning_rate": optuna.distributions.FloatDistribution(1e-9, 1, log=True)})


def test_other_parameters_are_left_to_optuna() -> None:
    study, sampler = planned_study()
    optimize(study, sampler, lambda trial: trial.suggest_float("other", 5.0, 6.0))
    assert all(5.0 <= trial.params["other"] <= 6.0 for trial in study.trials)
