"""What a model family has to say for itself."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase

Layout = tuple[list[int], list[int]]
"""Special tokens before and after a text."""


class Family(ABC):
    """How models of one family take their input and give their output.

    Attributes:
        pretraining_tokens: Regular expressions of what pretraining may have left in outputs.
    """

    pretraining_tokens: tuple[str, ...] = ()

    @abstractmethod
    def layout(self, tokenizer: PreTrainedTokenizerBase, language: str) -> Layout:
        """The special tokens around a text of a language, as source and as label alike.

        Args:
            tokenizer: The model's tokenizer.
            language: ISO 639-1 code of the text.

        Raises:
            UserError: If the model has no code for the language.
        """

    @abstractmethod
    def generation_arguments(
        self, tokenizer: PreTrainedTokenizerBase, language: str
    ) -> dict[str, Any]:
        """What ``generate`` needs to be told to write in a language, if anything."""

    def encode(
        self,
        tokenizer: PreTrainedTokenizerBase,
        texts: Sequence[str],
        language: str,
        limit: int,
        endings: Sequence[str] | None = None,
    ) -> list[list[int]]:
        """Piece ids of texts in a language, special tokens included.

        Args:
            tokenizer: The model's tokenizer.
            texts: Plain texts.
            language: ISO 639-1 code of the texts.
            limit: Longest sequence. Longer texts lose their end, or what stands before their
                ending; the special tokens stay.
            endings: The end of each text that is to stay, such as a question.
        """
        before, after = self.layout(tokenizer, language)
        room = limit - len(before) - len(after)
        ids: list[list[int]] = tokenizer(list(texts), add_special_tokens=False)["input_ids"]
        for i, pieces in enumerate(ids):
            if len(pieces) > room:
                ending = endings[i] if endings else ""
                kept = tokenizer(ending, add_special_tokens=False)["input_ids"] if ending else []
                ids[i] = pieces[: max(0, room - len(kept))] + kept[:room]
        return [[*before, *pieces, *after] for pieces in ids]

    def clean(self, text: str) -> str:
        """An output without what pretraining may have left in it, for every metric."""
        for pattern in self.pretraining_tokens:
            text = re.sub(pattern, " ", text)
        return " ".join(text.split())
