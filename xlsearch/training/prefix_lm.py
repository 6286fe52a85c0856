"""PrefixLM: the source is the beginning of a passage, the target how it goes on (paper, section on
intermediate tuning)."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsearch.training.encoded import Pairs
    from xlsearch.training.passages import Passages

EARLIEST, LATEST = 0.25, 0.75
"""The part of a passage, counted in pieces, that a beginning has at least and at most. The paper
does not say where it splits; this leaves enough to go by and enough to go on with."""


def prefix_lm(texts: Sequence[str], first: int, passages: Passages) -> Pairs:
    """One pair a text, split at a random word; a text of fewer than two pieces gives none.

    Args:
        texts: Plain texts; each is cut to the model's limit.
        first: Number of the first text. A text's number and language decide where it is split.
        passages: The model's view of the language.
    """
    sources, labels = [], []
    room = passages.room
    for number, whole in enumerate(passages.pieces(texts), first):
        pieces = whole[:room]
        if len(pieces) < 2:
            continue
        at = _split(pieces, passages, Random(f"prefix-lm/{passages.language}/{number}"))
        sources.append(passages.sequence(pieces[:at]))
        labels.append(passages.sequence(pieces[at:]))
    return sources, labels


def _split(pieces: Sequence[int], passages: Passages, rng: Random) -> int:
    """Where the second part begins: at a word, if one begins in the middle of the passage."""
    low = max(1, round(EARLIEST * len(pieces)))
    high = max(low, min(round(LATEST * len(pieces)), len(pieces) - 1))
    words = [i for i in passages.word_starts(pieces) if low <= i <= high]
    return rng.choice(words) if words else rng.randint(low, high)
