"""Sentences of a text, in any script of the table of languages."""

from __future__ import annotations

import re
from collections.abc import Sequence

_END = re.compile(
    r"[.!?…؟۔।॥።]+[\"'»”’)\]]*(?=\s|$)"  # these end a sentence only before a space: 3.5
    r"|[。！？｡]+[」』”’）]*"
    r"|\n"
)
"""What ends a sentence, with the quotation marks and brackets that close behind it."""

_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[^\W\d_]|mr|mrs|ms|dr|prof|st|vs|gen|gov|sen|rep|lt|col|sgt|e\.g|i\.e|[a-z]\.[a-z])"
    r"\.\s*$",
    re.IGNORECASE,
)
"""A full stop behind an English abbreviation, or behind a single letter, ends no sentence."""

_UNSPACED = frozenset({"ja", "zh"})
"""Languages that put nothing between two sentences."""


def split_sentences(text: str) -> list[str]:
    """The sentences of a text with the space behind them: joined, they are the text again.

    A script that marks no sentences, such as Thai, is split at line breaks alone.
    """
    found = []
    begin = 0
    for end in _END.finditer(text):
        stop = end.end()
        while stop < len(text) and text[stop].isspace():
            stop += 1
        if _ABBREVIATION.search(text, begin, stop):
            continue
        # Behind a space that belongs to the sentence before, a line break ends nothing.
        if text[begin:stop].strip():
            found.append(text[begin:stop])
            begin = stop
    if begin < len(text):
        found.append(text[begin:])
    return found


def join_sentences(sentences: Sequence[str], language: str) -> str:
    """Sentences, each without space around it, as one text.

    Args:
        sentences: The sentences; empty ones are left out.
        language: ISO 639-1 code, which decides what stands between two.
    """
    return ("" if language in _UNSPACED else " ").join(filter(None, sentences))
