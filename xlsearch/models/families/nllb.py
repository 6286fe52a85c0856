"""NLLB-200: language codes of FLORES-200; the target's code is forced at inference."""

from __future__ import annotations

import torch
from transformers import PreTrainedModel

from xlsearch.models.families.base import Family


class NLLB(Family):
    """[language code, text, </s>] on both sides."""

    name = "nllb"

    def decoder_inputs(self, model: PreTrainedModel, labels: torch.Tensor) -> torch.Tensor:
        # This class has no method for it, unlike those of the other families.
        from transformers.models.m2m_100.modeling_m2m_100 import shift_tokens_right

        start, pad = model.config.decoder_start_token_id, model.config.pad_token_id
        shifted: torch.Tensor = shift_tokens_right(labels, pad, start)
        return shifted
