"""The staged search of Chirkova & Nikoulina (paper, section on hyperparameters)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.space import LearningRateLadder, SearchSpace
from xlsearch.search.asking import Ask, At, Choice, MethodChoice
from xlsearch.search.point import Point
from xlsearch.search.protocols.deciding import Decisions

Found = tuple[MethodChoice, float]
"""What a method's search ends with, and the score of its best point."""

LARGEST = LearningRate("1e0")
"""No multiple of a learning rate is tried beyond it."""


def staged(ask: Ask, space: SearchSpace, methods: Sequence[str], at: At, seeds: int) -> Choice:
    """All three stages, for all methods side by side.

    Stages 1 and 2 find a method's preliminary learning rate; some methods take that of another,
    usually of full fine-tuning, which is then searched whether it was asked for or not. Stage 3
    crosses multiples of that rate with intermediate tuning. A method's choice is the best of all
    its own runs.

    Args:
        ask: Gives the scores.
        space: The learning rates, how each method finds its own, and the crossing.
        methods: Those to search.
        at: The point of a method, a learning rate, and intermediate tuning.
        seeds: Most runs of a point whose score decides something.

    Raises:
        Pending: If a score that decides what comes next is not there yet.
    """

    def preliminary(method: str, decide: Decisions) -> tuple[Point | None, list[Point]]:
        """The point of the preliminary learning rate, and all that were tried to find it."""
        ladder, refined = space.learning_rates, space.how(method).refined
        return _preliminary(decide, ladder, lambda rate: at(method, rate, False), refined)

    def ladder(method: str) -> None:
        preliminary(method, Decisions(ask, seeds))

    def search(method: str) -> Found:
        """All stages of one method, and the score of its best point."""
        decide = Decisions(ask, seeds)
        source = space.source_of(method)
        start, tried = preliminary(source, decide)
        if start is None:
            return MethodChoice(None, None, decide.unsettled), -math.inf
        rate = start.learning_rate
        own = tried if source == method else []
        best = decide.best("crossing", own + _crossing(space, method, rate, at))
        choice = MethodChoice(at(method, rate, False), best, decide.unsettled)
        return choice, -math.inf if best is None else decide.score(best)

    # What most methods wait for comes first, and every stage 1 and 2 before any crossing.
    sources = [space.source_of(method) for method in methods]
    waited_for = sorted(dict.fromkeys(sources), key=sources.count, reverse=True)
    parts: list[Callable[[], Found | None]] = [partial(ladder, source) for source in waited_for]
    answers = ask.together(parts + [partial(search, method) for method in methods])
    found = dict(zip(methods, filter(None, answers), strict=True))
    best, _ = max(found.values(), key=_rank)
    return Choice(best.best, {method: choice for method, (choice, _) in found.items()})


def _preliminary(
    decide: Decisions,
    ladder: LearningRateLadder,
    at: Callable[[LearningRate], Point],
    refined: bool,
) -> tuple[Point | None, list[Point]]:
    """Stage 1 tries the decades of the ladder. While the best one is at an end, it goes on in that
    direction, a decade at a time, until the score stops improving. Stage 2 also tries ``refine``
    times the best decade. Returns the best point and all that were tried."""

    def decade(k: int) -> Point:
        return at(LearningRate.decade(k))

    tried = [decade(k) for k in ladder.decades]
    best = decide.best("decades", tried)
    largest, smallest = ladder.decades[0], ladder.decades[-1]
    for end, step, limit in ((largest, -1, ladder.limits[0]), (smallest, +1, ladder.limits[1])):
        for k in range(end, limit, step):
            if best != decade(k):
                break
            tried.append(decade(k + step))
            best = decide.best("extension", tried)
            if decide.score(decade(k + step)) <= decide.score(decade(k)):
                break
    if best is not None and refined:
        tried.append(at(best.learning_rate.times(ladder.refine)))
        best = decide.best("refinement", tried)
    return best, tried


def _crossing(space: SearchSpace, method: str, start: LearningRate, at: At) -> list[Point]:
    """Stage 3: multiples of the preliminary learning rate, without and with intermediate tuning.
    A method that is not crossed runs at its preliminary learning rate only."""
    if not space.how(method).crossed:
        return [at(method, start, False)]
    rates = [start.times(factor) for factor in space.crossing.factors]
    return [
        at(method, rate, tuning)
        for tuning in space.crossing.intermediate_tuning
        for rate in rates
        if rate <= LARGEST
    ]


def _rank(found: Found) -> tuple[float, bool, float, bool]:
    """Ties between methods: the larger learning rate, then without intermediate tuning."""
    choice, score = found
    if choice.best is None:
        return score, False, 0.0, False
    return score, True, float(choice.best.learning_rate), not choice.best.intermediate_tuning
