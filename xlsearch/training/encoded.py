"""Training examples as piece ids: encoded once, kept as Arrow, memory-mapped by every trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from transformers import PreTrainedTokenizerBase

from xlsearch.models.families import Family
from xlsearch.runs.content import ContentStore
from xlsearch.tasks.base import Split, TaskData
from xlsearch.tasks.example import Example

_FILE = "examples.arrow"

_SCHEMA = pa.schema({"source": pa.list_(pa.int32()), "labels": pa.list_(pa.int32())})

_FORMAT = 1
"""Raised when the same examples would be encoded differently."""

_CHUNK = 2_000
"""Examples between two reports of progress."""

OnEncoded = Callable[[int, int], None]
"""Called with the examples encoded so far, and all."""

Pairs = tuple[list[list[int]], list[list[int]]]
"""Source ids and label ids of the same examples, special tokens included."""

Item = TypeVar("Item")


class EncodedExamples:
    """Pairs of source and label ids in a memory-mapped file.

    Args:
        path: The Arrow file.
    """

    def __init__(self, path: Path) -> None:
        self._file = pa.memory_map(str(path))
        table = pa.ipc.open_file(self._file).read_all()
        self._sources = _Ragged(table.column("source"))
        self._labels = _Ragged(table.column("labels"))

    def __len__(self) -> int:
        return len(self._sources.lengths)

    @property
    def source_lengths(self) -> npt.NDArray[np.int64]:
        """Pieces of each source, [examples]."""
        return self._sources.lengths

    @property
    def label_lengths(self) -> npt.NDArray[np.int64]:
        """Pieces of each label sequence, [examples]."""
        return self._labels.lengths

    def source(self, index: int) -> npt.NDArray[np.int32]:
        """Source ids of an example, special tokens included."""
        return self._sources[index]

    def labels(self, index: int) -> npt.NDArray[np.int32]:
        """Label ids of an example, special tokens included."""
        return self._labels[index]

    def pairs(self) -> Pairs:
        """All of them, as lists."""
        numbers = range(len(self))
        return (
            [self.source(i).tolist() for i in numbers],
            [self.labels(i).tolist() for i in numbers],
        )


class _Ragged:
    """Rows of different lengths, read from the file's memory map without a copy."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self._offsets = [chunk.offsets.to_numpy() for chunk in column.chunks]
        self._values = [chunk.values.to_numpy() for chunk in column.chunks]
        lengths = [np.diff(offsets) for offsets in self._offsets]
        self._starts = np.cumsum([0, *map(len, lengths)])
        self.lengths = np.concatenate([np.zeros(0), *lengths]).astype(np.int64)

    def __getitem__(self, index: int) -> npt.NDArray[np.int32]:
        chunk = int(np.searchsorted(self._starts, index, side="right")) - 1
        begin, end = self._offsets[chunk][index - self._starts[chunk] :][:2]
        row: npt.NDArray[np.int32] = self._values[chunk][begin:end]
        return row


def encoded_examples(
    store: ContentStore,
    data: TaskData,
    *,
    language: str,
    limit: int | None,
    family: Family,
    tokenizer: PreTrainedTokenizerBase,
    checkpoint_name: str,
    input_limit: int,
    on_encoded: OnEncoded = lambda done, all: None,
    on_wait: Callable[[str], None] = lambda who: None,
) -> EncodedExamples:
    """The encoded training set, made now if no trial made it before.

    Args:
        store: Where encoded data is kept.
        data: The examples.
        language: Source language.
        limit: At most so many examples; None for all.
        family: Lays out the sequences.
        tokenizer: The model's tokenizer.
        checkpoint_name: Names the tokenizer's model.
        input_limit: Longest source and longest label sequence.
        on_encoded: Told about the examples encoded so far, and all.
        on_wait: Told about a process that encodes the same.
    """

    description = {
        "format": _FORMAT,
        "data": data.training_fingerprint(language),
        "language": language,
        "limit": limit,
        "tokenizer": checkpoint_name,
        "input_limit": input_limit,
    }
    return obtain_encoded(
        store,
        description,
        lambda: data.load(Split.TRAIN, language, limit).examples,
        lambda examples, first: example_pairs(examples, language, family, tokenizer, input_limit),
        on_encoded,
        on_wait,
    )


def example_pairs(
    examples: Sequence[Example],
    language: str,
    family: Family,
    tokenizer: PreTrainedTokenizerBase,
    input_limit: int,
) -> Pairs:
    """Examples of a language as source and label ids; the first reference is the label."""
    sources = [example.source for example in examples]
    targets = [example.references[0] for example in examples]
    endings = [example.ending for example in examples]
    return (
        family.encode(tokenizer, sources, language, input_limit, endings),
        family.encode(tokenizer, targets, language, input_limit),
    )


def obtain_encoded(
    store: ContentStore,
    description: Mapping[str, Any],
    load: Callable[[], Sequence[Item]],
    encode: Callable[[Sequence[Item], int], Pairs],
    on_encoded: OnEncoded,
    on_wait: Callable[[str], None],
) -> EncodedExamples:
    """What is stored under a description, encoded now if nobody did before.

    Args:
        store: Where encoded data is kept.
        description: Everything that decides the ids.
        load: Reads what is to be encoded.
        encode: Encodes some of it; is told the number of the first.
        on_encoded: Told about the items encoded so far, and all.
        on_wait: Told about a process that encodes the same.
    """

    def build(folder: Path) -> None:
        items = load()
        with pa.OSFile(str(folder / _FILE), "wb") as sink, pa.ipc.new_file(sink, _SCHEMA) as file:
            for start in range(0, len(items), _CHUNK):
                part = items[start : start + _CHUNK]
                sources, labels = encode(part, start)
                file.write_table(pa.table({"source": sources, "labels": labels}, _SCHEMA))
                on_encoded(start + len(part), len(items))

    return EncodedExamples(store.obtain("encoded", description, build, on_wait) / _FILE)
