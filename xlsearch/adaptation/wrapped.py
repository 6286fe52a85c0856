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


def merged(model: PreTrainedModel) -> PreTrainedModel:
    """The model without peft's parts, which become part of its own weights.

    Args:
        model: What ``wrapped`` returned; it is changed.
    """
    with warnings.catch_warnings():
        # mT5's configuration may say that its output layer is tied; peft corrects it, and says so.
        warnings.simplefilter("ignore", UserWarning)
        whole: PreTrainedModel = model.merge_and_unload()  # type: ignore[operator]
    return whole
