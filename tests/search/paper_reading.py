"""The staged search read off the paper a second time, as sets instead of steps.

Nothing here is taken from the package: rates are fractions, a curve is a dictionary.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
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
