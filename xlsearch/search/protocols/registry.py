"""All protocols. A new one is a file beside this one and a line below."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.space import SearchSpace
from xlsearch.errors import unknown_name
from xlsearch.search.asking import Ask, At, Choice, Protocol
from xlsearch.search.point import Point
from xlsearch.search.protocols.staged import staged

ProtocolFunction = Callable[[Ask, SearchSpace, Sequence[str], At, int], Choice]

PROTOCOLS: dict[str, ProtocolFunction] = {"staged": staged}


def build_protocol(
    space: SearchSpace, methods: Sequence[str], seed: int, seeds: int = 1
) -> Protocol:
    """The protocol of a search space for some adaptation methods.

    Args:
        space: Names the protocol and holds its numbers.
        methods: Adaptation methods to search.
        seed: Seed of the first run of each point.
        seeds: Most runs of a point whose score decides something.

    Raises:
        UserError: If the space names a protocol that does not exist.
    """
    if space.protocol not in PROTOCOLS:
        raise unknown_name("protocol", space.protocol, PROTOCOLS, "the search space")
    function = PROTOCOLS[space.protocol]

    def at(method: str, rate: LearningRate, intermediate_tuning: bool) -> Point:
        return Point(method, rate, intermediate_tuning, seed)

    def protocol(ask: Ask) -> Choice:
        return function(ask, space, methods, at, seeds)

    return protocol
