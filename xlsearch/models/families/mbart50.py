"""mBART-50: a language code before source and target; the target's code is forced at inference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase

from xlsearch.languages import language as language_entry
from xlsearch.models.families.base import Family


class MBart50(Family):
    """[language code, text, </s>] on both sides."""

    def encode(
        self,
        tokenizer: PreTrainedTokenizerBase,
        texts: Sequence[str],
        language: str,
        limit: int,
    ) -> list[list[int]]:
        code = _code(tokenizer, language)
        end = int(tokenizer.eos_token_id)
        bare = tokenizer(
            list(texts), add_special_tokens=False, truncation=True, max_length=limit - 2
        )["input_ids"]
        return [[code, *ids, end] for ids in bare]

    def generation_arguments(
        self, tokenizer: PreTrainedTokenizerBase, language: str
    ) -> dict[str, Any]:
        return {"forced_bos_token_id": _code(tokenizer, language)}

    def clean(self, text: str) -> str:
        return " ".join(text.replace("<sep>", " ").split())


def _code(tokenizer: PreTrainedTokenizerBase, language: str) -> int:
    """The id of a language's code."""
    code = tokenizer.convert_tokens_to_ids(language_entry(language).mbart50)
    assert isinstance(code, int)
    return code
