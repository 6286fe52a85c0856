"""Texts that come over the network: fetched once, kept in chunks, memory-mapped by all readers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

import pyarrow as pa

from xlsearch.runs.content import ContentStore

CHUNK = 5_000
"""Texts that are kept together: all that a killed download loses."""

KIND = "text"
"""The kind of chunks in the content store."""

_BATCH = 500
"""Texts between two reports of progress."""

_FILE = "texts.arrow"

_SCHEMA = pa.schema({"text": pa.string()})


class KeptTexts(Sequence[str]):
    """Texts in memory-mapped files; a slice of them is read when its texts are.

    Args:
        column: The texts.
    """

    def __init__(self, column: pa.ChunkedArray) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> KeptTexts: ...

    def __getitem__(self, index: int | slice) -> str | KeptTexts:
        if isinstance(index, slice):
            return KeptTexts(self._column[index])
        text: str = self._column[index].as_py()
        return text

    def __iter__(self) -> Iterator[str]:
        for chunk in self._column.chunks:
            yield from chunk.to_pylist()


def kept_texts(
    store: ContentStore,
    description: Mapping[str, Any],
    stream: Callable[[], Iterator[str]],
    limit: int,
    on_read: Callable[[int, int], None] = lambda done, all: None,
    on_wait: Callable[[str], None] = lambda who: None,
) -> KeptTexts:
    """The first texts of a stream, of which those that are kept already are not fetched again.

    Args:
        store: Where they are kept.
        description: Everything that decides the stream.
        stream: Begins it from its first text.
        limit: Most texts.
        on_read: Told about the texts fetched so far, and all; not if all are there.
        on_wait: Told about a process that fetches the same.
    """
    reader = _Reader(stream)
    columns: list[pa.ChunkedArray] = []
    for start in range(0, limit, CHUNK):

        def build(folder: Path, start: int = start) -> None:
            texts = reader.chunk(start)
            with pa.OSFile(str(folder / _FILE), "wb") as sink, pa.ipc.new_file(sink, _SCHEMA) as to:
                done = 0
                while batch := list(itertools.islice(texts, _BATCH)):
                    to.write_table(pa.table({"text": batch}, _SCHEMA))
                    done += len(batch)
                    on_read(min(start + done, limit), limit)

        path = store.obtain(KIND, _chunk(description, start), build, on_wait) / _FILE
        columns.append(pa.ipc.open_file(pa.memory_map(str(path))).read_all().column("text"))
        if len(columns[-1]) < CHUNK:
            break
    chunks = [chunk for column in columns for chunk in column.chunks]
    return KeptTexts(pa.chunked_array(chunks, pa.string())[:limit])


def are_kept(store: ContentStore, description: Mapping[str, Any]) -> bool:
    """Whether the first texts are there."""
    return store.holds(KIND, _chunk(description, 0))


def _chunk(description: Mapping[str, Any], start: int) -> dict[str, Any]:
    return {**description, "start": start, "texts": CHUNK}


class _Reader:
    """Reads chunks off a stream that is begun when the first one is needed."""

    def __init__(self, stream: Callable[[], Iterator[str]]) -> None:
        self._stream = stream
        self._texts: Iterator[str] | None = None
        self._at = 0

    def chunk(self, start: int) -> Iterator[str]:
        """The texts of a chunk. What comes before it, others have kept."""
        if self._texts is None:
            self._texts = self._stream()
        passed, self._at = start - self._at, start + CHUNK
        return itertools.islice(self._texts, passed, passed + CHUNK)
