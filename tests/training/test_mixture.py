"""Mixtures: each part gives its share, without an example twice before all came once."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from xlsearch.training.batches import START, BatchStream, Position, plan_epoch
from xlsearch.training.encoded import EncodedExamples
from xlsearch.training.mixture import Mixture


def examples(folder: Path, first: int, count: int) -> EncodedExamples:
    """Examples of which each has its own number as its only source piece."""
    ids = pa.list_(pa.int32())
    sources = [[first + i] for i in range(count)]
    labels = [[first + i] * (1 + i % 3) for i in range(count)]
    table = pa.table({"source": pa.array(sources, ids), "labels": pa.array(labels, ids)})
    path = folder / f"{first}.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as file:
        file.write_table(table)
    return EncodedExamples(path)


def mixed(folder: Path, sizes: list[int], weights: list[float]) -> Mixture:
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    parts = [examples(folder, start, size) for start, size in zip(starts, sizes, strict=True)]
    return Mixture(parts, weights)


def part_of(numbers: np.ndarray, sizes: list[int]) -> np.ndarray:
    """Which part each example belongs to."""
    return np.repeat(np.arange(len(sizes)), sizes)[numbers]


def draws(mixture: Mixture, epochs: int) -> list[np.ndarray]:
    return [mixture.draw(np.random.default_rng([0, epoch])) for epoch in range(epochs)]


def test_its_examples_are_those_of_its_parts(tmp_path: Path) -> None:
    mixture = mixed(tmp_path, [5, 3, 4], [0.5, 0.25, 0.25])
    assert [int(mixture.source(i)[0]) for i in range(12)] == list(range(12))
    assert [len(mixture.labels(i)) for i in range(12)] == mixture.lengths.tolist()


def test_mix_draws_one_percent_of_text(tmp_path: Path) -> None:
    """The number of text instances is binomial: within 4 standard deviations (p = 6e-5)."""
    sizes = [2000, 300, 300]
    mixture = mixed(tmp_path, sizes, [0.99, 0.005, 0.005])
    parts = np.concatenate([part_of(order, sizes) for order in draws(mixture, 60)])
    n = len(parts)
    assert n == 60 * 2000
    for text, share in ((parts > 0, 0.01), (parts == 1, 0.005), (parts == 2, 0.005)):
        assert abs(text.sum() - n * share) < 4 * (n * share * (1 - share)) ** 0.5
    # Each epoch by itself varies as a binomial does, and is no fixed quota.
    counts = (parts.reshape(60, 2000) > 0).sum(axis=1)
    assert 0.5 < counts.var(ddof=1) / (2000 * 0.01 * 0.99) < 2


def test_multisource_draws_a_third_each(tmp_path: Path) -> None:
    """Pearson's chi-square with 2 degrees of freedom: below 18.4 (p = 1e-4)."""
    sizes = [900, 700, 1200]
    mixture = mixed(tmp_path, sizes, [1 / 3] * 3)
    parts = np.concatenate([part_of(order, sizes) for order in draws(mixture, 40)])
    expected = len(parts) / 3
    assert sum((np.sum(parts == k) - expected) ** 2 / expected for k in range(3)) < 18.4


def test_an_epoch_is_as_long_as_the_first_part(tmp_path: Path) -> None:
    mixture = mixed(tmp_path, [50, 7], [0.5, 0.5])
    assert {len(order) for order in draws(mixture, 5)} == {50}


def test_no_example_comes_twice_before_its_part_is_used_up(tmp_path: Path) -> None:
    sizes = [60, 7, 100]
    mixture = mixed(tmp_path, sizes, [0.4, 0.3, 0.3])
    for order in draws(mixture, 20):
        for part in range(3):
            counts = Counter(order[part_of(order, sizes) == part].tolist())
            if counts:
                least = min(counts.values()) if len(counts) == sizes[part] else 0
                assert max(counts.values()) - least <= 1


@pytest.mark.parametrize(
    ("seed", "epoch", "digest"), [(0, 0, "62bcfa0c9182b961"), (3, 2, "89d16d41dfd8ed01")]
)
def test_one_part_is_drawn_as_before_there_were_several(
    seed: int, epoch: int, digest: str, tmp_path: Path
) -> None:
    """The digests were taken before mixtures came: runs of then go on with the same batches."""
    lengths = np.random.default_rng(0).integers(1, 100, 5000)
    mixture = Mixture([examples(tmp_path, 0, 5000)], [1.0])
    for draw in (None, mixture.draw):
        plan = plan_epoch(lengths, 1000, seed, epoch, draw)
        flat = np.concatenate([np.append(batch, -1) for batch in plan]).astype("<i8")
        assert hashlib.sha256(flat.tobytes()).hexdigest()[:16] == digest


def test_a_stream_goes_on_from_a_position(tmp_path: Path) -> None:
    mixture = mixed(tmp_path, [20, 5], [0.7, 0.3])

    def stream(position: Position) -> BatchStream:
        return BatchStream(mixture, batch_tokens=9, seed=0, pad=99, position=position)

    whole = list(itertools.islice(stream(START), 14))
    begun = stream(START)
    list(itertools.islice(begun, 5))
    rest = itertools.islice(stream(begun.position), 9)
    assert all(a.labels.equal(b.labels) for a, b in zip(whole[5:], rest, strict=True))
