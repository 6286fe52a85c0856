"""How long a search can become, before it is begun."""

from __future__ import annotations

from collections.abc import Callable

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.space import SearchSpace
from xlsearch.search.planner import replay
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.protocols.registry import build_protocol


def run_bounds(space: SearchSpace, method: str) -> tuple[int, int]:
    """The least and the most runs of a search, over all places where the best decade may be.

    A search whose runs all diverge ends earlier.

    Args:
        space: The search space.
        method: Adaptation method.
    """
    low, high = space.learning_rates.limits
    counts = []
    for k in range(low, high + 1):
        peak = LearningRate.decade(k)
        visited, _ = replay(build_protocol(space, method, seed=0), _single_peak(peak))
        counts.append(len(visited))
    return min(counts), max(counts)


def _single_peak(peak: LearningRate) -> Callable[[Point], Outcome]:
    """Outcomes that fall on both sides of a learning rate."""

    def outcome(point: Point) -> Outcome:
        ratio = float(point.learning_rate) / float(peak)
        return Outcome(State.COMPLETE, -max(ratio, 1 / ratio))

    return outcome
