"""A batch in parts, for a machine that has not the memory for it at once.

The parts' gradients are added up before the one update, each weighted by its label tokens, so that
the update is that of the whole batch up to rounding. (Dropout draws other masks.)
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from xlsearch.training.batches import IGNORED, Batch


def in_parts(batch: Batch, parts: int) -> Iterator[tuple[Batch, float]]:
    """The parts of a batch and the weight of each, its share of the batch's label tokens.

    Args:
        batch: The batch. One example can't be cut.
        parts: How many; 1 gives the batch itself, with weight 1.
    """
    if parts == 1:
        yield batch, 1.0
        return
    labels = (batch.labels != IGNORED).sum(dim=1)
    for rows in torch.arange(len(labels)).tensor_split(min(parts, len(labels))):
        part = _rows(batch, rows)
        yield part, float(labels[rows].sum() / labels.sum())


def _rows(batch: Batch, rows: torch.Tensor) -> Batch:
    """Some examples of a batch, without the padding that only the others needed."""
    mask, labels = batch.attention_mask[rows], batch.labels[rows]
    sources, targets = mask.sum(dim=1), (labels != IGNORED).sum(dim=1)
    longest_source, longest_target = int(sources.max()), int(targets.max())
    return Batch(
        input_ids=batch.input_ids[rows, :longest_source],
        attention_mask=mask[:, :longest_source],
        labels=labels[:, :longest_target],
        tokens=int(sources.sum() + targets.sum()),
    )
