"""XLRS: how alike the encoder represents sentences that mean the same (Li & Murray 2023).

As published, it rises while a model is fine-tuned in one language, and generation in other
languages gets worse with it. It needs no labels in any target language.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xlsearch.models.families import Family
from xlsearch.models.padding import attention_mask, padded
from xlsearch.models.precision import autocast

SENTENCES = 64
"""Sentences a language, the first ones, so that every evaluation of every run measures on the same.
The cosines of pairs vary by 0.01 to 0.02 (pretrained pocket mBART), so that their mean is known to
0.003. In six languages they take 0.2 s of a core, where an evaluation takes 5 s and more."""


class Similarity:
    """XLRS of each target language with the source language.

    Args:
        sentences: Parallel sentences by language; the i-th ones mean the same. Empty, or without
            the source language, nothing is measured.
        source_language: ISO 639-1 code.
        family: The model's family.
        tokenizer: The model's tokenizer.
        input_limit: Longest input in pieces.
        batch_tokens: Most pieces a batch, padding counted.
    """

    def __init__(
        self,
        sentences: Mapping[str, Sequence[str]],
        source_language: str,
        family: Family,
        tokenizer: PreTrainedTokenizerBase,
        input_limit: int,
        batch_tokens: int,
    ) -> None:
        self._source = source_language
        self._pad = int(tokenizer.pad_token_id)
        self._batch_tokens = batch_tokens
        self._rows = {
            code: family.encode(tokenizer, texts, code, input_limit)
            for code, texts in sentences.items()
        }

    def measure(self, model: PreTrainedModel, precision: str, parts: int = 1) -> dict[str, float]:
        """XLRS by target language, -1 to 1: the mean cosine of the sentences' representations.

        Args:
            model: On its device.
            precision: ``bf16`` or ``fp32``.
            parts: What the batch tokens are divided by, to need less memory.

        Returns:
            Nothing of a language without sentences, or where a representation is not finite.
        """
        if self._source not in self._rows:
            return {}
        means = {
            code: encoder_means(model, rows, self._pad, self._batch_tokens // parts, precision)
            for code, rows in self._rows.items()
        }
        source = means.pop(self._source)
        found = {
            code: float(torch.nn.functional.cosine_similarity(source, other, dim=1).mean())
            for code, other in means.items()
        }
        return {code: value for code, value in found.items() if math.isfinite(value)}


@torch.inference_mode()
def encoder_means(
    model: PreTrainedModel,
    rows: Sequence[Sequence[int]],
    pad: int,
    batch_tokens: int,
    precision: str,
) -> torch.Tensor:
    """The mean of the encoder's last hidden states over each row, [rows, width], on the CPU.

    All of the row has a part in the mean, the language code and the end of the sentence too, but
    padding has none, nor have positions that a method puts before the input (a soft prompt): these
    are the same in all languages. What they change in the row's own states counts.

    Args:
        model: On its device; left as it was, in training or not.
        rows: Piece ids, special tokens included.
        pad: Id of the padding.
        batch_tokens: Most pieces a batch, padding counted.
        precision: ``bf16`` or ``fp32``.
    """
    device = next(model.parameters()).device
    order = sorted(range(len(rows)), key=lambda i: -len(rows[i]))
    means: dict[int, torch.Tensor] = {}
    training = model.training
    model.eval()
    while order:
        count = max(1, batch_tokens // len(rows[order[0]]))
        now, order = order[:count], order[count:]
        batch = [rows[i] for i in now]
        mask = attention_mask(batch).to(device)
        ids = padded(batch, pad).to(device)
        with autocast(precision, device):
            # The whole model, since its encoder alone knows of no prompt; the least decoder input.
            states = model(
                input_ids=ids,
                attention_mask=mask,
                decoder_input_ids=ids[:, :1],
                use_cache=False,
            ).encoder_last_hidden_state[:, -ids.shape[1] :]
        weights = mask.unsqueeze(-1).float()
        pooled = (states.float() * weights).sum(1) / weights.sum(1)
        means.update(zip(now, pooled.cpu(), strict=True))
    model.train(training)
    return torch.stack([means[i] for i in range(len(rows))])
