"""The staged search read off the paper a second time, as sets instead of steps.

Nothing here is taken from the package: rates are fractions, a curve is a dictionary.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

Curve = Mapping[Fraction, float | None]
"""The score at each learning rate; None for a run that failed or was stopped early."""


@dataclass(frozen=True)
class Reading:
    """Which runs the paper makes, by stage, and which learning rate it takes."""

    decades: list[Fraction]
    extension: list[Fraction]
    refinement: list[Fraction]
    best: Fraction | None

    @property
    def visits(self) -> list[tuple[str, Fraction]]:
        stages = ("decades", "extension", "refinement")
        return [(stage, rate) for stage in stages for rate in getattr(self, stage)]


def power(k: int, factor: int = 1) -> Fraction:
    return Fraction(factor, 10**k)


def read(curve: Curve, decades: Sequence[int], limits: tuple[int, int], refine: int) -> Reading:
    """Everything that is visited and chosen on a curve."""

    def value(rate: Fraction) -> float:
        score = curve[rate]
        return -math.inf if score is None else score

    def best(rates: Sequence[Fraction]) -> Fraction:
        return max(rates, key=lambda rate: (value(rate), rate))

    def improves_all_the_way(path: Sequence[int]) -> bool:
        """Whether each decade of a path is strictly better than the one before it."""
        steps = itertools.pairwise(path)
        return all(value(power(after)) > value(power(before)) for before, after in steps)

    ladder = [power(k) for k in decades]
    low, high = limits
    top, bottom = decades[0], decades[-1]
    extension: list[Fraction] = []
    if best(ladder) == power(top) and value(power(top)) > -math.inf:
        larger = range(top - 1, low - 1, -1)
        extension = [power(k) for k in larger if improves_all_the_way(range(top, k, -1))]
    if best(ladder + extension) == power(bottom) and value(power(bottom)) > -math.inf:
        smaller = range(bottom + 1, high + 1)
        extension += [power(k) for k in smaller if improves_all_the_way(range(bottom, k))]
    preliminary = best(ladder + extension)
    if value(preliminary) == -math.inf:
        return Reading(ladder, extension, [], None)
    refinement = [refine * preliminary]
    return Reading(ladder, extension, refinement, best(ladder + extension + refinement))


Place = tuple[str, Fraction, bool]
"""A method, a learning rate, and whether with intermediate tuning."""


def read_all(
    scores: Callable[[Place], float | None],
    methods: Sequence[str],
    inherits: Mapping[str, str],
    refined: Collection[str],
    ladder: tuple[Sequence[int], tuple[int, int], int],
    factors: Sequence[int],
    tunings: Sequence[bool],
) -> tuple[set[Place], dict[str, Place | None]]:
    """Everything that a search over several methods visits, and each method's choice.

    Args:
        scores: The score at each place.
        methods: Those that are asked for.
        inherits: Whose preliminary learning rate a method takes, if not its own.
        refined: Methods with a refinement.
        ladder: Decades, limits, and the factor of the refinement.
        factors, tunings: Of the crossing.
    """
    decades, limits, refine = ladder
    visited: set[Place] = set()
    choices: dict[str, Place | None] = {}
    for method in methods:
        source = inherits.get(method, method)
        rates = [power(k, f) for k in range(limits[0], limits[1] + 1) for f in (1, refine)]
        curve = {rate: scores((source, rate, False)) for rate in rates}
        if source not in refined:
            curve |= {power(k, refine): None for k in range(limits[0], limits[1] + 1)}
        reading = read(curve, decades, limits, refine)
        stages = reading.decades + reading.extension
        stages += reading.refinement if source in refined else []
        visited |= {(source, rate, False) for rate in stages}
        if reading.best is None:
            choices[method] = None
            continue
        multiples = [reading.best * factor for factor in factors]
        crossed = {(method, r, it) for r in multiples if r <= 1 for it in tunings}
        visited |= crossed
        candidates = crossed | {place for place in visited if place[0] == method}
        finished = [(place, scores(place)) for place in candidates]
        ranked = [(s, rate, not it) for (_, rate, it), s in finished if s is not None]
        choices[method] = None
        if ranked:
            _, rate, untuned = max(ranked)
            choices[method] = (method, rate, not untuned)
    return visited, choices
