"""Loading tokenizers and weights from a folder, the same way for every family and scale."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging as transformers_logging

from xlsearch.errors import UserError

_TOKENS = (
    "bos_token_id",
    "decoder_start_token_id",
    "eos_token_id",
    "forced_eos_token_id",
    "pad_token_id",
)
"""What of a published model's generation settings is taken over. How it is decoded (mBART-50 comes
with five beams) is said by the search space, and recorded."""


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """The tokenizer saved in a model folder.

    Raises:
        UserError: If its files are broken.
    """
    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(folder)
    # Broken vocabularies fail in as many ways as there are formats.
    except Exception as error:
        reason = (str(error).splitlines() or [""])[0]
        raise UserError(
            f"the tokenizer in {folder} does not load ({type(error).__name__}: {reason})"
        ) from None
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
    assert model.generation_config is not None
    kept = {name: getattr(model.generation_config, name) for name in _TOKENS}
    model.generation_config = GenerationConfig(**kept)
    return model


def _config_keys(folder: Path) -> set[str]:
    from transformers import AutoConfig

    return set(AutoConfig.from_pretrained(folder).to_dict())
