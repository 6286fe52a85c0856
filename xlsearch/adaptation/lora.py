"""LoRA: low-rank changes of matrices are trained (Hu et al. 2021); today's common choice.

The paper has no LoRA. They are in all linear layers of encoder and decoder, not only in queries and
values as Hu et al. began: Dettmers et al. (2023, QLoRA, section 4) found that only so they reach
full fine-tuning. ``alpha`` is twice the rank, as is usual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from xlsearch.adaptation.base import AdaptationMethod

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class LoRA(AdaptationMethod):
    """Trains a low-rank change of every linear layer but the output layer, and nothing else.

    Attributes:
        rank: Of each change.
        alpha: A change counts ``alpha / rank`` times.
        dropout: Dropout probability of what a change reads.
    """

    name = "lora"
    rank: int = Field(default=16, ge=1)
    alpha: float = Field(default=32.0, gt=0)
    dropout: float = Field(default=0.05, ge=0, lt=1)

    def prepare(self, model: PreTrainedModel) -> PreTrainedModel:
        # Here, since names and numbers can be checked without loading torch.
        from peft import LoraConfig, TaskType

        from xlsearch.adaptation.wrapped import wrapped

        settings = LoraConfig(
            task_type=TaskType.SEQ_2_SEQ_LM,
            r=self.rank,
            lora_alpha=self.alpha,
            lora_dropout=self.dropout,
            target_modules="all-linear",  # of which peft leaves out the output layer
        )
        return wrapped(model, settings)

    def merged(self, model: PreTrainedModel) -> PreTrainedModel:
        """The changes added to the matrices that they change."""
        from xlsearch.adaptation.wrapped import merged

        return merged(model)
