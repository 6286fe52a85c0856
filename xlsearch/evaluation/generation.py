"""Outputs of a model: length-sorted, batched generation in one language."""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xlsearch.config.training import GenerationSettings
from xlsearch.models.families import Family
from xlsearch.models.padding import attention_mask, padded
from xlsearch.models.precision import autocast


@torch.inference_mode()
def generate(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    family: Family,
    sources: Sequence[Sequence[int]],
    language: str,
    settings: GenerationSettings,
    batch_tokens: int,
    precision: str,
) -> list[str]:
    """One clean output for each source, in the order of the sources.

    Args:
        model: On its device.
        tokenizer: The model's tokenizer.
        family: Tells the model which language to write, where it can be told.
        sources: Piece ids, special tokens included.
        language: ISO 639-1 code of the language to write.
        settings: How to decode.
        batch_tokens: Most source tokens a batch, padding counted.
        precision: ``bf16`` or ``fp32``.
    """
    model.eval()
    device = next(model.parameters()).device
    pad = int(tokenizer.pad_token_id)
    # The longest first: a batch that does not fit in memory fails at once, not at the end.
    order = sorted(range(len(sources)), key=lambda i: -len(sources[i]))
    outputs = [""] * len(sources)
    forced = (
        family.generation_arguments(tokenizer, language) if settings.force_language_code else {}
    )
    while order:
        count = max(1, batch_tokens // len(sources[order[0]]))
        now, order = order[:count], order[count:]
        rows = [sources[i] for i in now]
        with autocast(precision, device):
            ids = model.generate(
                input_ids=padded(rows, pad).to(device),
                attention_mask=attention_mask(rows).to(device),
                num_beams=settings.num_beams,
                max_new_tokens=settings.max_new_tokens,
                do_sample=False,
                **forced,
            )
        texts = tokenizer.batch_decode(ids, skip_special_tokens=True)
        for i, text in zip(now, texts, strict=True):
            outputs[i] = cleaned(text, settings.removed_tokens or ())
    return outputs


def cleaned(text: str, removed: Sequence[str]) -> str:
    """An output as metrics and language identification read it.

    Args:
        text: The decoded output.
        removed: Regular expressions of what is removed; each leaves a space.
    """
    for pattern in removed:
        text = re.sub(pattern, " ", text)
    return " ".join(text.split())
