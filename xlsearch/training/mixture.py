"""Several training sets as one, of which each gives its share of the instances."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from xlsearch.training.encoded import EncodedExamples


class Mixture:
    """Training sets that are drawn from by weight; an example's number counts through all of them.

    Args:
        parts: The sets, at least one; an epoch is as long as the first.
        weights: Share of the instances drawn from each.
    """

    def __init__(self, parts: Sequence[EncodedExamples], weights: Sequence[float]) -> None:
        self._parts = list(parts)
        self._weights = np.array(weights) / sum(weights)
        self._starts = np.cumsum([0, *map(len, self._parts)])
        self.lengths: npt.NDArray[np.int64] = np.concatenate(
            [np.maximum(part.source_lengths, part.label_lengths) for part in self._parts]
        )
        """Tokens of each example, the larger of source and labels, [examples]."""

    def source(self, index: int) -> npt.NDArray[np.int32]:
        """Source ids of an example, special tokens included."""
        part, inside = self._find(index)
        return part.source(inside)

    def labels(self, index: int) -> npt.NDArray[np.int32]:
        """Label ids of an example, special tokens included."""
        part, inside = self._find(index)
        return part.labels(inside)

    def draw(self, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """The examples of an epoch in random order.

        The part of each place is drawn by weight. A part gives its examples in random order, each
        once before any comes twice.
        """
        sizes = [len(part) for part in self._parts]
        if len(sizes) == 1:
            return rng.permutation(sizes[0])
        drawn = rng.choice(len(sizes), sizes[0], p=self._weights)
        order = np.empty(sizes[0], dtype=np.int64)
        for number, size in enumerate(sizes):
            places = np.flatnonzero(drawn == number)
            rounds = [rng.permutation(size) for _ in range(0, len(places), size)]
            if rounds:
                order[places] = self._starts[number] + np.concatenate(rounds)[: len(places)]
        return order

    def _find(self, index: int) -> tuple[EncodedExamples, int]:
        number = int(np.searchsorted(self._starts, index, side="right")) - 1
        return self._parts[number], index - int(self._starts[number])
