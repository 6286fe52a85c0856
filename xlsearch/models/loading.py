"""Loading tokenizers and weights from a folder, the same way for every family and scale."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging as transformers_logging


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """The tokenizer saved in a model folder."""
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(folder)
    return tokenizer


def load_model(folder: Path, dropout: float | None = None) -> PreTrainedModel:
    """The model saved in a folder, with fp32 weights.

    A fresh model filled with a state dict would silently tie mT5's output layer to its
    embeddings; ``from_pretrained`` does not, so every run begins here.

    Args:
        folder: What ``save_pretrained`` wrote.
        dropout: Dropout probability in place of the model's own; None keeps the model's.
    """
    settings = {} if dropout is None else {"dropout": dropout, "dropout_rate": dropout}
    known = _config_keys(folder)
    # The progress bars of loading would tear the live table; they add nothing at this size.
    transformers_logging.disable_progress_bar()
    model: PreTrainedModel = AutoModelForSeq2SeqLM.from_pretrained(
        folder,
        dtype=torch.float32,
        **{key: value for key, value in settings.items() if key in known},
    )
    return model


def _config_keys(folder: Path) -> set[str]:
    from transformers import AutoConfig

    return set(AutoConfig.from_pretrained(folder).to_dict())
