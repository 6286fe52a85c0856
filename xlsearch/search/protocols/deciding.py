"""Decisions between points whose scores are noisy: more seeds where they matter.

A decision is between the best point and its runner-up. Both are run with further seeds until their
means differ by more than the standard error of the difference, or the seeds are used up. With one
seed a decision is a comparison of two scores.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, variance

from xlsearch.config.learning_rate import LearningRate
from xlsearch.search.asking import Ask
from xlsearch.search.point import Point


@dataclass(frozen=True)
class Estimate:
    """What is known of the score of a point.

    Attributes:
        scores: One for each seed that was run; minus infinity for a run that failed.
    """

    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Their mean; minus infinity if a run failed."""
        return self.scores[0] if len(self.scores) == 1 else fmean(self.scores)

    @property
    def squared_error(self) -> float:
        """The square of the mean's standard error; infinite for a single run."""
        n = len(self.scores)
        return variance(self.scores) / n if n > 1 else math.inf


def settled(a: Estimate, b: Estimate) -> bool:
    """Whether two means differ by more than the standard error of their difference; those of single
    runs never do, and those of a failed and a finished point always."""
    if -math.inf in (a.mean, b.mean):
        return a.mean != b.mean
    return abs(a.mean - b.mean) > math.sqrt(a.squared_error + b.squared_error)


class Decisions:
    """Decides between points, one decision after another.

    What a decision has learned is kept for the next ones. Which seeds are asked for follows from
    the scores alone, not from the order in which runs end.

    Args:
        ask: Gives the scores.
        seeds: Most runs of a point; the first bears the seed of the point, each further one the
            next number.
    """

    def __init__(self, ask: Ask, seeds: int) -> None:
        self._ask = ask
        self._seeds = seeds
        self._known: dict[Point, Estimate] = {}
        self._unsettled: dict[frozenset[Point], tuple[Point, Point]] = {}

    def best(self, stage: str, points: Sequence[Point]) -> Point | None:
        """The best of some points, or None if all failed or there is none.

        Ties go to the larger learning rate, then to the point without intermediate tuning.

        Args:
            stage: Name of the part of the protocol that decides.
            points: Those to decide between; a point may stand here twice.

        Raises:
            Pending: If a score is missing.
        """
        points = list(dict.fromkeys(points))
        if not points:
            return None
        self._run(stage, [point for point in points if point not in self._known], 1)
        while True:
            ranked = sorted(points, key=self._rank, reverse=True)
            best, pair = ranked[0], (ranked[0], ranked[min(1, len(ranked) - 1)])
            if self.score(best) == -math.inf:
                return None
            if self._seeds == 1 or len(ranked) == 1 or settled(*map(self._known.__getitem__, pair)):
                self._unsettled.pop(frozenset(pair), None)
                return best
            runs = {point: len(self._known[point].scores) for point in pair}
            fewest = min(runs.values())
            if fewest == self._seeds:
                self._unsettled[frozenset(pair)] = pair
                return best
            self._run(stage, [point for point in pair if runs[point] == fewest], fewest + 1)

    def score(self, point: Point) -> float:
        """The mean score of a point that was decided about; minus infinity if a run failed."""
        return self._known[point].mean

    @property
    def unsettled(self) -> tuple[tuple[Point, Point], ...]:
        """Pairs, winner first, that all seeds could not tell apart."""
        return tuple(self._unsettled.values())

    def _run(self, stage: str, points: Sequence[Point], count: int) -> None:
        """Brings points to so many runs each, all asked for at once."""
        repeats = [replace(point, seed=point.seed + count - 1) for point in points]
        for point, score in zip(points, self._ask.scores(stage, repeats), strict=True):
            before = self._known[point].scores if point in self._known else ()
            self._known[point] = Estimate((*before, score))

    def _rank(self, point: Point) -> tuple[float, LearningRate, bool]:
        return self.score(point), point.learning_rate, not point.intermediate_tuning
