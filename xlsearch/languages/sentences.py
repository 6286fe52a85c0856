"""Splitting a text into sentences and joining it again, in the scripts of all known languages."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CLOSING = "\"'”’»«)\\]」』）"

_END = re.compile(
    rf"[.!?…؟۔।։።]+[{_CLOSING}]*(?=\s)"  # scripts that put a space after a sentence
    rf"|[。！？｡]+[{_CLOSING}]*"  # scripts that put none
    r"|\n"
)
"""Where a sentence may end."""

_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:\w|mr|mrs|ms|dr|prof|st|vs|no|gen|gov|sen|rep|lt|col|sgt|e\.g|i\.e|u\.s|u\.k)\.$",
    re.IGNORECASE,
)
"""A full stop after one of these, or after a single letter, does not end a sentence."""

_UNSPACED = frozenset({"ja", "zh"})
"""Languages that put nothing between two sentences."""


def split_sentences(text: str) -> list[str]:
    """The sentences of a text, without the white space around them.

    A rule for all languages, without a model: sentences end with their script's mark, or with
    their line. A text without any, as Thai often is, is one sentence.
    """
    sentences, begin = [], 0
    for end in _END.finditer(text):
        piece = text[begin : end.end()]
        if _ABBREVIATION.search(piece):
            continue
        sentences.append(piece.strip())
        begin = end.end()
    sentences.append(text[begin:].strip())
    return [sentence for sentence in sentences if sentence]


def join_sentences(sentences: Sequence[str], language: str) -> str:
    """Sentences as one text.

    Args:
        sentences: The sentences; empty ones are left out.
        language: ISO 639-1 code, which decides what stands between two.
    """
    return ("" if language in _UNSPACED else " ").join(filter(None, sentences))
