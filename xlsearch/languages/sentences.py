"""Sentences of a text, in any script of the table of languages."""

from __future__ import annotations

import re

_END = re.compile(
    r"[.!?…؟۔।॥።]+[\"'»”’)\]]*(?=\s|$)"  # these end a sentence only before a space: 3.5
    r"|[。！？｡]+[」』”’）]*"
    r"|\n"
)
"""What ends a sentence, with the quotation marks and brackets that close behind it."""


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
        # Behind a space that belongs to the sentence before, a line break ends nothing.
        if text[begin:stop].strip():
            found.append(text[begin:stop])
            begin = stop
    if begin < len(text):
        found.append(text[begin:])
    return found
