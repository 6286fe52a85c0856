"""How long a search can become, before it is begun."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.space import SearchSpace
from xlsearch.search.planner import replay
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.protocols.registry import build_protocol

_TUNED_WORSE = 20.0
"""Points: more than any learning rate loses."""


def run_bounds(space: SearchSpace, methods: Sequence[str], seeds: int = 1) -> tuple[int, int]:
    """The least and the most runs of a search, over all places where the best rates may be.

    A search whose runs all diverge ends earlier.

    Args:
        space: The search space.
        methods: Adaptation methods to search.
        seeds: Most runs of a point whose score decides something. At the least, the two points of
            each decision are run twice; at the most, every point with every seed.
    """
    least, most = 0, 0
    # What one source's learning rates lead to does not depend on those of another.
    for source in dict.fromkeys(space.source_of(method) for method in methods):
        led = [method for method in methods if space.source_of(method) == source]
        least += min(_counts(space, led, seeds))
        most += max(_counts(space, led, 1)) * seeds
    return least, most


def _counts(space: SearchSpace, methods: Sequence[str], seeds: int) -> list[int]:
    """The runs of a search, for every decade that may be the best and either end of stage 2."""
    low, high = space.learning_rates.limits
    protocol = build_protocol(space, methods, seed=0, seeds=seeds)
    peaks = itertools.product(range(low, high + 1), (False, True))
    return [len(replay(protocol, _peak(k, refined))[0]) for k, refined in peaks]


def _peak(best: int, refined: bool) -> Callable[[Point], Outcome]:
    """Outcomes that fall on both sides of a decade, and are far worse with intermediate tuning, so
    that no two decide anything by a tie.

    Args:
        best: Its k.
        refined: Whether a rate between decades is better still.
    """
    decades = {LearningRate.decade(k): k for k in range(10)}

    def outcome(point: Point) -> Outcome:
        k = decades.get(point.learning_rate)
        between = 1.0 if refined else -10.0
        value = between if k is None else -abs(float(k - best))
        return Outcome(State.COMPLETE, value - _TUNED_WORSE * point.intermediate_tuning)

    return outcome
