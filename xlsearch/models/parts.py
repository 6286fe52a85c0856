"""Whether a model folder has all that makes a model."""

from __future__ import annotations

import json
from pathlib import Path

_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_TOKENIZERS = ("tokenizer.json", "sentencepiece.bpe.model", "spiece.model")


def missing_parts(folder: Path) -> str | None:
    """What a model folder lacks, in words; None if it lacks nothing.

    Looks at names and sizes, and at the lengths that safetensors files state.
    """
    if not (folder / "config.json").is_file():
        return "config.json"
    if not any((folder / name).is_file() for name in _TOKENIZERS):
        return f"tokenizer ({' or '.join(_TOKENIZERS)})"
    for name in _WEIGHTS:
        index = folder / f"{name}.index.json"
        if index.is_file():
            return _missing_shards(folder, index)
        if (folder / name).is_file():
            return _cut_off(folder / name)
    return f"weights ({' or '.join(_WEIGHTS)})"


def _missing_shards(folder: Path, index: Path) -> str | None:
    try:
        shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (ValueError, KeyError, AttributeError, TypeError):
        return f"readable {index.name}"
    for shard in sorted(shards):
        if not (folder / shard).is_file():
            return f"{shard}, which {index.name} names"
        problem = _cut_off(folder / shard)
        if problem is not None:
            return problem
    return None


def _cut_off(file: Path) -> str | None:
    """A safetensors file begins with the length of its header, which names all other lengths."""
    if file.suffix != ".safetensors":
        return None
    try:
        with file.open("rb") as content:
            length = int.from_bytes(content.read(8), "little")
            header = json.loads(content.read(min(length, file.stat().st_size)))
        ends = [entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"]
    except (ValueError, KeyError, AttributeError, TypeError):
        return f"whole {file.name}: it is no safetensors file, or cut off"
    if 8 + length + max(ends, default=0) != file.stat().st_size:
        return f"whole {file.name}: it is cut off"
    return None
