"""Score curves for the tests of the search, and what the package makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from paper_reading import Curve, power

from xlsearch.config.space import Crossing, LearningRateLadder, SearchSpace, load_space
from xlsearch.search.asking import Protocol
from xlsearch.search.planner import replay
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.protocols.registry import build_protocol


def space_with(
    decades: Sequence[int] = (3, 4, 5), limits: tuple[int, int] = (1, 7), refine: int = 3
) -> SearchSpace:
    """A space of stages 1 and 2 alone."""
    ladder = LearningRateLadder(decades=tuple(decades), limits=limits, refine=refine)
    crossing = Crossing(factors=(1,), intermediate_tuning=(False,))
    changed = {"learning_rates": ladder, "crossing": crossing}
    return load_space(None, "pocket").model_copy(update=changed)


def protocol_with(
    decades: Sequence[int] = (3, 4, 5), limits: tuple[int, int] = (1, 7), refine: int = 3
) -> Protocol:
    return build_protocol(space_with(decades, limits, refine), ["full"], seed=0)


def rate(point: Point) -> Fraction:
    """The exact learning rate, without the package's own type."""
    return Fraction(str(point.learning_rate))


def outcomes_on(curve: Curve, failure: State = State.FAIL) -> Callable[[Point], Outcome]:
    """The outcome of each point on a curve; a score of None becomes ``failure``."""

    def outcome(point: Point) -> Outcome:
        score = curve[rate(point)]
        return Outcome(failure) if score is None else Outcome(State.COMPLETE, score)

    return outcome


def curve_of(
    scores: Sequence[float | None], refined: float | None, first: int = 1, refine: int = 3
) -> dict[Fraction, float | None]:
    """Scores of 10^-first, 10^-(first+1), …; every refinement point scores ``refined``."""
    curve: dict[Fraction, float | None] = {}
    for k, score in enumerate(scores, start=first):
        curve[power(k)] = score
        curve[power(k, refine)] = refined
    return curve


def searched(
    protocol: Protocol, curve: Curve, failure: State = State.FAIL
) -> tuple[list[tuple[str, Fraction]], Fraction | None]:
    """Stage and learning rate of each visit, and the chosen learning rate."""
    visited, choice = replay(protocol, outcomes_on(curve, failure))
    visits = [(request.stage, rate(request.point)) for request in visited]
    return visits, None if choice.best is None else rate(choice.best)
