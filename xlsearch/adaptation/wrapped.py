"""Models with parts of the library peft around or in them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from peft import get_peft_model

if TYPE_CHECKING:
    from peft import PeftConfig
    from transformers import PreTrainedModel


def wrapped(model: PreTrainedModel, settings: PeftConfig) -> PreTrainedModel:
    """The model inside of peft's, which is called and generates like it; only peft's parts train.

    Args:
        model: A pretrained model; it is changed.
        settings: What peft adds.
    """
    with warnings.catch_warnings():
        # It reads a property that transformers has renamed, and would say so in the live table.
        warnings.simplefilter("ignore", FutureWarning)
        adapted: PreTrainedModel = get_peft_model(model, settings)
    return adapted
