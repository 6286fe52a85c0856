"""Passages of plain text as pieces, for the objectives that are made from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from xlsearch.models.families import Family
from xlsearch.models.families.base import text_pieces

_WORD = "▁"
"""SentencePiece's sign for the space before a word."""


@dataclass(frozen=True)
class Passages:
    """Turns the text of one language into ids, for one model.

    Attributes:
        family: Lays out the sequences.
        tokenizer: The model's tokenizer.
        language: ISO 639-1 code of the text.
        limit: Longest sequence, special tokens included.
    """

    family: Family
    tokenizer: PreTrainedTokenizerBase
    language: str
    limit: int

    @property
    def room(self) -> int:
        """Pieces that fit into a sequence beside its special tokens."""
        before, after = self.family.layout(self.tokenizer, self.language)
        return self.limit - len(before) - len(after)

    def pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of texts without special tokens, of any length."""
        return text_pieces(self.tokenizer, texts)

    def sequence(self, pieces: Sequence[int]) -> list[int]:
        """Pieces with the special tokens of the language around them."""
        before, after = self.family.layout(self.tokenizer, self.language)
        return [*before, *pieces, *after]

    def word_starts(self, pieces: Sequence[int]) -> list[int]:
        """Where a word begins, as far as the language puts spaces between words."""
        names = self.tokenizer.convert_ids_to_tokens(list(pieces))
        return [i for i, name in enumerate(names) if name.startswith(_WORD)]
