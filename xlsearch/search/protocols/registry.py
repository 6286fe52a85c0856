"""All protocols. A new one is a file beside this one and a line below."""

from __future__ import annotations

from collections.abc import Callable

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.space import SearchSpace
from xlsearch.search.asking import Ask, Choice, Protocol
from xlsearch.search.point import Point
from xlsearch.search.protocols.staged import staged

PROTOCOLS = {"staged": staged}


def build_protocol(space: SearchSpace, method: str, seed: int) -> Protocol:
    """The protocol of a search space for one adaptation method.

    Args:
        space: Names the protocol and holds its numbers.
        method: Adaptation method of all its points.
        seed: Seed of all its points.
    """
    function = PROTOCOLS[space.protocol]
    at: Callable[[LearningRate], Point] = lambda rate: Point(method, rate, False, seed)  # noqa: E731

    def protocol(ask: Ask) -> Choice:
        return function(ask, space.learning_rates, at)

    return protocol
