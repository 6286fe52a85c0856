"""Correlations with their confidence intervals."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

_NORMAL = statistics.NormalDist().inv_cdf(0.975)
"""Standard errors from the middle of a 95 % confidence interval to its ends: 1.96."""

_LEAST = 4
"""Pairs below which Fisher's standard error, 1 / sqrt(n - 3), is not defined."""


@dataclass(frozen=True)
class Correlation:
    """A correlation.

    Attributes:
        value: -1 to 1.
        low, high: Ends of its 95 % confidence interval.
    """

    value: float
    low: float
    high: float


def pearson(x: Sequence[float], y: Sequence[float]) -> Correlation | None:
    """Pearson's correlation, with the interval of Fisher's z.

    Returns:
        None for fewer than four pairs, or where all x or all y are equal.
    """
    value = _value(x, y)
    return None if value is None else _with_interval(value, 1 / math.sqrt(len(x) - 3))


def spearman(x: Sequence[float], y: Sequence[float]) -> Correlation | None:
    """Spearman's correlation: Pearson's of the ranks, of which equals share their mean.

    The interval is Fisher's with the standard error of Bonett & Wright (2000), since that of
    Pearson's correlation is too small for ranks.

    Returns:
        None, where ``pearson`` has none.
    """
    value = _value(_ranks(x), _ranks(y))
    if value is None:
        return None
    return _with_interval(value, math.sqrt((1 + value**2 / 2) / (len(x) - 3)))


def _value(x: Sequence[float], y: Sequence[float]) -> float | None:
    if len(x) < _LEAST or len(set(x)) == 1 or len(set(y)) == 1:
        return None
    # Rounding may carry a perfect correlation past 1.
    return max(-1.0, min(1.0, statistics.correlation(x, y)))


def _with_interval(value: float, error: float) -> Correlation:
    if abs(value) == 1:
        return Correlation(value, value, value)
    z = math.atanh(value)
    return Correlation(value, math.tanh(z - _NORMAL * error), math.tanh(z + _NORMAL * error))


def _ranks(values: Sequence[float]) -> list[float]:
    """The place of each value, from 1."""
    ordered = sorted(values)
    # The mean of a value's first and last place.
    return [ordered.index(value) + (ordered.count(value) + 1) / 2 for value in values]
