"""The planner: what can start, what must wait, when a search is over."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from curves import curve_of, outcomes_on, protocol_with, searched

from xlsearch.config.learning_rate import LearningRate
from xlsearch.search.asking import Ask, Choice, Pending, Request
from xlsearch.search.planner import Done, Start, Wait, plan
from xlsearch.search.point import Outcome, Point, State


def at(rate: str) -> Point:
    return Point("full", LearningRate(rate), intermediate_tuning=False, seed=0)


A, B, C = at("1e-3"), at("1e-4"), at("1e-5")
GOOD = Outcome(State.COMPLETE, 1.0)


def pair_then_one(ask: Ask) -> Choice:
    """A protocol that asks for two points at once, then for a third."""
    ask.scores("pair", [A, B])
    ask.scores("one", [C])
    return Choice(C)


def requests(stage: str, points: Sequence[Point]) -> tuple[Request, ...]:
    return tuple(Request(point, stage) for point in points)


def test_independent_points_start_together() -> None:
    assert plan(pair_then_one, {}, set()) == Start(requests("pair", [A, B]))


def test_a_running_point_is_not_started_again() -> None:
    assert plan(pair_then_one, {}, {A}) == Start(requests("pair", [B]))


def test_an_ended_point_is_not_started_again() -> None:
    assert plan(pair_then_one, {B: GOOD}, set()) == Start(requests("pair", [A]))


@pytest.mark.parametrize(("outcomes", "running"), [({}, {A, B}), ({A: GOOD}, {B})])
def test_it_waits_for_running_points(outcomes: dict[Point, Outcome], running: set[Point]) -> None:
    assert plan(pair_then_one, outcomes, running) == Wait()


def test_a_failed_point_is_an_answer() -> None:
    outcomes = {A: Outcome(State.FAIL), B: Outcome(State.PRUNED, 5.0)}
    assert plan(pair_then_one, outcomes, set()) == Start(requests("one", [C]))


def test_it_is_done_when_the_protocol_returns() -> None:
    assert plan(pair_then_one, dict.fromkeys((A, B, C), GOOD), set()) == Done(Choice(C))


def test_pending_names_only_points_without_an_outcome() -> None:
    with pytest.raises(Pending) as raised:
        Ask({A: GOOD}).scores("pair", [A, B])
    assert raised.value.requests == requests("pair", [B])


@pytest.mark.parametrize(
    ("outcome", "score"),
    [
        (Outcome(State.COMPLETE, -3.0), -3.0),
        (Outcome(State.COMPLETE, None), float("-inf")),
        (Outcome(State.PRUNED, 50.0), float("-inf")),
        (Outcome(State.FAIL), float("-inf")),
    ],
)
def test_only_a_finished_run_has_a_score(outcome: Outcome, score: float) -> None:
    assert outcome.score == score


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("seed", range(20))
def test_parallel_runs_that_end_in_any_order_change_nothing(workers: int, seed: int) -> None:
    """Starts whatever may start, ends runs at random; no point runs twice."""
    rng = random.Random(seed)
    curve = curve_of([rng.choice([None, 0.0, 1.0, 2.0]) for _ in range(7)], rng.choice([0.0, 2.0]))
    protocol, outcome = protocol_with(), outcomes_on(curve)
    outcomes: dict[Point, Outcome] = {}
    running: list[Point] = []
    started: list[Point] = []
    while not isinstance(now := plan(protocol, outcomes, set(running)), Done):
        if isinstance(now, Start) and len(running) < workers:
            running.append(now.requests[0].point)
            started.append(now.requests[0].point)
        else:
            point = running.pop(rng.randrange(len(running)))
            outcomes[point] = outcome(point)
    visits, best = searched(protocol, curve)
    assert len(started) == len(set(started))
    assert {str(point.learning_rate) for point in started} == {
        str(LearningRate(str(float(rate)))) for _, rate in visits
    }
    chosen = now.choice.best
    assert (None if chosen is None else float(chosen.learning_rate)) == (best and float(best))
