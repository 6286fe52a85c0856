"""The staged search of Chirkova & Nikoulina (paper, section on hyperparameters)."""

from __future__ import annotations

import math
from collections.abc import Callable

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.space import LearningRateLadder
from xlsearch.search.asking import Ask, Choice
from xlsearch.search.point import Point

Scored = tuple[float, LearningRate]
"""A score and where it was reached. Tuples compare as the search does: ties go to the larger LR."""


def staged(ask: Ask, ladder: LearningRateLadder, at: Callable[[LearningRate], Point]) -> Choice:
    """Stages 1 and 2 for full fine-tuning.

    Stage 1 tries the decades of the ladder. While the best one is at an end, the search goes on in
    that direction, a decade at a time, until the score stops improving. Stage 2 also tries
    ``refine`` times the best decade. The best of all is the choice.

    Args:
        ask: Gives the scores.
        ladder: Decades, limits, and the factor of the refinement.
        at: The point of a learning rate.

    Raises:
        Pending: If a score that decides what comes next is not there yet.
    """

    def score(stage: str, ks: list[int], factor: int = 1) -> list[Scored]:
        rates = [LearningRate.decade(k, factor) for k in ks]
        return list(zip(ask.scores(stage, [at(rate) for rate in rates]), rates, strict=True))

    ks = list(ladder.decades)
    tried = dict(zip(ks, score("decades", ks), strict=True))
    largest, smallest = ks[0], ks[-1]
    for end, step, limit in ((largest, -1, ladder.limits[0]), (smallest, +1, ladder.limits[1])):
        k = end
        while _best(tried) == k and k != limit and _finished(tried[k]):
            (tried[k + step],) = score("extension", [k + step])
            if tried[k + step][0] <= tried[k][0]:
                break
            k += step
    best_k = _best(tried)
    found = list(tried.values())
    if _finished(tried[best_k]):
        found += score("refinement", [best_k], ladder.refine)
    best = max(found)
    return Choice(at(best[1]) if _finished(best) else None)


def _best(tried: dict[int, Scored]) -> int:
    return max(tried, key=lambda k: tried[k])


def _finished(scored: Scored) -> bool:
    return scored[0] > -math.inf
