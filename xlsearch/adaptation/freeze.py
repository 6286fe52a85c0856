"""Freezing: the encoder is trained, the decoder and all embeddings stay as they were.

mBART and NLLB have one matrix for the embeddings of both sides and for the output layer; mT5 has an
output layer of its own. Frozen are the pieces' embeddings of either side, the positions' (learned
in mBART), and the output layer. What else the encoder has is trained: its layers with their norms,
its final norm, mBART's norm after the embeddings, and mT5's relative attention bias, which is part
of attention though it is kept as an embedding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlsearch.adaptation.base import AdaptationMethod

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_EMBEDDINGS = ("embed_tokens.", "embed_positions.")
"""What the families' encoders call the embeddings of pieces and of positions."""


class Freeze(AdaptationMethod):
    """Trains the encoder without its embeddings."""

    name = "freeze"

    def prepare(self, model: PreTrainedModel) -> PreTrainedModel:
        model.requires_grad_(False)
        for name, parameter in model.get_encoder().named_parameters():
            parameter.requires_grad = not name.startswith(_EMBEDDINGS)
        return model
