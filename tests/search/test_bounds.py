"""How long a search can become, against every curve on which all runs finish."""

from __future__ import annotations

import itertools
import random

import pytest
from curves import curve_of, space_with
from paper_reading import read

from xlsearch.config.space import load_space
from xlsearch.search.bounds import run_bounds
from xlsearch.search.planner import replay
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.protocols.registry import build_protocol


@pytest.mark.parametrize("name", ["paper", "pocket"])
def test_runs_of_the_shipped_spaces(name: str) -> None:
    """Stages 1 and 2 take four to six runs; the crossing two with intermediate tuning, and one at
    10 x a refined rate, which is no decade."""
    assert run_bounds(load_space(None, name), ["full"]) == (6, 9)


@pytest.mark.parametrize(
    ("decades", "limits"),
    [
        ((3, 4, 5), (1, 7)),
        ((3, 4, 5), (3, 5)),
        ((3, 4, 5), (1, 5)),
        ((3, 4), (1, 4)),
        ((2, 3, 4, 5), (1, 7)),
    ],
)
def test_no_curve_takes_fewer_or_more(decades: tuple[int, ...], limits: tuple[int, int]) -> None:
    low, high = limits
    counts = {
        len(read(curve_of(scores, 0.0, first=low), decades, limits, refine=3).visits)
        for scores in itertools.product((0.0, 1.0, 2.0), repeat=high - low + 1)
    }
    assert run_bounds(space_with(decades, limits), ["full"]) == (min(counts), max(counts))


@pytest.mark.parametrize("methods", [["full"], ["freeze"], ["full", "freeze", "prompt"]])
@pytest.mark.parametrize("seeds", [2, 4])
def test_noise_takes_no_fewer_runs_and_no_more(methods: list[str], seeds: int) -> None:
    space = load_space(None, "pocket")
    counts = []
    for number in range(150):
        rng = random.Random(number)
        noise = rng.choice([0.0, 1.0, 10.0])
        height: dict[tuple[str, str, bool], float] = {}

        def score(point: Point) -> Outcome:
            place = (point.method, str(point.learning_rate), point.intermediate_tuning)
            mean = height.setdefault(place, rng.uniform(0, 10))  # noqa: B023
            return Outcome(State.COMPLETE, rng.gauss(mean, noise))  # noqa: B023

        protocol = build_protocol(space, methods, 0, seeds)
        counts.append(len(replay(protocol, score)[0]))
    least, most = run_bounds(space, methods, seeds)
    assert least <= min(counts) <= least + 2
    assert max(counts) <= most
