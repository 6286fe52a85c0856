"""The Tune searcher, called as Tune calls it, without a cluster."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tune_calls import Listener, MakeSearcher, begin, result, row

from xlsearch.config.run import RunConfig
from xlsearch.runs.content import content_name
from xlsearch.search.ray_tune.searcher import StudySearcher
from xlsearch.search.ray_tune.trainable import ERROR, KILLED_IN, NUMBER, ROOT, RUN
from xlsearch.search.study import Study

Configure = Callable[..., RunConfig]


def run(searcher: StudySearcher, trial_id: str, score: float) -> None:
    """A trial that is evaluated and completes."""
    begin(searcher, trial_id)
    rows = (row("en", 50.0, 6), row("fr", score, 6))
    searcher.on_trial_result(trial_id, result("evaluate", 6, *rows))
    searcher.on_trial_complete(trial_id, result("complete", 6))


def test_a_suggestion_is_the_whole_run(
    make_searcher: MakeSearcher, study: Study, tmp_path: Path, run_config: Configure
) -> None:
    config = begin(make_searcher(), "a")
    run = run_config(learning_rate="1e-3").model_dump(mode="json")
    assert config == {RUN: run, ROOT: str(tmp_path), NUMBER: 0, KILLED_IN: None}
    assert json.loads(json.dumps(config)) == config
    trial = study.trial(0)
    assert (trial.state, trial.run) == ("running", content_name(run))


def test_no_more_run_at_a_time_than_wanted(make_searcher: MakeSearcher, study: Study) -> None:
    searcher = make_searcher(concurrency=2)
    assert [begin(searcher, name)[NUMBER] for name in "ab"] == [0, 1]
    assert searcher.suggest("c") is None
    searcher.on_trial_complete("a", result("complete", 6))
    assert begin(searcher, "c")[NUMBER] == 2
    assert len(study.trials()) == 3


def test_it_waits_for_what_decides_the_next_point(make_searcher: MakeSearcher) -> None:
    searcher = make_searcher(concurrency=9)
    for name in "abc":
        begin(searcher, name)
    assert searcher.suggest("d") is None


def test_it_says_when_the_search_is_over(make_searcher: MakeSearcher, study: Study) -> None:
    searcher = make_searcher()
    for name, score in zip("abcd", (1.0, 2.0, 1.0, 0.0), strict=True):
        run(searcher, name, score)
    assert searcher.suggest("e") == StudySearcher.FINISHED
    assert study.is_done()
    assert [str(trial.point.learning_rate) for trial in study.trials()][3] == "3e-4"


@pytest.mark.parametrize(("checkpoint", "step"), [("last", 6), ("best", 4), ("xlrs", 2)])
def test_a_trial_is_worth_the_evaluation_that_counts(
    checkpoint: str, step: int, make_searcher: MakeSearcher, study: Study
) -> None:
    """And its languages are those of that evaluation, also where its driver was lost midway."""
    scores = {2: 20.0, 4: 30.0, 6: 8.0}

    def report(searcher: StudySearcher, at: int) -> None:
        french = replace(row("fr", scores[at], at), xlrs=at / 10)
        rows = (row("en", 90.0, at), french)
        searcher.on_trial_result("a", result("evaluate", at, *rows))

    lost = make_searcher(checkpoint=checkpoint)
    begin(lost, "a")
    report(lost, 2)
    report(lost, 4)
    searcher = make_searcher(checkpoint=checkpoint)
    begin(searcher, "a")
    for at in scores:  # a trial that goes on reports all of its evaluations again
        report(searcher, at)
    searcher.on_trial_complete("a", result("complete", 6))
    (trial,) = study.trials()
    assert trial.objective == pytest.approx(scores[step] - 0.03)
    assert trial.languages["fr"]["score"] == scores[step]


def test_the_objective_is_that_of_the_last_evaluation(
    make_searcher: MakeSearcher, study: Study
) -> None:
    searcher = make_searcher()
    begin(searcher, "a")
    for step, score in ((2, 20.0), (4, 30.0), (6, 8.0)):
        rows = (row("en", 90.0, step), row("fr", score, step))
        searcher.on_trial_result("a", result("evaluate", step, *rows))
    searcher.on_trial_complete("a", result("complete", 6))
    assert study.trial(0).objective == pytest.approx(7.97)
    assert study.trial(0).languages["en"]["score"] == 90.0


@pytest.mark.parametrize(
    ("last", "error", "reason"),
    [
        (result("diverged", 4), False, "no longer finite after step 4"),
        ({ERROR: "no such data"}, False, "no such data"),
        (None, False, "the worker was lost"),
    ],
    ids=["diverged", "bad input", "lost"],
)
def test_a_trial_that_did_not_finish_fails(
    make_searcher: MakeSearcher,
    study: Study,
    last: dict[str, Any] | None,
    error: bool,
    reason: str,
) -> None:
    """Although it had been evaluated before."""
    searcher = make_searcher()
    begin(searcher, "a")
    if last is not None:
        rows = (row("en", 90.0, 2), row("fr", 80.0, 2))
        searcher.on_trial_result("a", result("evaluate", 2, *rows))
    searcher.on_trial_complete("a", last, error)
    trial = study.trial(0)
    assert (trial.state, trial.objective) == ("fail", None)
    assert reason in str(trial.reason)


def test_a_trial_that_ends_early_is_no_result(make_searcher: MakeSearcher, study: Study) -> None:
    searcher = make_searcher()
    begin(searcher, "a")
    rows = (row("en", 90.0, 2), row("fr", 80.0, 2))
    searcher.on_trial_complete("a", result("evaluate", 2, *rows))
    assert (study.trial(0).state, study.trial(0).lost) == ("fail", True)
    assert "step 2 of 6" in str(study.trial(0).reason)


def test_a_lost_trial_is_tried_again_by_the_next_launch(
    make_searcher: MakeSearcher, study: Study
) -> None:
    searcher = make_searcher()
    config = begin(searcher, "a")
    searcher.on_trial_complete("a", {ERROR: "no space left"})
    assert [trial.number for trial in study.lost_points()] == [0]
    assert begin(searcher, "b")[RUN] != config[RUN]  # not by this one

    study.forget_lost()
    again = begin(make_searcher(), "c")
    # The unfinished second point is adopted first; the lost first one is then asked for again.
    assert again[RUN] != config[RUN]
    assert begin(make_searcher(concurrency=2), "d")[RUN] == again[RUN]
    request = study.next_request()
    assert request is not None
    assert str(request.point.learning_rate) == "1e-3"


def test_trials_of_a_killed_driver_are_adopted(make_searcher: MakeSearcher, study: Study) -> None:
    first = make_searcher(concurrency=2)
    before = [begin(first, name) for name in "ab"]
    second = make_searcher(concurrency=2)
    assert [begin(second, name) for name in "xy"] == before
    assert len(study.trials()) == 2


def test_the_listener_hears_everything(make_searcher: MakeSearcher) -> None:
    listener = Listener()
    run(make_searcher(listener=listener), "a", 8.0)
    told = [("started", 0), ("evaluate", 0), ("complete", 0), ("complete", 0)]
    assert listener.told == told


def test_results_of_unknown_trials_are_ignored(make_searcher: MakeSearcher, study: Study) -> None:
    searcher = make_searcher()
    searcher.on_trial_result("none", result("train", 1))
    searcher.on_trial_complete("none", result("complete", 6))
    assert study.trials() == []


def test_tune_can_pickle_and_copy_it(make_searcher: MakeSearcher, tmp_path: Path) -> None:
    searcher = make_searcher()
    assert copy.deepcopy(searcher) is searcher
    assert pickle.dumps(searcher)
    searcher.save(str(tmp_path / "state"))
    assert not (tmp_path / "state").exists()
