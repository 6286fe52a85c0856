"""Decisions under noise, against a simulation that is written down a second time."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from dataclasses import replace

import pytest
from curves import space_with
from hypothesis import given, settings
from hypothesis import strategies as st

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.space import load_space
from xlsearch.search.asking import Ask, Choice
from xlsearch.search.planner import Done, Start, plan, replay
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.protocols.deciding import Decisions, Estimate, settled
from xlsearch.search.protocols.registry import build_protocol

POINTS = [Point("full", LearningRate.decade(k), False, 5) for k in (3, 4, 5, 6)]
Scores = list[list[float | None]]
"""The score of each point with each seed; None for a failed run."""


def outcomes(scores: Scores) -> Callable[[Point], Outcome]:
    def outcome(point: Point) -> Outcome:
        place = POINTS.index(replace(point, seed=5))
        score = scores[place][point.seed - 5]
        return Outcome(State.FAIL) if score is None else Outcome(State.COMPLETE, score)

    return outcome


def brute_force(scores: Scores, seeds: int) -> tuple[list[int], int | None, bool]:
    """Runs of each point, the winner (the first of equals has the larger rate), and whether noise
    could turn it; with the formula of the standard library instead of ours."""
    runs = [1] * len(scores)

    def mean(i: int) -> float:
        seen = scores[i][: runs[i]]
        return float("-inf") if None in seen else statistics.fmean(s for s in seen if s is not None)

    def apart(a: int, b: int) -> bool:
        if mean(b) == float("-inf"):
            return True
        if min(runs[a], runs[b]) < 2:
            return False
        errors = [
            statistics.stdev([s for s in scores[i][: runs[i]] if s is not None]) ** 2 / runs[i]
            for i in (a, b)
        ]
        return mean(a) - mean(b) > sum(errors) ** 0.5

    while True:
        first, second = sorted(range(len(scores)), key=lambda i: (-mean(i), i))[:2]
        if mean(first) == float("-inf"):
            return runs, None, False
        if seeds == 1 or apart(first, second):
            return runs, first, False
        if runs[first] == runs[second] == seeds:
            return runs, first, True
        for i in {i for i in (first, second) if runs[i] == min(runs[first], runs[second])}:
            runs[i] += 1


@settings(max_examples=300, deadline=None)
@given(
    seeds=st.integers(1, 4),
    scores=st.lists(
        st.lists(st.none() | st.integers(0, 6).map(float), min_size=4, max_size=4),
        min_size=2,
        max_size=4,
    ),
)
def test_any_scores(seeds: int, scores: Scores) -> None:
    # No difference is then exactly its standard error, where rounding would decide.
    rng = random.Random(0)
    scores = [[s if s is None else s + rng.uniform(0, 0.1) for s in runs] for runs in scores]
    points = POINTS[: len(scores)]
    pairs = []

    def protocol(ask: Ask) -> Choice:
        decide = Decisions(ask, seeds)
        best = decide.best("decades", points)
        pairs[:] = decide.unsettled
        return Choice(best)

    visited, choice = replay(protocol, outcomes(scores))
    runs, winner, unsettled = brute_force(scores, seeds)
    counted = [sum(replace(r.point, seed=5) == point for r in visited) for point in points]
    assert counted == runs
    assert len({request.point for request in visited}) == len(visited)
    assert choice.best == (None if winner is None else points[winner])
    assert bool(pairs) == unsettled
    assert {request.stage for request in visited} == {"decades"}


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [
        ([8.0], [1.0], False),  # one run has no standard error
        ([8.0, 8.0], [1.0], False),
        ([8.0, 8.0], [1.0, 1.0], True),
        ([8.0, 8.0], [8.0, 8.0], False),
        ([0.0, 2.0], [2.0, 4.0], True),  # 2 apart; errors of 1 each, so 1.41 together
        ([0.0, 2.0], [1.0, 3.0], False),
        ([0.0, 2.0] * 2, [1.0, 3.0] * 2, True),  # 1 apart; errors of 0.58 each, so 0.82 together
    ],
)
def test_the_standard_error_of_a_difference(a: list[float], b: list[float], apart: bool) -> None:
    assert settled(Estimate(tuple(a)), Estimate(tuple(b))) is apart
    assert settled(Estimate(tuple(b)), Estimate(tuple(a))) is apart


def noisy(point: Point) -> Outcome:
    """A peak at 1e-4 under noise, the same for the same point."""
    distance = abs(float(point.learning_rate) / 1e-4 - 1) ** 0.2
    noise = random.Random(str(point)).gauss(0, 0.5)
    return Outcome(State.COMPLETE, 10 - distance + noise)


@pytest.mark.parametrize("seed", range(6))
def test_the_order_in_which_runs_end_changes_nothing(seed: int) -> None:
    methods = ["full", "freeze", "prompt"]
    protocol = build_protocol(load_space(None, "pocket"), methods, seed=10 * seed, seeds=3)
    visited, choice = replay(protocol, noisy)
    rng = random.Random(seed)
    known: dict[Point, Outcome] = {}
    running: list[Point] = []
    while not isinstance(now := plan(protocol, known, set(running)), Done):
        if isinstance(now, Start) and len(running) < 3:
            running.append(now.requests[0].point)
        else:
            point = running.pop(rng.randrange(len(running)))
            known[point] = noisy(point)
    assert now.choice == choice
    assert set(known) == {request.point for request in visited}


def test_one_seed_is_the_search_without_seeds() -> None:
    space = space_with()
    one, default = (
        replay(build_protocol(space, ["full"], 0, *seeds), noisy) for seeds in ([1], [])
    )
    assert one == default
    assert {request.point.seed for request in one[0]} == {0}


def test_a_choice_bears_the_first_seed_and_more_runs_decide_it() -> None:
    """1e-4 leads with the first seed, 1e-3 with all of them."""
    scores = {"1e-3": [4.0, 9.0, 9.0], "1e-4": [5.0, 1.0, 1.0], "1e-5": [0.0] * 3}

    def outcome(point: Point) -> Outcome:
        value = scores.get(str(point.learning_rate), [-9.0] * 3)
        return Outcome(State.COMPLETE, value[point.seed])

    for seeds, best in ((1, "1e-4"), (3, "1e-3")):
        _, choice = replay(build_protocol(space_with(), ["full"], 0, seeds), outcome)
        assert choice.best == Point("full", LearningRate(best), False, 0)
