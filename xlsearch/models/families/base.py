"""What a model family has to say for itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xlsearch.errors import UserError

Layout = tuple[list[int], list[int]]
"""Special tokens before and after a text."""


class Family(ABC):
    """How models of one family take their input and give their output.

    Attributes:
        model_type: transformers' name of the architecture, ``model_type`` in ``config.json``.
        has_codes: Whether a language code can be forced as the first generated token.
        pretraining_tokens: Regular expressions of what pretraining may have left in outputs.
    """

    model_type: str
    has_codes: bool = False
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

    def decoder_inputs(self, model: PreTrainedModel, labels: torch.Tensor) -> torch.Tensor:
        """What the decoder reads when it is to predict the labels, [examples, longest].

        Args:
            model: A model of the family.
            labels: Label ids, -100 where padded, [examples, longest].
        """
        shifted: torch.Tensor = model.prepare_decoder_input_ids_from_labels(labels)
        return shifted

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


def code_id(
    tokenizer: PreTrainedTokenizerBase, models: str, language: str, code: str | None
) -> int:
    """The id of a language code.

    Args:
        tokenizer: The model's tokenizer.
        models: Name of the family, for the message.
        language: ISO 639-1 code of the language.
        code: The family's code of the language; None if it has none.

    Raises:
        UserError: If the family, or this tokenizer, has no code for the language.
    """
    if code is None:
        raise UserError(f"{models} models have no code for language {language!r}; leave it out")
    found = tokenizer.convert_tokens_to_ids(code)
    if not isinstance(found, int) or found == tokenizer.unk_token_id:
        raise UserError(
            f"the model's tokenizer has no code {code} for language {language!r}; leave it out"
        )
    return found
