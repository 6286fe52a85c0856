"""What a model family has to say for itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase


class Family(ABC):
    """How models of one family take their input and give their output."""

    @abstractmethod
    def encode(
        self,
        tokenizer: PreTrainedTokenizerBase,
        texts: Sequence[str],
        language: str,
        limit: int,
    ) -> list[list[int]]:
        """Piece ids of texts in a language, special tokens included.

        The same layout serves as input of the encoder and as labels of the decoder.

        Args:
            tokenizer: The model's tokenizer.
            texts: Plain texts.
            language: ISO 639-1 code of the texts.
            limit: Longest sequence; the text's end is cropped, the special tokens stay.
        """

    @abstractmethod
    def generation_arguments(
        self, tokenizer: PreTrainedTokenizerBase, language: str
    ) -> dict[str, Any]:
        """What ``generate`` needs to be told to write in a language, if anything."""

    @abstractmethod
    def clean(self, text: str) -> str:
        """An output without what pretraining may have left in it, for every metric."""
