"""A lost trial leads a search nowhere: it waits for it, and ends as it would have."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from optuna.storages import InMemoryStorage
from tune_calls import Listener, result, row

from xlsearch.config.run import RunConfig
from xlsearch.config.space import load_space
from xlsearch.search.asking import Protocol
from xlsearch.search.opening import open_study
from xlsearch.search.planner import Done, replay
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.protocols.registry import build_protocol
from xlsearch.search.ray_tune.searcher import StudySearcher
from xlsearch.search.ray_tune.trainable import ERROR, NUMBER
from xlsearch.search.study import Study

Describe = Callable[[Point], RunConfig]


def launch(
    study: Study, describe: Describe, score: Callable[[Point], float], lost: Callable[[Point], bool]
) -> None:
    """A launch, two trials at a time; ``lost`` is asked for each trial whether it is lost."""
    study.forget_lost()
    searcher = StudySearcher(study, describe, Path(), 2, 0.0, Listener())
    live: dict[str, Point] = {}
    begun: Counter[Point] = Counter()
    while (config := searcher.suggest(name := f"t{begun.total()}")) != StudySearcher.FINISHED:
        if isinstance(config, dict):
            live[name] = study.trial(config[NUMBER]).point
            begun[live[name]] += 1
            continue
        name, point = live.popitem()
        if lost(point):
            searcher.on_trial_complete(name, {ERROR: "no space left"})
        else:
            rows = (row("en", 50.0, 6), row("fr", score(point), 6))
            searcher.on_trial_result(name, result("evaluate", 6, *rows))
            searcher.on_trial_complete(name, result("complete", 6))
    assert not live
    assert set(begun.values()) <= {1}  # a launch does not try the same again and again


def protocol() -> Protocol:
    return build_protocol(load_space(None, "pocket"), ["full", "freeze", "prompt"], seed=0)


@pytest.mark.parametrize("seed", range(20))
def test_a_search_with_losses_runs_what_it_would_have_run(seed: int, describe: Describe) -> None:
    rng = random.Random(seed)
    scores: dict[Point, float] = {}

    def score(point: Point) -> float:
        return scores.setdefault(point, float(rng.randrange(100)))

    visited, choice = replay(protocol(), lambda p: Outcome(State.COMPLETE, score(p)))
    study = open_study(InMemoryStorage(), "s", {"source_language": "en"}, protocol())
    launches = 0
    while not study.is_done():
        launches += 1
        launch(study, describe, score, lambda point: rng.random() < 0.3)
        assert study.is_done() == (not study.lost_points())
    now = study.plan()
    assert isinstance(now, Done)
    assert now.choice == choice
    complete = [trial.point for trial in study.trials() if trial.state == "complete"]
    assert sorted(map(str, complete)) == sorted(str(request.point) for request in visited)
    assert launches > 1


def test_what_does_not_depend_on_a_lost_trial_goes_on(describe: Describe) -> None:
    study = open_study(InMemoryStorage(), "s", {"source_language": "en"}, protocol())
    launch(study, describe, lambda point: 1.0, lambda point: point.method == "full")
    stages = {(trial.point.method, trial.stage) for trial in study.trials()}
    # freeze takes the learning rate that full's decades find.
    assert ("prompt", "crossing") in stages
    assert {stage for method, stage in stages if method == "full"} == {"decades"}
    assert "freeze" not in {method for method, _ in stages}
    assert [trial.point.method for trial in study.lost_points()] == ["full"] * 3
