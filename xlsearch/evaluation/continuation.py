"""How well a model goes on with held-out text: its loss, and the language it goes on in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import fmean

import torch
import torch.nn.functional as F
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xlsearch.config.training import GenerationSettings
from xlsearch.evaluation.generation import generate
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.models.families import Family
from xlsearch.models.padding import attention_mask, padded
from xlsearch.models.precision import autocast
from xlsearch.training.batches import IGNORED
from xlsearch.training.encoded import Pairs


class ContinuationJudge:
    """Judges models on fixed pairs.

    Args:
        pairs: Source and label ids, by language.
        family: The model's family.
        tokenizer: The model's tokenizer.
        identifier: Judges the language of continuations.
        settings: How continuations are decoded.
        batch_tokens: Most source tokens a batch, padding counted.
        precision: ``bf16`` or ``fp32``.
    """

    def __init__(
        self,
        pairs: Mapping[str, Pairs],
        family: Family,
        tokenizer: PreTrainedTokenizerBase,
        identifier: LanguageIdentifier,
        settings: GenerationSettings,
        batch_tokens: int,
        precision: str,
    ) -> None:
        identifier.check()
        self._pairs = pairs
        self._family = family
        self._tokenizer = tokenizer
        self._identifier = identifier
        self._settings = settings
        self._batch_tokens = batch_tokens
        self._precision = precision

    def judge(self, model: PreTrainedModel) -> tuple[float, float] | None:
        """Mean loss in nats a token over all pairs, and LCR in percent averaged over languages.

        None if the loss is not finite.
        """
        model.eval()
        losses = [self._loss(model, pairs) for pairs in self._pairs.values()]
        loss = sum(nats for nats, _ in losses) / sum(tokens for _, tokens in losses)
        if not math.isfinite(loss):
            return None
        return loss, fmean(self._rate(model, code) for code in self._pairs)

    @torch.inference_mode()
    def _loss(self, model: PreTrainedModel, pairs: Pairs) -> tuple[float, int]:
        """Loss of all pairs of a language in nats, and their label tokens."""
        device = next(model.parameters()).device
        pad = int(self._tokenizer.pad_token_id)
        nats, tokens = 0.0, 0
        order = sorted(zip(*pairs, strict=True), key=lambda pair: -max(map(len, pair)))
        while order:
            count = max(1, self._batch_tokens // max(map(len, order[0])))
            now, order = order[:count], order[count:]
            sources = [source for source, _ in now]
            labels = padded([label for _, label in now], IGNORED).to(device)
            with autocast(self._precision, device):
                logits = model(
                    input_ids=padded(sources, pad).to(device),
                    attention_mask=attention_mask(sources).to(device),
                    decoder_input_ids=self._family.decoder_inputs(model, labels),
                    use_cache=False,
                ).logits
            flat = logits.float().flatten(0, 1)
            nats += float(
                F.cross_entropy(flat, labels.flatten(), ignore_index=IGNORED, reduction="sum")
            )
            tokens += int((labels != IGNORED).sum())
        return nats, tokens

    def _rate(self, model: PreTrainedModel, language: str) -> float:
        """LCR of the greedy continuations in a language, percent."""
        outputs = generate(
            model,
            self._tokenizer,
            self._family,
            self._pairs[language][0],
            language,
            self._settings,
            self._batch_tokens,
            self._precision,
        )
        return self._identifier.correct_rate(outputs, language)
