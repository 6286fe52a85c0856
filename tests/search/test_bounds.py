"""How long a search can become, against every curve on which all runs finish."""

from __future__ import annotations

import itertools

import pytest
from curves import curve_of, space_with
from paper_reading import read

from xlsearch.config.space import load_space
from xlsearch.search.bounds import run_bounds


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
