"""All three stages over several methods, against the second reading of the paper."""

from __future__ import annotations

import math
from fractions import Fraction

from curves import rate, space_with
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_reading import Place, read_all

from xlsearch.config.space import Crossing, MethodSearch, SearchSpace
from xlsearch.search.planner import Start, plan, replay
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.protocols.registry import build_protocol

METHODS = ("full", "freeze", "adapters", "prompt", "mix")
INHERITS = {"freeze": "full", "mix": "full"}


def space_of(
    factors: tuple[int, ...] = (1, 10), tunings: tuple[bool, ...] = (False, True), **crossed: bool
) -> SearchSpace:
    """The shipped ladder, with a crossing of its own."""
    methods = {
        name: MethodSearch(
            learning_rates_of=INHERITS.get(name),
            refined=name == "full",
            crossed=crossed.get(name, True),
        )
        for name in METHODS
    }
    crossing = Crossing(factors=factors, intermediate_tuning=tunings)
    return space_with().model_copy(update={"methods": methods, "crossing": crossing})


def place_of(point: Point) -> Place:
    return point.method, rate(point), point.intermediate_tuning


def outcome_of(score: float | None) -> Outcome:
    return Outcome(State.FAIL) if score is None else Outcome(State.COMPLETE, score)


def peaked(point: Point) -> Outcome:
    """Best at 1e-4, worse with intermediate tuning."""
    distance = abs(math.log10(rate(point)) + 4)
    return Outcome(State.COMPLETE, -distance - 0.5 * point.intermediate_tuning)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_curves_of_any_methods(data: st.DataObject) -> None:
    methods = tuple(data.draw(st.permutations(METHODS)))[: data.draw(st.integers(1, 5))]
    factors = tuple(data.draw(st.sets(st.sampled_from([1, 3, 10, 100]), min_size=1)))
    tunings = data.draw(st.sampled_from([(False, True), (True, False), (False,), (True,)]))
    score = st.none() | st.integers(-2, 4).map(float)
    known: dict[Place, float | None] = {}

    def scores(place: Place) -> float | None:
        if place not in known:
            known[place] = data.draw(score, label=str(place))
        return known[place]

    space = space_of(factors, tunings)
    visited, choice = replay(
        build_protocol(space, methods, seed=3), lambda point: outcome_of(scores(place_of(point)))
    )
    places = [place_of(request.point) for request in visited]
    ladder = ((3, 4, 5), (1, 7), 3)
    expected, choices = read_all(scores, methods, INHERITS, {"full"}, ladder, factors, tunings)
    assert set(places) == expected
    assert len(places) == len(set(places))
    found = {name: one.best and place_of(one.best) for name, one in choice.methods.items()}
    assert found == choices
    assert {request.point.seed for request in visited} == {3}
    best = [place for place in choices.values() if place is not None]
    if best:
        assert choice.best is not None
        assert scores(place_of(choice.best)) == max(scores(place) for place in best)  # type: ignore[type-var]
    else:
        assert choice.best is None


def test_ties_go_to_the_larger_rate_then_to_no_tuning_then_to_the_first_method() -> None:
    def equal(point: Point) -> Outcome:
        return Outcome(State.COMPLETE, 1.0)

    _, choice = replay(build_protocol(space_of(), ["mix", "freeze", "full"], seed=0), equal)
    # Stage 1 stops at 1e-2, for 1e-1 would not improve on it; refined 3e-2, crossed 3e-1.
    assert {place_of(one.best)[1:] for one in choice.methods.values() if one.best} == {
        (Fraction(3, 10), False)
    }
    assert choice.best is not None
    assert choice.best.method == "mix"


def test_a_method_waits_only_for_the_rate_that_it_takes() -> None:
    """When full has its preliminary rate, the crossing of freeze starts beside other ladders."""
    protocol = build_protocol(space_of(), METHODS, seed=0)
    outcomes: dict[Point, Outcome] = {}
    first = plan(protocol, outcomes, set())
    assert isinstance(first, Start)
    assert [request.point.method for request in first.requests] == [
        *["full"] * 3, *["adapters"] * 3, *["prompt"] * 3,
    ]  # fmt: skip
    for k in range(2):
        now = plan(protocol, outcomes, set())
        assert isinstance(now, Start), k
        for request in now.requests:
            if request.point.method == "full":
                outcomes[request.point] = peaked(request.point)
    now = plan(protocol, outcomes, set())
    assert isinstance(now, Start)
    methods = [request.point.method for request in now.requests]
    assert methods[:6] == ["adapters"] * 3 + ["prompt"] * 3
    assert set(methods[6:]) == {"full", "freeze", "mix"}
    assert {request.stage for request in now.requests[6:]} == {"crossing"}


def test_a_lent_rate_is_searched_but_is_no_result() -> None:
    visited, choice = replay(build_protocol(space_of(), ["freeze"], seed=0), peaked)
    stages = {r.point.method: {q.stage for q in visited if q.point.method == r.point.method}
              for r in visited}  # fmt: skip
    assert stages == {"full": {"decades", "refinement"}, "freeze": {"crossing"}}
    assert list(choice.methods) == ["freeze"]
    assert choice.methods["freeze"].preliminary == Point(
        "freeze", visited[1].point.learning_rate, False, 0
    )


def test_nothing_is_crossed_where_only_the_rate_itself_is_left() -> None:
    visited, choice = replay(build_protocol(space_of((1,), (False,)), ["full"], 0), peaked)
    assert {request.stage for request in visited} == {"decades", "refinement"}
    assert choice.best == choice.methods["full"].preliminary


def test_a_method_that_is_not_crossed_runs_at_its_rate_only() -> None:
    space = space_of(full=False, freeze=False)
    visited, choice = replay(build_protocol(space, ["full", "freeze"], seed=0), peaked)
    crossing = [place_of(request.point) for request in visited if request.stage == "crossing"]
    assert crossing == [("freeze", Fraction(1, 10_000), False)]
    assert choice.methods["freeze"].best is not None


def test_when_a_lender_fails_those_who_take_its_rate_have_none() -> None:
    visited, choice = replay(
        build_protocol(space_of(), ["freeze", "full"], seed=0), lambda point: Outcome(State.FAIL)
    )
    assert len(visited) == 3
    assert choice.best is None
    assert {one.preliminary for one in choice.methods.values()} == {None}


def test_a_method_has_no_best_where_every_multiple_of_the_lent_rate_is_too_large() -> None:
    """Ten times 3e-1, with a space that crosses ten times the rate alone."""

    def rising(point: Point) -> Outcome:
        return Outcome(State.COMPLETE, float(point.learning_rate))

    visited, choice = replay(build_protocol(space_of((10,)), ["freeze", "full"], seed=0), rising)
    assert {request.point.method for request in visited} == {"full"}
    assert choice.methods["freeze"].best is None
    assert choice.best is not None
    assert place_of(choice.best)[1:] == (Fraction(3, 10), False)
