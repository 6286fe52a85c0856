"""The study: a search that is killed at any moment is all there when it is opened again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest
from curves import protocol_with, space_with

from xlsearch.config.learning_rate import LearningRate
from xlsearch.errors import UserError
from xlsearch.runs.rows import Row
from xlsearch.search.asking import Request
from xlsearch.search.opening import open_study, read_study
from xlsearch.search.planner import Start, Wait
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.protocols.registry import build_protocol
from xlsearch.search.storage import open_journal
from xlsearch.search.study import Study

CONFIGURATION: dict[str, Any] = {
    "task": "xlsum",
    "source_language": "en",
    "space": {"learning_rates": {"decades": [3, 4, 5], "refine": 3}},
}


def opened(folder: Path, configuration: dict[str, Any] = CONFIGURATION) -> Study:
    """The study as a process that just started sees it."""
    return open_study(open_journal(folder / "journal.log"), "s", configuration, protocol_with())


def next_request(study: Study) -> Request:
    request = study.next_request()
    assert request is not None
    return request


def run_next(study: Study, outcome: Outcome) -> int:
    number = study.start(next_request(study))
    study.finish(number, outcome)
    return number


def complete(objective: float) -> Outcome:
    return Outcome(State.COMPLETE, objective)


def row(language: str, step: int = 10) -> Row:
    return Row("xlsum", "mbart", "full", False, 1e-3, 0, step, language, 8.0, 99.0, 20.0, "f1")


def test_the_record_survives_reopening(tmp_path: Path) -> None:
    study = opened(tmp_path)
    number = study.start(next_request(study))
    study.set_run(number, "0123abcd")
    study.record_evaluation(number, [row("en"), row("fr")], 7.9)
    study.finish(number, complete(7.9))
    study.start(next_request(study))
    again = opened(tmp_path)
    assert again.trials() == study.trials()
    first = again.trial(number)
    assert (first.state, first.objective, first.run) == ("complete", 7.9, "0123abcd")
    assert first.languages["fr"]["language_correct_rate"] == 99.0


def test_learning_rates_come_back_exactly(tmp_path: Path) -> None:
    study = opened(tmp_path)
    for score in (1.0, 2.0, 1.0, 0.0):
        run_next(study, complete(score))
    rates = [str(trial.point.learning_rate) for trial in opened(tmp_path).trials()]
    assert rates == ["1e-3", "1e-4", "1e-5", "3e-4"]


def test_stages_are_recorded(tmp_path: Path) -> None:
    study = opened(tmp_path)
    for score in (3.0, 2.0, 1.0, 2.0, 0.0):
        run_next(study, complete(score))
    stages = [trial.stage for trial in opened(tmp_path).trials()]
    assert stages == ["decades"] * 3 + ["extension", "refinement"]


def test_a_running_trial_is_adopted_not_started_again(tmp_path: Path) -> None:
    study = opened(tmp_path)
    number = study.start(next_request(study))
    again = opened(tmp_path)
    assert [(trial.number, trial.state) for trial in again.unfinished()] == [(number, "running")]
    now = again.plan()
    assert isinstance(now, Start)
    assert again.trial(number).point not in [request.point for request in now.requests]


def test_it_waits_when_all_that_could_start_runs(tmp_path: Path) -> None:
    study = opened(tmp_path)
    for _ in range(3):
        study.start(next_request(study))
    assert study.plan() == Wait()
    assert study.next_request() is None
    assert not study.is_done()


def test_another_configuration_is_refused_with_what_differs(tmp_path: Path) -> None:
    opened(tmp_path)
    space = {"learning_rates": {"decades": [3, 4], "refine": 3}}
    with pytest.raises(UserError) as raised:
        opened(tmp_path, {**CONFIGURATION, "space": space})
    message = str(raised.value)
    assert "space.learning_rates.decades is [3, 4, 5] there and [3, 4] here" in message
    assert "task" not in message.split(":", 1)[1].split(";")[0]


def test_a_missing_key_is_another_configuration(tmp_path: Path) -> None:
    opened(tmp_path)
    with pytest.raises(UserError, match="task is 'xlsum' there and None here"):
        opened(tmp_path, {key: value for key, value in CONFIGURATION.items() if key != "task"})


def test_the_order_of_keys_is_no_difference(tmp_path: Path) -> None:
    opened(tmp_path)
    backwards = dict(reversed(CONFIGURATION.items()))
    assert opened(tmp_path, backwards).configuration == CONFIGURATION


def test_a_study_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        read_study(open_journal(tmp_path / "journal.log"), "s")


@pytest.mark.parametrize("reason", [None, "the worker was lost"])
def test_an_ended_trial_stays_as_it_is(tmp_path: Path, reason: str | None) -> None:
    study = opened(tmp_path)
    number = run_next(study, complete(7.0))
    study.finish(number, complete(9.0))
    study.finish(number, Outcome(State.FAIL), reason)
    ended = study.trial(number)
    assert (ended.state, ended.objective, ended.reason) == ("complete", 7.0, None)


@pytest.mark.parametrize(("state", "recorded"), [(State.FAIL, "fail"), (State.PRUNED, "pruned")])
def test_an_unfinished_run_has_no_objective(tmp_path: Path, state: State, recorded: str) -> None:
    """Although it was evaluated: Optuna gives a pruned trial its last intermediate value."""
    study = opened(tmp_path)
    number = study.start(next_request(study))
    study.record_evaluation(number, [row("fr")], 50.0)
    study.finish(number, Outcome(state), "the loss was no longer finite")
    for score in (1.0, 2.0, 3.0, 0.0, 0.0):
        if not study.is_done():
            run_next(study, complete(score))
    ended = opened(tmp_path).trial(number)
    assert (ended.state, ended.objective) == (recorded, None)
    assert ended.reason == "the loss was no longer finite"
    choice = study.choice()
    assert choice is not None
    assert choice.number != number


def test_an_evaluation_may_be_told_twice(tmp_path: Path) -> None:
    """A run that continues reports its earlier evaluations again."""
    study = opened(tmp_path)
    number = study.start(next_request(study))
    for _ in range(2):
        study.record_evaluation(number, [row("fr", step=100)], 5.0)
    storage = open_journal(tmp_path / "journal.log")
    (trial,) = optuna.load_study(storage=storage, study_name="s").trials
    assert trial.intermediate_values == {100: 5.0}


def test_the_choice_is_the_protocols(tmp_path: Path) -> None:
    study = opened(tmp_path)
    for score in (1.0, 2.0, 1.0, 2.0):
        run_next(study, complete(score))
    choice = study.choice()
    assert study.is_done()
    assert choice is not None
    assert str(choice.point.learning_rate) == "3e-4"


def test_before_the_end_the_choice_is_the_best_so_far(tmp_path: Path) -> None:
    study = opened(tmp_path)
    assert study.choice() is None
    run_next(study, complete(1.0))
    run_next(study, complete(1.0))
    choice = study.choice()
    assert choice is not None
    assert str(choice.point.learning_rate) == "1e-3"


def test_trials_of_other_origin_are_ignored(tmp_path: Path) -> None:
    study = opened(tmp_path)
    storage = open_journal(tmp_path / "journal.log")
    optuna.load_study(storage=storage, study_name="s").ask()
    assert study.trials() == []
    assert str(next_request(study).point.learning_rate) == "1e-3"


def test_before_the_end_seeds_count_by_their_mean_and_a_failed_one_rules_out(
    tmp_path: Path,
) -> None:
    """All seeds of 1e-3 are better than one of 1e-4, and 1e-5 has failed once."""
    protocol = build_protocol(space_with(), ["full"], seed=0, seeds=3)
    study = open_study(open_journal(tmp_path / "journal.log"), "s", CONFIGURATION, protocol)
    scores = {"1e-3": [7.0, 7.5], "1e-4": [8.0, 1.0], "1e-5": [9.0, None]}
    for rate, values in scores.items():
        for seed, value in enumerate(values):
            point = Point("full", LearningRate(rate), False, seed)
            number = study.start(Request(point, "decades"))
            study.finish(number, Outcome(State.FAIL) if value is None else complete(value))
    choice = study.choice()
    assert choice is not None
    assert (str(choice.point.learning_rate), choice.point.seed) == ("1e-3", 0)
