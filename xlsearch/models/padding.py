"""Rows of different lengths as one tensor."""

from __future__ import annotations

from collections.abc import Sequence

import torch


def padded(rows: Sequence[Sequence[int]], value: int) -> torch.Tensor:
    """Rows of ids as a tensor [rows, longest], filled up on the right with ``value``."""
    tensor = torch.full((len(rows), max(map(len, rows))), value, dtype=torch.long)
    for i, row in enumerate(rows):
        tensor[i, : len(row)] = torch.tensor(row, dtype=torch.long)
    return tensor


def attention_mask(rows: Sequence[Sequence[int]]) -> torch.Tensor:
    """1 where ``padded(rows, …)`` holds a row's own ids, [rows, longest]."""
    lengths = torch.tensor([len(row) for row in rows])
    return (torch.arange(int(lengths.max()))[None, :] < lengths[:, None]).long()
