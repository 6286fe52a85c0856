"""Is a file a complete fastText model that names languages?

fastText itself reads past the end of a truncated file and takes what it finds there for numbers: it
fills the memory, or loads a model that answers nonsense. So the file's structure is followed to its
end before.
"""

from __future__ import annotations

import struct
from pathlib import Path

from xlsearch.errors import UserError

_MAGIC = 793712314
_LATEST_VERSION = 12
_SUPERVISED = 3
_LABEL = b"__label__"
_CENTROIDS = 256
"""Centroids of each part of a product quantizer."""

_EXPECTED = "expected lid.176.bin or lid.176.ftz"


class _Broken(Exception):
    """The file is not what fastText writes."""


def check_identification_model(path: Path) -> None:
    """Raises unless fastText can load a file as a model that names languages.

    Args:
        path: The file; its content is read once.

    Raises:
        UserError: If it is missing, can't be read, is no fastText model or only a part of one, or
            has no language labels.
    """
    try:
        content = read_model(path)
        labels = _labels(content)
    except _Broken:
        raise UserError(f"{path} is not a fastText model, or not all of it; {_EXPECTED}") from None
    if _LABEL + b"en" not in labels:
        raise UserError(
            f"{path} is a fastText model that does not identify languages (it has no label "
            f"{_LABEL.decode()}en); {_EXPECTED}"
        )


def read_model(path: Path) -> bytes:
    """The bytes of a model file.

    Raises:
        UserError: If it is missing, or can't be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"language identification model {path} not found; {_EXPECTED}") from None
    except IsADirectoryError:
        raise UserError(f"language identification model {path} is a folder; {_EXPECTED}") from None
    except OSError as error:
        raise UserError(
            f"language identification model {path} can't be read ({error.strerror}); {_EXPECTED}"
        ) from None


class _Reader:
    """Takes numbers from the start of a file, and stops at its end."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.position = 0

    def take(self, numbers: str) -> tuple[int, ...]:
        """The next numbers, little-endian, in a format of ``struct``."""
        try:
            found = struct.unpack_from(f"<{numbers}", self.content, self.position)
        except struct.error:
            raise _Broken from None
        self.position += struct.calcsize(f"<{numbers}")
        return found

    def text(self) -> bytes:
        """Bytes up to the next zero."""
        end = self.content.find(b"\0", self.position)
        if end < 0:
            raise _Broken
        start, self.position = self.position, end + 1
        return self.content[start:end]

    def skip(self, length: int) -> None:
        """Leaves out some bytes, which must be there."""
        self.position += length
        if length < 0 or self.position > len(self.content):
            raise _Broken


def _labels(content: bytes) -> set[bytes]:
    """The labels of a model whose every part is there; none if it is not supervised."""
    reader = _Reader(content)
    magic, version = reader.take("ii")
    if magic != _MAGIC or not 0 < version <= _LATEST_VERSION:
        raise _Broken
    # Dimension, window, epochs, least count, negatives, n-grams, loss, kind of model, buckets,
    # shortest and longest subword, rate of updates, and the sampling threshold.
    kind = reader.take("12id")[7]
    size, words, labels, _, pruned = reader.take("iiiqq")
    if min(size, words, labels) < 0 or words + labels != size:
        raise _Broken
    names = set()
    for _ in range(size):
        name = reader.text()
        _, is_label = reader.take("qb")
        if is_label:
            names.add(name)
    reader.skip(max(0, pruned) * 8)
    (quantized_input,) = reader.take("?")
    _skip_matrix(reader, bool(quantized_input))
    (quantized_output,) = reader.take("?")
    _skip_matrix(reader, bool(quantized_input and quantized_output))
    return names if kind == _SUPERVISED else set()


def _skip_matrix(reader: _Reader, quantized: bool) -> None:
    if not quantized:
        rows, columns = reader.take("qq")
        reader.skip(rows * columns * 4 if rows >= 0 and columns >= 0 else -1)
        return
    norms, rows, _, codes = reader.take("?qqi")
    reader.skip(codes)
    _skip_quantizer(reader)
    if norms:
        reader.skip(rows)
        _skip_quantizer(reader)


def _skip_quantizer(reader: _Reader) -> None:
    dimension, *_ = reader.take("4i")
    reader.skip(dimension * _CENTROIDS * 4)
