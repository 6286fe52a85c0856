"""Random sentences: the source is a passage, the target some of its sentences (after ZmBART, whose
objective the paper tries in place of PrefixLM)."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from xlsearch.languages.sentences import split_sentences

if TYPE_CHECKING:
    from xlsearch.training.encoded import Pairs
    from xlsearch.training.passages import Passages

SHARE = 0.2
"""Share of a passage's sentences that are to be reproduced, at least one: about as many as a
summary has. The paper does not say."""


def random_sentences(texts: Sequence[str], first: int, passages: Passages) -> Pairs:
    """One pair a text; an empty text gives none.

    Args:
        texts: Plain texts; of each, as many sentences as the model's limit has room for are read.
        first: Number of the first text. A text's number and language decide what is drawn.
        passages: The model's view of the language.
    """
    sources, targets = [], []
    for number, text in enumerate(texts, first):
        sentences = _fitting(split_sentences(text), passages)
        if not sentences:
            continue
        rng = Random(f"random-sentences/{passages.language}/{number}")
        count = max(1, round(SHARE * len(sentences)))
        chosen = sorted(rng.sample(range(len(sentences)), count))
        sources.append("".join(sentences).strip())
        targets.append("".join(sentences[i] for i in chosen).strip())
    room = passages.room
    pairs = zip(passages.pieces(sources), passages.pieces(targets), strict=True)
    whole = [(source[:room], target[:room]) for source, target in pairs if source and target]
    return (
        [passages.sequence(source) for source, _ in whole],
        [passages.sequence(target) for _, target in whole],
    )


def _fitting(sentences: Sequence[str], passages: Passages) -> Sequence[str]:
    """The sentences from the start that the model has room for; the first in any case."""
    if not sentences:
        return sentences
    left = passages.room
    for count, pieces in enumerate(passages.pieces(sentences)):
        left -= len(pieces)
        if left < 0:
            return sentences[: max(1, count)]
    return sentences
