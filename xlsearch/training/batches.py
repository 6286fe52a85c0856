"""Batches of a token budget, from examples of similar length, in a reproducible order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from xlsearch.errors import UserError
from xlsearch.models.padding import attention_mask, padded
from xlsearch.training.mixture import Mixture

IGNORED = -100
"""Label of padding, which no loss counts."""

_SORTED_TOGETHER = 4096
"""Examples among which lengths are matched. More waste less padding, fewer keep batches random."""


@dataclass(frozen=True)
class Position:
    """Where in the stream of batches a run is: the next batch to be drawn."""

    epoch: int = 0
    batch: int = 0


START = Position()


@dataclass(frozen=True)
class Batch:
    """Padded tensors of one update.

    Attributes:
        input_ids: [examples, longest source].
        attention_mask: 1 where ``input_ids`` is no padding.
        labels: [examples, longest label sequence], ``IGNORED`` where padded.
        tokens: Source and label tokens, padding not counted.
    """

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    labels: torch.Tensor
    tokens: int


def plan_epoch(
    lengths: npt.NDArray[np.int64],
    batch_tokens: int,
    seed: int,
    epoch: int,
    draw: Callable[[np.random.Generator], npt.NDArray[np.int64]] | None = None,
) -> list[npt.NDArray[np.int64]]:
    """The batches of one pass over the data: a function of its arguments and of nothing else.

    Args:
        lengths: Tokens of each example, the larger of source and labels, [examples].
        batch_tokens: Most tokens a batch, padding counted.
        seed: The run's seed.
        epoch: Which pass, from 0.
        draw: Draws the examples of the pass, in random order; None takes each once.

    Returns:
        Indices of examples, one array a batch.
    """
    rng = np.random.default_rng([seed, epoch])
    order = rng.permutation(len(lengths)) if draw is None else draw(rng)
    batches = []
    for start in range(0, len(order), _SORTED_TOGETHER):
        part = order[start : start + _SORTED_TOGETHER]
        part = part[np.argsort(lengths[part], kind="stable")]
        batches += _cut(part, lengths, batch_tokens)
    return [batches[i] for i in rng.permutation(len(batches))]


def _cut(
    sorted_indices: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], batch_tokens: int
) -> list[npt.NDArray[np.int64]]:
    batches = []
    start = 0
    for end in range(1, len(sorted_indices) + 1):
        full = (
            end == len(sorted_indices)
            or lengths[sorted_indices[end]] * (end + 1 - start) > batch_tokens
        )
        if full:
            batches.append(sorted_indices[start:end])
            start = end
    return batches


class BatchStream:
    """An endless stream of batches that can begin anywhere.

    Args:
        examples: The training sets.
        batch_tokens: Most tokens a batch, padding counted.
        seed: The run's seed.
        pad: Id of the padding piece.
        position: The next batch.

    Raises:
        UserError: If an example alone is larger than a batch.
    """

    def __init__(
        self,
        examples: Mixture,
        batch_tokens: int,
        seed: int,
        pad: int,
        position: Position,
    ) -> None:
        self.position = position
        self._examples = examples
        self._batch_tokens = batch_tokens
        self._seed = seed
        self._pad = pad
        longest = int(examples.lengths.max())
        if longest > batch_tokens:
            raise UserError(
                f"training.batch_tokens is {batch_tokens}, but the longest example has {longest} "
                f"tokens; valid: {longest} or more"
            )

    def __iter__(self) -> Iterator[Batch]:
        while True:
            plan = plan_epoch(
                self._examples.lengths,
                self._batch_tokens,
                self._seed,
                self.position.epoch,
                self._examples.draw,
            )
            while self.position.batch < len(plan):
                indices = plan[self.position.batch]
                self.position = Position(self.position.epoch, self.position.batch + 1)
                yield self._collate(indices)
            self.position = Position(self.position.epoch + 1, 0)

    def _collate(self, indices: npt.NDArray[np.int64]) -> Batch:
        sources = [self._examples.source(int(i)).tolist() for i in indices]
        labels = [self._examples.labels(int(i)).tolist() for i in indices]
        return Batch(
            input_ids=padded(sources, self._pad),
            attention_mask=attention_mask(sources),
            labels=padded(labels, IGNORED),
            tokens=sum(map(len, sources)) + sum(map(len, labels)),
        )
