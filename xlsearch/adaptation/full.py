"""Full fine-tuning: every weight is trained."""

from __future__ import annotations

from transformers import PreTrainedModel


class Full:
    """Trains all weights."""

    name = "full"

    def prepare(self, model: PreTrainedModel) -> None:
        """Marks every weight as trained."""
        model.requires_grad_(True)
