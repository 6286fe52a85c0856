"""NLLB-200: language codes of FLORES-200; the target's code is forced at inference."""

from __future__ import annotations

from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xlsearch.languages import language as language_entry
from xlsearch.models.families.base import Family, Layout, code_id


class NLLB(Family):
    """[language code, text, </s>] on both sides."""

    model_type = "m2m_100"
    has_codes = True

    def layout(self, tokenizer: PreTrainedTokenizerBase, language: str) -> Layout:
        return [_code(tokenizer, language)], [int(tokenizer.eos_token_id)]

    def generation_arguments(
        self, tokenizer: PreTrainedTokenizerBase, language: str
    ) -> dict[str, Any]:
        return {"forced_bos_token_id": _code(tokenizer, language)}

    def decoder_inputs(self, model: PreTrainedModel, labels: torch.Tensor) -> torch.Tensor:
        # This class has no method for it, unlike those of the other families.
        from transformers.models.m2m_100.modeling_m2m_100 import shift_tokens_right

        start, pad = model.config.decoder_start_token_id, model.config.pad_token_id
        shifted: torch.Tensor = shift_tokens_right(labels, pad, start)
        return shifted


def _code(tokenizer: PreTrainedTokenizerBase, language: str) -> int:
    return code_id(tokenizer, "NLLB-200", language, language_entry(language).nllb200)
