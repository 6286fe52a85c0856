"""All protocols. A new one is a file beside this one and a line below."""

from __future__ import annotations

from collections.abc import Callable

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.space import LearningRateLadder, SearchSpace
from xlsearch.errors import unknown_name
from xlsearch.search.asking import Ask, Choice, Protocol
from xlsearch.search.point import Point
from xlsearch.search.protocols.staged import staged

ProtocolFunction = Callable[[Ask, LearningRateLadder, Callable[[LearningRate], Point]], Choice]

PROTOCOLS: dict[str, ProtocolFunction] = {"staged": staged}


def build_protocol(space: SearchSpace, method: str, seed: int) -> Protocol:
    """The protocol of a search space for one adaptation method.

    Args:
        space: Names the protocol and holds its numbers.
        method: Adaptation method of all its points.
        seed: Seed of all its points.

    Raises:
        UserError: If the space names a protocol that does not exist.
    """
    if space.protocol not in PROTOCOLS:
        raise unknown_name("protocol", space.protocol, PROTOCOLS, "the search space")
    function = PROTOCOLS[space.protocol]

    def at(rate: LearningRate) -> Point:
        return Point(method, rate, False, seed)

    def protocol(ask: Ask) -> Choice:
        return function(ask, space.learning_rates, at)

    return protocol
