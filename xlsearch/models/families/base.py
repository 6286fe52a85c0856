"""What a model family has to say for itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xlsearch.errors import UserError
from xlsearch.models.codes import language_code

Layout = tuple[list[int], list[int]]
"""Special tokens before and after a text."""


class Family:
    """How models of one family take their input and give their output.

    Attributes:
        name: One of ``xlsearch.models.family_facts.FAMILY_NAMES``.
        pretraining_tokens: Regular expressions of what pretraining may have left in outputs.
    """

    name: str
    pretraining_tokens: tuple[str, ...] = ()

    def layout(self, tokenizer: PreTrainedTokenizerBase, language: str) -> Layout:
        """The special tokens around a text of a language, as source and as label alike.

        Args:
            tokenizer: The model's tokenizer.
            language: ISO 639-1 code of the text.

        Raises:
            UserError: If the model has no code for the language.
        """
        code = self._code(tokenizer, language)
        return [] if code is None else [code], [int(tokenizer.eos_token_id)]

    def generation_arguments(
        self, tokenizer: PreTrainedTokenizerBase, language: str
    ) -> dict[str, Any]:
        """What ``generate`` needs to be told to write in a language, if anything."""
        code = self._code(tokenizer, language)
        return {} if code is None else {"forced_bos_token_id": code}

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
        ids = text_pieces(tokenizer, texts)
        for i, pieces in enumerate(ids):
            if len(pieces) > room:
                ending = endings[i] if endings else ""
                (kept,) = text_pieces(tokenizer, [ending]) if ending else ([],)
                ids[i] = pieces[: max(0, room - len(kept))] + kept[:room]
        return [[*before, *pieces, *after] for pieces in ids]

    def _code(self, tokenizer: PreTrainedTokenizerBase, language: str) -> int | None:
        """The id of a language's code; None if the family has no codes."""
        code = language_code(self.name, language)
        if code is None:
            return None
        found = tokenizer.convert_tokens_to_ids(code)
        if not isinstance(found, int) or found == tokenizer.unk_token_id:
            raise UserError(
                f"the model's tokenizer has no code {code} for language {language!r}; leave it out"
            )
        return found


def text_pieces(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    """Piece ids of texts, without special tokens.

    A text that spells one, such as </s>, loses it: inside a sequence it would end it.
    """
    ids: list[list[int]] = tokenizer(list(texts), add_special_tokens=False)["input_ids"]
    special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    for i, pieces in enumerate(ids):
        if not special.isdisjoint(pieces):
            ids[i] = [piece for piece in pieces if piece not in special]
    return ids
