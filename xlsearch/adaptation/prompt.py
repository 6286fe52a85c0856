"""Prompt tuning: vectors before the encoder's input are trained (Lester et al. 2021).

They start as the embeddings of random pieces, as in Vu et al. (2022). The decoder reads no prompt.
A prompt takes positions of the encoder, so inputs are cut shorter where a model has only so many
(mBART).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from xlsearch.adaptation.base import AdaptationMethod

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Prompt(AdaptationMethod):
    """Trains a soft prompt, and nothing else.

    Attributes:
        length: Vectors of the prompt (paper: 100).
    """

    name = "prompt"
    length: int = Field(default=100, ge=1)

    @property
    def extra_positions(self) -> int:
        return self.length

    def prepare(self, model: PreTrainedModel) -> PreTrainedModel:
        # Here, since names and numbers can be checked without loading torch.
        from peft import PromptTuningConfig, PromptTuningInit, TaskType

        from xlsearch.adaptation.wrapped import wrapped

        settings = PromptTuningConfig(
            task_type=TaskType.SEQ_2_SEQ_LM,
            num_virtual_tokens=self.length,
            num_transformer_submodules=1,  # the encoder; 2 would be the decoder also
            prompt_tuning_init=PromptTuningInit.SAMPLE_VOCAB,
        )
        return wrapped(model, settings)

    def merged(self, model: PreTrainedModel) -> None:
        """A pretrained model reads pieces, and the prompt is none."""
