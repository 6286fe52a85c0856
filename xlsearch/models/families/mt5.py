"""mT5: no language codes; nothing but the input tells it which language to write."""

from __future__ import annotations

from typing import Any

from transformers import PreTrainedTokenizerBase

from xlsearch.models.families.base import Family, Layout


class MT5(Family):
    """[text, </s>] on both sides."""

    model_type = "mt5"
    pretraining_tokens = (r"<extra_id_\d+>",)

    def layout(self, tokenizer: PreTrainedTokenizerBase, language: str) -> Layout:
        return [], [int(tokenizer.eos_token_id)]

    def generation_arguments(
        self, tokenizer: PreTrainedTokenizerBase, language: str
    ) -> dict[str, Any]:
        return {}
