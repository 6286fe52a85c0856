"""The staged search against tables of curves, and against a second reading of the paper."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from curves import curve_of, outcomes_on, protocol_with, searched, space_with
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_reading import power, read

from xlsearch.errors import UserError
from xlsearch.search.planner import replay
from xlsearch.search.point import State
from xlsearch.search.protocols.registry import build_protocol

Score = float | None

# Scores of 1e-1 … 1e-7, score of the refinement, extension expected, best expected.
SHAPES: dict[str, tuple[list[Score], Score, list[str], str | None]] = {
    "peak at 1e-1": ([9, 8, 7, 6, 5, 4, 3], 0, ["1e-2", "1e-1"], "1e-1"),
    "peak at 1e-2": ([1, 8, 7, 6, 5, 4, 3], 0, ["1e-2", "1e-1"], "1e-2"),
    "peak at 1e-3": ([1, 2, 7, 6, 5, 4, 3], 0, ["1e-2"], "1e-3"),
    "peak at 1e-4": ([1, 2, 3, 6, 5, 4, 3], 0, [], "1e-4"),
    "peak at 1e-5": ([1, 2, 3, 4, 9, 4, 3], 0, ["1e-6"], "1e-5"),
    "peak at 1e-6": ([1, 2, 3, 4, 5, 9, 3], 0, ["1e-6", "1e-7"], "1e-6"),
    "peak at 1e-7": ([1, 2, 3, 4, 5, 6, 9], 0, ["1e-6", "1e-7"], "1e-7"),
    "all equal": ([5, 5, 5, 5, 5, 5, 5], 0, ["1e-2"], "1e-2"),
    "equal at 1e-3 and 1e-4": ([0, 0, 5, 5, 1, 9, 9], 0, ["1e-2"], "1e-3"),
    "equal at 1e-4 and 1e-5": ([9, 9, 0, 5, 5, 9, 9], 0, [], "1e-4"),
    "plateau stops the way up": ([9, 5, 5, 1, 1, 0, 0], 0, ["1e-2"], "1e-2"),
    "plateau stops the way down": ([0, 0, 1, 1, 5, 5, 9], 0, ["1e-6"], "1e-5"),
    "a second peak above is not seen": ([99, 1, 7, 6, 5, 0, 0], 0, ["1e-2"], "1e-3"),
    "a second peak below is not seen": ([0, 0, 1, 2, 7, 3, 99], 0, ["1e-6"], "1e-5"),
    "peaks at both ends of the ladder": ([0, 0, 7, 1, 8, 0, 0], 0, ["1e-6"], "1e-5"),
    "equal peaks at both ends": ([0, 0, 8, 1, 8, 99, 0], 0, ["1e-2"], "1e-3"),
    "negative scores": ([-9, -8, -7, -5, -6, -1, -1], -9, [], "1e-4"),
    "large rates fail": ([None, None, None, None, 1, 2, 1], 0, ["1e-6", "1e-7"], "1e-6"),
    "small rates fail": ([1, 3, 2, None, None, None, None], 0, ["1e-2", "1e-1"], "1e-2"),
    "the way up fails": ([9, None, 5, 4, 3, 2, 1], 0, ["1e-2"], "1e-3"),
    "the way down fails": ([0, 0, 1, 2, 5, None, 9], 0, ["1e-6"], "1e-5"),
    "the middle fails": ([0, 0, 1, None, 2, 3, 0], 0, ["1e-6", "1e-7"], "1e-6"),
    "only the middle finishes": ([9, 9, None, 1, None, 9, 9], 0, [], "1e-4"),
    "the worst finished run beats failed ones": ([0, 0, None, -99, None, 0, 0], None, [], "1e-4"),
    "the whole ladder fails": ([9, 9, None, None, None, 9, 9], 9, [], None),
    "the refinement wins": ([1, 2, 3, 6, 5, 4, 3], 7, [], "3e-4"),
    "the refinement ties": ([1, 2, 3, 6, 5, 4, 3], 6, [], "3e-4"),
    "the refinement loses": ([1, 2, 3, 6, 5, 4, 3], 5, [], "1e-4"),
    "the refinement fails": ([1, 2, 3, 6, 5, 4, 3], None, [], "1e-4"),
    "the refinement of an extension wins": ([1, 2, 3, 4, 5, 9, 3], 10, ["1e-6", "1e-7"], "3e-6"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_of_curve(name: str) -> None:
    scores, refined, extension, best = SHAPES[name]
    visits, choice = searched(protocol_with(), curve_of(scores, refined))
    stages = {stage: [r for s, r in visits if s == stage] for stage, _ in visits}
    assert stages["decades"] == [power(3), power(4), power(5)]
    assert stages.get("extension", []) == [Fraction(rate) for rate in extension]
    assert choice == (None if best is None else Fraction(best))


def test_the_refinement_is_beside_the_best_decade_and_last() -> None:
    visits, _ = searched(protocol_with(), curve_of([1, 2, 3, 4, 5, 9, 3], 0))
    assert visits[-1] == ("refinement", Fraction("3e-6"))


def test_nothing_is_refined_when_everything_failed() -> None:
    visits, choice = searched(protocol_with(), curve_of([None] * 7, None))
    assert [stage for stage, _ in visits] == ["decades"] * 3
    assert choice is None


def test_points_carry_method_and_seed_of_the_search() -> None:
    visited, _ = replay(protocol_with(), outcomes_on(curve_of([1, 2, 3, 4, 3, 2, 1], 0)))
    points = {(r.point.method, r.point.intermediate_tuning, r.point.seed) for r in visited}
    assert points == {("full", False, 0)}


def test_a_protocol_that_is_not_there_is_bad_input() -> None:
    space = space_with().model_copy(update={"protocol": "stages"})
    with pytest.raises(UserError, match=r"unknown protocol 'stages'.* did you mean 'staged'"):
        build_protocol(space, ["full"], seed=0)


@pytest.mark.parametrize(
    ("levels", "failure"),
    [
        ((None, 0.0, 1.0), State.FAIL),
        ((None, 0.0), State.PRUNED),
    ],
)
def test_every_curve_over_some_levels(levels: tuple[Score, ...], failure: State) -> None:
    """Every level at each of seven decades and at the refinement: 6,561 curves, or 256."""
    protocol = protocol_with()
    for *scores, refined in itertools.product(levels, repeat=8):
        curve = curve_of(scores, refined)
        expected = read(curve, (3, 4, 5), (1, 7), refine=3)
        assert searched(protocol, curve, failure) == (expected.visits, expected.best), curve


@pytest.mark.parametrize(
    ("decades", "limits"),
    [
        ((3,), (2, 5)),
        ((3, 4), (3, 4)),
        ((3, 4), (1, 6)),
        ((3, 4, 5), (3, 5)),
        ((3, 4, 5), (2, 5)),
        ((3, 4, 5), (3, 7)),
        ((2, 3, 4, 5), (1, 6)),
    ],
)
def test_every_curve_on_other_ladders(decades: tuple[int, ...], limits: tuple[int, int]) -> None:
    """As above, between the limits, which the search must not leave."""
    low, high = limits
    protocol = protocol_with(decades, limits, refine=2)
    levels: tuple[Score, ...] = (None, 0.0, 1.0)
    for *scores, refined in itertools.product(levels, repeat=high - low + 2):
        curve = curve_of(scores, refined, first=low, refine=2)
        expected = read(curve, decades, limits, refine=2)
        assert searched(protocol, curve) == (expected.visits, expected.best), curve


@settings(max_examples=300)
@given(data=st.data())
def test_any_curve_on_any_ladder(data: st.DataObject) -> None:
    low = data.draw(st.integers(1, 3), label="low")
    high = data.draw(st.integers(low + 1, 8), label="high")
    ladders = st.sets(st.integers(low, high), min_size=1, max_size=4)
    decades = tuple(sorted(data.draw(ladders, label="decades")))
    refine = data.draw(st.integers(2, 9), label="refine")
    score = st.none() | st.integers(-3, 3).map(float) | st.floats(-100, 100)
    scores = data.draw(st.lists(score, min_size=high - low + 1, max_size=high - low + 1))
    curve = curve_of(scores, data.draw(score, label="refined"), first=low, refine=refine)
    expected = read(curve, decades, (low, high), refine)
    found = searched(protocol_with(decades, (low, high), refine), curve)
    assert found == (expected.visits, expected.best)
