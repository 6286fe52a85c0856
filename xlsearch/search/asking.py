"""How a protocol asks for scores.

A protocol is a plain function that asks for the scores of points and branches on them. Asking for
a point that has no score yet raises ``Pending``, which ends the call; the protocol is called again
from its start when more is known. So it keeps no state that could be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from xlsearch.config.learning_rate import LearningRate
from xlsearch.search.point import Outcome, Point

T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """A point that a protocol wants the score of.

    Attributes:
        point: Where to run.
        stage: Which part of the protocol asked, e.g. ``decades``.
    """

    point: Point
    stage: str


class Pending(Exception):
    """A protocol asked for points without a score.

    Attributes:
        requests: All of them; they do not depend on each other.
    """

    def __init__(self, requests: Sequence[Request]) -> None:
        super().__init__(f"{len(requests)} points without a score")
        self.requests = tuple(requests)


class Ask:
    """Answers a protocol from the outcomes so far.

    Args:
        outcomes: What came of the points that were run.
    """

    def __init__(self, outcomes: Mapping[Point, Outcome]) -> None:
        self._outcomes = outcomes

    def scores(self, stage: str, points: Sequence[Point]) -> list[float]:
        """The scores of points, minus infinity for a failed or collapsed one.

        Args:
            stage: Name of the part of the protocol that asks.
            points: Points that do not depend on each other, so that they may run in parallel.

        Raises:
            Pending: If a point has no outcome yet.
        """
        missing = [Request(point, stage) for point in points if point not in self._outcomes]
        if missing:
            raise Pending(missing)
        return [self._outcomes[point].score for point in points]

    def together(self, parts: Sequence[Callable[[], T]]) -> list[T]:
        """What parts of a protocol return that do not wait for each other.

        Args:
            parts: Each may ask on its own. What comes first is started first.

        Raises:
            Pending: If a part asked for points without an outcome; with those of all parts, a
                point that several ask for once.
        """
        answers: list[T] = []
        missing: dict[Point, Request] = {}
        for part in parts:
            try:
                answers.append(part())
            except Pending as pending:
                for request in pending.requests:
                    missing.setdefault(request.point, request)
        if missing:
            raise Pending(tuple(missing.values()))
        return answers


@dataclass(frozen=True)
class MethodChoice:
    """What a protocol found for one adaptation method. All points bear the search's first seed.

    Attributes:
        preliminary: The point of the preliminary learning rate, without intermediate tuning; None
            if no run finished.
        best: The best point; None if no run finished.
        unsettled: Pairs, winner first, whose difference is within its standard error after all
            seeds: decisions that noise could turn. Empty where there is one seed, which has no
            standard error.
    """

    preliminary: Point | None
    best: Point | None
    unsettled: tuple[tuple[Point, Point], ...] = ()


@dataclass(frozen=True)
class Choice:
    """What a protocol ends with.

    Attributes:
        best: The best point of all methods; None if no run finished.
        methods: What was found for each method.
    """

    best: Point | None
    methods: Mapping[str, MethodChoice] = field(default_factory=dict)


Protocol = Callable[[Ask], Choice]

At = Callable[[str, LearningRate, bool], Point]
"""The point of a method, a learning rate, and intermediate tuning, with the search's seed."""
