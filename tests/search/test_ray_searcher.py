"""The Tune searcher, called as Tune calls it, without a cluster."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import ray
from curves import protocol_with

from xlsearch.config.run import RunConfig
from xlsearch.runs.content import content_name
from xlsearch.runs.rows import Row
from xlsearch.search.opening import open_study
from xlsearch.search.point import Point
from xlsearch.search.ray_tune.lost_workers import (
    GIVEN_UP_AFTER,
    LOW_ON_MEMORY,
    PREEMPTED,
    Cause,
    LostWorkers,
    cause_of,
)
from xlsearch.search.ray_tune.searcher import StudySearcher
from xlsearch.search.ray_tune.trainable import ERROR, KILLED_IN, NUMBER, REPORT, ROOT, RUN
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.storage import open_journal
from xlsearch.search.study import Study
from xlsearch.trial.report import IntermediateReport, TrialReport

Configure = Callable[..., RunConfig]
MakeSearcher = Callable[..., StudySearcher]


class Listener:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    def started(self, trial: RecordedTrial) -> None:
        self.told.append(("started", trial.number))

    def reported(self, number: int, report: TrialReport, objective: float | None) -> None:
        self.told.append((report.phase, number))

    def tuning(self, report: IntermediateReport) -> None:
        raise AssertionError("no point needs it")

    def ended(self, trial: RecordedTrial) -> None:
        self.told.append((trial.state, trial.number))


@pytest.fixture
def study(tmp_path: Path) -> Study:
    configuration = {"source_language": "en"}
    return open_study(open_journal(tmp_path / "journal"), "s", configuration, protocol_with())


@pytest.fixture
def make_searcher(study: Study, tmp_path: Path, run_config: Configure) -> MakeSearcher:
    def make(
        concurrency: int = 1,
        listener: Listener | None = None,
        checkpoint: str = "last",
        lost_workers: LostWorkers | None = None,
    ) -> StudySearcher:
        def describe(point: Point) -> RunConfig:
            config = run_config(learning_rate=str(point.learning_rate))
            return config.model_copy(update={"checkpoint": checkpoint})

        told = listener or Listener()
        return StudySearcher(
            study, describe, tmp_path, concurrency, 0.1, told, lost_workers=lost_workers
        )

    return make


def row(language: str, score: float | None, step: int) -> Row:
    return Row("xlsum", "mbart", "full", False, 1e-3, 0, step, language, score, 99.7, 9.0, "f1")


def result(phase: str, step: int, *rows: Row) -> dict[str, Any]:
    return {REPORT: json.dumps(asdict(TrialReport(phase, step, 6, rows=rows)))}


def begin(searcher: StudySearcher, trial_id: str) -> dict[str, Any]:
    config = searcher.suggest(trial_id)
    assert isinstance(config, dict)
    return config


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


def lose(searcher: StudySearcher, number: int, trial_id: str, step: int) -> None:
    """A worker that evaluates after a step, if that is not 0, and is lost."""
    assert begin(searcher, trial_id)[NUMBER] == number
    if step:
        rows = (row("en", 90.0, step), row("fr", 80.0, step))
        searcher.on_trial_result(trial_id, result("evaluate", step, *rows))
    searcher.on_trial_complete(trial_id, None, error=True)


def test_a_lost_worker_is_replaced(make_searcher: MakeSearcher, study: Study) -> None:
    """It is the same trial of the study, which goes on from its checkpoint."""
    listener = Listener()
    searcher = make_searcher(listener=listener)
    lose(searcher, 0, "a", 2)
    assert study.trial(0).state == "running"
    assert begin(searcher, "b")[NUMBER] == 0
    rows = (row("en", 90.0, 6), row("fr", 80.0, 6))
    searcher.on_trial_result("b", result("evaluate", 6, *rows))
    searcher.on_trial_complete("b", result("complete", 6))
    assert (study.trial(0).state, len(study.trials())) == ("complete", 1)
    assert ("fail", 0) not in listener.told


@pytest.mark.parametrize(
    ("steps", "lost"),
    [
        ((0, 0), False),
        ((0, 0, 0), True),
        ((0, 0, 2, 2), False),
        ((0, 0, 2, 2, 2), True),
        ((0, 0, 2, 0, 4, 4, 6), False),
    ],
)
def test_a_trial_is_given_up_when_it_dies_again_and_again_without_progress(
    steps: tuple[int, ...], lost: bool, make_searcher: MakeSearcher, study: Study
) -> None:
    searcher = make_searcher()
    for number, step in enumerate(steps):
        lose(searcher, 0, f"trial-{number}", step)
    assert study.trial(0).lost == lost
    if lost:
        assert f"3 times after step {max(steps)}" in str(study.trial(0).reason)


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("its node has died.\n\tthe actor's node was preempted: spot", Cause.PREEMPTED),
        ("its node has died.\n\tthe actor's node was terminated unexpectedly: x", Cause.DIED),
        ("1 worker(s) were killed due to the node running low on memory.", Cause.MEMORY),
        ("", Cause.DIED),
    ],
)
def test_why_a_worker_was_lost(said: str, cause: Cause) -> None:
    assert cause_of(said) is cause


def test_these_are_the_words_of_the_installed_ray() -> None:
    programs = Path(ray.__file__).parent / "core" / "src" / "ray"
    assert PREEMPTED.encode() in (programs / "gcs" / "gcs_server").read_bytes()
    assert LOW_ON_MEMORY.encode() in (programs / "raylet" / "raylet").read_bytes()


class Told(LostWorkers):
    """Knows the same cause of every loss."""

    def __init__(self, cause: Cause) -> None:
        super().__init__()
        self._told = cause

    def cause(self, trial_id: str) -> Cause:
        return self._told


def test_preemptions_are_not_counted(make_searcher: MakeSearcher, study: Study) -> None:
    searcher = make_searcher(lost_workers=Told(Cause.PREEMPTED))
    for number in range(GIVEN_UP_AFTER + 2):
        lose(searcher, 0, f"trial-{number}", 0)
    assert study.trial(0).state == "running"


def test_who_goes_on_hears_that_memory_was_short(make_searcher: MakeSearcher) -> None:
    searcher = make_searcher(lost_workers=Told(Cause.MEMORY))
    assert begin(searcher, "a")[KILLED_IN] is None
    searcher.on_trial_result("a", result("evaluate fr", 4))
    searcher.on_trial_complete("a", None, error=True)
    assert begin(searcher, "b")[KILLED_IN] == "evaluate fr"


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
