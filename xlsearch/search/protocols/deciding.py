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
        return fmean(self.scores)

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
        self._runs: dict[Point, int] = {}
        self._unsettled: dict[frozenset[Point], tuple[Point, Point]] = {}

    def best(self, stage: str, points: Sequence[Point]) -> Point | None:
        """The best of some points, or None if all failed.

        Ties go to the larger learning rate, then to the point without intermediate tuning.

        Args:
            stage: Name of the part of the protocol that decides.
            points: Those to decide between; a point may stand here twice.

        Raises:
            Pending: If a score is missing.
        """
        self._run(stage, {point: self._runs.get(point, 1) for point in points})
        while True:
            ranked = sorted(dict.fromkeys(points), key=self._rank, reverse=True)
            best, pair = ranked[0], (ranked[0], ranked[min(1, len(ranked) - 1)])
            if self.score(best) == -math.inf:
                return None
            if self._seeds == 1 or len(ranked) == 1 or settled(*map(self._estimate, pair)):
                self._unsettled.pop(frozenset(pair), None)
                return best
            fewest = min(self._runs[point] for point in pair)
            if fewest == self._seeds:
                self._unsettled[frozenset(pair)] = pair
                return best
            behind = [point for point in pair if self._runs[point] == fewest]
            self._run(stage, dict.fromkeys(behind, fewest + 1))

    def score(self, point: Point) -> float:
        """The mean score of a point that was decided about; minus infinity if a run failed."""
        return self._estimate(point).mean

    @property
    def unsettled(self) -> tuple[tuple[Point, Point], ...]:
        """Pairs, winner first, that all seeds could not tell apart."""
        return tuple(self._unsettled.values())

    def _run(self, stage: str, wanted: dict[Point, int]) -> None:
        """Asks for all missing runs at once."""
        self._ask.scores(
            stage, [run for point, count in wanted.items() for run in _repeats(point, count)]
        )
        self._runs.update(wanted)

    def _estimate(self, point: Point) -> Estimate:
        runs = _repeats(point, self._runs[point])
        return Estimate(tuple(self._ask.scores("known", runs)))

    def _rank(self, point: Point) -> tuple[float, LearningRate, bool]:
        return self.score(point), point.learning_rate, not point.intermediate_tuning


def _repeats(point: Point, count: int) -> list[Point]:
    """A point with its first seeds."""
    return [replace(point, seed=point.seed + i) for i in range(count)]
