"""mBART-50: a language code before source and target; the target's code is forced at inference."""

from __future__ import annotations

from typing import Any

from transformers import PreTrainedTokenizerBase

from xlsearch.languages import language as language_entry
from xlsearch.models.families.base import Family, Layout


class MBart50(Family):
    """[language code, text, </s>] on both sides."""

    pretraining_tokens = ("<sep>",)

    def layout(self, tokenizer: PreTrainedTokenizerBase, language: str) -> Layout:
        return [_code(tokenizer, language)], [int(tokenizer.eos_token_id)]

    def generation_arguments(
        self, tokenizer: PreTrainedTokenizerBase, language: str
    ) -> dict[str, Any]:
        return {"forced_bos_token_id": _code(tokenizer, language)}


def _code(tokenizer: PreTrainedTokenizerBase, language: str) -> int:
    """The id of a language's code."""
    name = language_entry(language).mbart50
    assert name is not None, f"mBART-50 has no code for {language}"
    code = tokenizer.convert_tokens_to_ids(name)
    assert isinstance(code, int)
    return code
