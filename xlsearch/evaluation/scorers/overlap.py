"""How much two bags of tokens have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable


def f_measure(predicted: Iterable[Hashable], wanted: Iterable[Hashable]) -> float:
    """Harmonic mean of precision and recall over tokens with their counts, 0 to 100.

    Counters are taken as they are; nothing in common, or nothing at all, is 0.
    """
    one, other = Counter(predicted), Counter(wanted)
    common = (one & other).total()
    if not common:
        return 0.0
    return 100 * 2 * common / (one.total() + other.total())
