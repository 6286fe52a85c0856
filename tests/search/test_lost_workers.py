"""Trials whose worker was lost: why it was, who goes on, and when they are given up."""

from __future__ import annotations

from pathlib import Path

import pytest
import ray
from tune_calls import Listener, MakeSearcher, begin, result, row

from xlsearch.search.ray_tune.lost_workers import (
    GIVEN_UP_AFTER,
    LOW_ON_MEMORY,
    PREEMPTED,
    Cause,
    LostWorkers,
    cause_of,
)
from xlsearch.search.ray_tune.searcher import StudySearcher
from xlsearch.search.ray_tune.trainable import KILLED_IN, NUMBER
from xlsearch.search.study import Study


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
