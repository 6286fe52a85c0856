"""The fine-tuning loop: one update after another, with nothing hidden between them."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace

import torch
import torch.nn.functional as F
from transformers import PreTrainedModel

from xlsearch.config.training import TrainingSettings
from xlsearch.models.families import Family
from xlsearch.models.precision import autocast, resolve_precision
from xlsearch.training.accumulation import in_parts
from xlsearch.training.batches import IGNORED, Batch, BatchStream
from xlsearch.training.checkpoint import Counters
from xlsearch.training.schedule import inverse_square_root


class Diverged(Exception):
    """The loss or its gradient is no longer finite."""


class FineTuning:
    """A model under fine-tuning.

    Args:
        model: On its device, with ``requires_grad`` set on the weights to train.
        family: The model's family.
        optimizer: Over these weights, from ``build_optimizer``.
        stream: The batches, standing at ``counters.position``.
        settings: How to train.
        learning_rate: Peak learning rate.
        counters: What the run has done so far.
        parts: Parts that each batch is computed in, one after another, to need less memory.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        family: Family,
        optimizer: torch.optim.Optimizer,
        stream: BatchStream,
        settings: TrainingSettings,
        learning_rate: float,
        counters: Counters,
        parts: int = 1,
    ) -> None:
        self.counters = counters
        self._model = model
        self._family = family
        self._optimizer = optimizer
        self._stream = stream
        self._settings = settings
        self._learning_rate = learning_rate
        self._parts = parts
        self._device = next(model.parameters()).device
        self._precision = resolve_precision(settings.precision, self._device)

    def steps(self, until: int) -> Iterator[float]:
        """Trains up to a step, yielding the loss of each update (nats a token).

        Raises:
            Diverged: If the loss or the gradient is not finite. That update is not done.
        """
        self._model.train()
        batches = iter(self._stream)
        while self.counters.step < until:
            begin = time.perf_counter()
            batch = next(batches)
            loss = self._update(batch)
            self.counters = replace(
                self.counters,
                step=self.counters.step + 1,
                position=self._stream.position,
                train_tokens=self.counters.train_tokens + batch.tokens,
                train_seconds=self.counters.train_seconds + time.perf_counter() - begin,
            )
            yield loss

    def _update(self, batch: Batch) -> float:
        settings = self._settings
        rate = self._learning_rate * inverse_square_root(
            self.counters.step + 1, settings.warmup_steps
        )
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        value = 0.0
        for part, weight in in_parts(batch, self._parts):
            loss = weight * self._loss(part)
            loss.backward()
            value += float(loss.detach())
        norm = torch.nn.utils.clip_grad_norm_(self._model.parameters(), settings.clip_norm)
        # A finite loss may come with an infinite gradient, which would ruin the weights unseen.
        if not (math.isfinite(value) and math.isfinite(float(norm))):
            step = self.counters.step + 1
            raise Diverged(f"loss {value}, gradient norm {float(norm)} at step {step}")
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return value

    def _loss(self, batch: Batch) -> torch.Tensor:
        """Mean loss over the label tokens of a batch, nats."""
        labels = batch.labels.to(self._device)
        with autocast(self._precision, self._device):
            logits = self._model(
                input_ids=batch.input_ids.to(self._device),
                attention_mask=batch.attention_mask.to(self._device),
                decoder_input_ids=self._family.decoder_inputs(self._model, labels),
                use_cache=False,
            ).logits
        return F.cross_entropy(
            logits.float().flatten(0, 1),
            labels.flatten(),
            ignore_index=IGNORED,
            label_smoothing=self._settings.label_smoothing,
        )


def build_optimizer(model: PreTrainedModel, settings: TrainingSettings) -> torch.optim.Optimizer:
    """Fused AdamW over the weights that are to be trained; the loop sets its learning rate."""
    return torch.optim.AdamW(
        [parameter for parameter in model.parameters() if parameter.requires_grad],
        betas=settings.adam_betas,
        weight_decay=settings.weight_decay,
        fused=True,
    )
