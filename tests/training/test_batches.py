"""Batches: every example once an epoch, within the budget, in an order that repeats itself."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from xlsearch.errors import UserError
from xlsearch.training.batches import IGNORED, START, Batch, BatchStream, Position, plan_epoch
from xlsearch.training.encoded import EncodedExamples
from xlsearch.training.mixture import Mixture

PAD = 0

lengths_and_budgets = st.lists(st.integers(1, 40), min_size=1, max_size=200).flatmap(
    lambda lengths: st.tuples(st.just(lengths), st.integers(max(lengths), 200))
)


@pytest.fixture
def examples(tmp_path: Path) -> EncodedExamples:
    """Twenty examples; every piece of example i is i + 1, so that batches tell who is in them."""
    sources = [[i + 1] * (3 + i % 5) for i in range(20)]
    labels = [[i + 1] * (2 + i % 7) for i in range(20)]
    ids = pa.list_(pa.int32())
    table = pa.table({"source": pa.array(sources, ids), "labels": pa.array(labels, ids)})
    path = tmp_path / "examples.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as file:
        file.write_table(table)
    return EncodedExamples(path)


def stream(examples: EncodedExamples, position: Position = START, seed: int = 0) -> BatchStream:
    return BatchStream(
        Mixture([examples], [1.0]), batch_tokens=30, seed=seed, pad=PAD, position=position
    )


def first(count: int, batches: BatchStream) -> list[Batch]:
    return list(itertools.islice(batches, count))


def equal(a: Batch, b: Batch) -> bool:
    tensors = zip(vars(a).values(), vars(b).values(), strict=True)
    return all(torch.equal(torch.as_tensor(x), torch.as_tensor(y)) for x, y in tensors)


@given(lengths_and_budgets, st.integers(0, 5), st.integers(0, 3))
def test_an_epoch_has_every_example_once_within_the_budget(
    drawn: tuple[list[int], int], seed: int, epoch: int
) -> None:
    lengths, budget = np.array(drawn[0]), drawn[1]
    batches = plan_epoch(lengths, budget, seed, epoch)
    assert sorted(np.concatenate(batches)) == list(range(len(lengths)))
    assert all(len(batch) * lengths[batch].max() <= budget for batch in batches)


@given(lengths_and_budgets)
def test_batches_are_full(drawn: tuple[list[int], int]) -> None:
    """No two batches that follow each other in length would fit into one."""
    lengths, budget = np.array(drawn[0]), drawn[1]
    batches = plan_epoch(lengths, budget, seed=0, epoch=0)
    ordered = sorted(batches, key=lambda b: (lengths[b].max(), lengths[b].min(), -len(b)))
    for shorter, longer in itertools.pairwise(ordered):
        assert (len(shorter) + 1) * lengths[longer].min() > budget


def test_an_epoch_is_reproducible_and_differs_from_the_next() -> None:
    lengths = np.arange(1, 101)

    def order(seed: int, epoch: int) -> list[int]:
        return np.concatenate(plan_epoch(lengths, 200, seed, epoch)).tolist()

    assert order(0, 0) == order(0, 0)
    assert len({tuple(order(seed, epoch)) for seed, epoch in ((0, 0), (0, 1), (1, 0))}) == 3


def test_lengths_are_matched() -> None:
    """Far less padding than batches at random would have (half the slots, for these lengths)."""
    lengths = np.random.default_rng(0).integers(1, 100, 2000)
    batches = plan_epoch(lengths, 1000, seed=0, epoch=0)
    slots = sum(len(batch) * lengths[batch].max() for batch in batches)
    assert slots < 1.1 * lengths.sum()


def test_a_batch_holds_what_its_examples_are(examples: EncodedExamples) -> None:
    seen: list[int] = []
    count = len(plan_epoch(np.maximum(examples.source_lengths, examples.label_lengths), 30, 0, 0))
    for batch in first(count, stream(examples)):
        for ids, mask, labels in zip(
            batch.input_ids, batch.attention_mask, batch.labels, strict=True
        ):
            i = int(ids[0]) - 1
            seen.append(i)
            assert ids[mask == 1].tolist() == examples.source(i).tolist()
            assert set(ids[mask == 0].tolist()) <= {PAD}
            assert labels[labels != IGNORED].tolist() == examples.labels(i).tolist()
        kept = batch.attention_mask.sum() + (batch.labels != IGNORED).sum()
        assert batch.tokens == int(kept)
        assert max(batch.input_ids.numel(), batch.labels.numel()) <= 30
    assert sorted(seen) == list(range(20))


@pytest.mark.parametrize("cut", [1, 3, 7, 12])
def test_a_stream_goes_on_from_a_position(examples: EncodedExamples, cut: int) -> None:
    whole = first(20, stream(examples))
    begun = stream(examples)
    first(cut, begun)
    tail = first(20 - cut, stream(examples, begun.position))
    assert all(equal(a, b) for a, b in zip(whole[cut:], tail, strict=True))


def test_a_stream_passes_into_the_next_epoch(examples: EncodedExamples) -> None:
    batches = stream(examples)
    first(20, batches)
    assert batches.position.epoch >= 1


def test_the_seed_decides_the_order(examples: EncodedExamples) -> None:
    one, other = first(5, stream(examples, seed=0)), first(5, stream(examples, seed=1))
    assert not all(a.input_ids.equal(b.input_ids) for a, b in zip(one, other, strict=True))


def test_an_example_larger_than_a_batch_is_refused(examples: EncodedExamples) -> None:
    with pytest.raises(UserError, match="longest example has 8 tokens"):
        BatchStream(Mixture([examples], [1.0]), 7, seed=0, pad=PAD, position=START)
