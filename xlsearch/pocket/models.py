"""The two architectures at pocket size, with the weights that pretraining starts from."""

import math

import torch
from torch import nn
from transformers import (
    MBartConfig,
    MBartForConditionalGeneration,
    MT5Config,
    MT5ForConditionalGeneration,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

POSITIONS = 256
"""Longest input of the mBART-class model in tokens; pocket texts have about 60."""

HEAD_SCALE = 0.05
"""The output layer starts as a small copy of the embeddings, which makes copying easy to find."""

NEIGHBOUR_BIAS = 4.0
"""Attention bias (logit) with which some heads start that look at a token one to three away.

mT5's cross-attention knows no positions: to copy, it must find the place where its last token
stands by that token's neighbours. Heads that look at neighbours save hundreds of steps of search.
"""

AHEAD = 16
"""mT5's bucket of the relative position -n is n, and in the encoder that of +n is AHEAD + n."""


def build_model(
    family: str, size: dict[str, int], tokenizer: PreTrainedTokenizerBase, seed: int
) -> PreTrainedModel:
    """A freshly initialised model.

    Args:
        family: "mbart" or "mt5".
        size: "width", "feed_forward", "layers" (of encoder and of decoder), "heads".
        tokenizer: Gives the vocabulary and the special tokens.
        seed: Of the weights.
    """
    torch.manual_seed(seed)
    model = _mbart(size, tokenizer) if family == "mbart" else _mt5(size, tokenizer)
    model.set_attn_implementation("eager")  # at this size faster than fused attention on CPUs
    return model


def _mbart(size: dict[str, int], tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
    model = MBartForConditionalGeneration(
        MBartConfig(
            vocab_size=len(tokenizer),
            d_model=size["width"],
            encoder_layers=size["layers"],
            decoder_layers=size["layers"],
            encoder_ffn_dim=size["feed_forward"],
            decoder_ffn_dim=size["feed_forward"],
            encoder_attention_heads=size["heads"],
            decoder_attention_heads=size["heads"],
            dropout=0.0,
            attention_dropout=0.0,
            max_position_embeddings=POSITIONS,
            scale_embedding=True,
            init_std=0.05,
            bos_token_id=tokenizer.bos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
            decoder_start_token_id=tokenizer.eos_token_id,
            forced_eos_token_id=None,
        )
    )
    model.generation_config.forced_eos_token_id = None
    with torch.no_grad():
        for half in (model.model.encoder, model.model.decoder):
            half.embed_positions.weight.copy_(_waves(*half.embed_positions.weight.shape))
    return model


def _waves(positions: int, width: int) -> torch.Tensor:
    """Sines and cosines of the position, [positions, width]: neighbours start alike."""
    rates = torch.exp(-math.log(POSITIONS) * torch.arange(0, width, 2) / width)
    angles = torch.arange(positions)[:, None] * rates
    return 0.4 * torch.cat([angles.sin(), angles.cos()], dim=1)


def _mt5(size: dict[str, int], tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
    """mT5 with an output layer of its own.

    A fresh MT5 shares one matrix between embeddings and output layer whatever its configuration
    says, so the output layer gets its matrix here, and keeps it in what is saved.
    """
    width = size["width"]
    model = MT5ForConditionalGeneration(
        MT5Config(
            vocab_size=len(tokenizer),
            d_model=width,
            d_kv=width // size["heads"],
            d_ff=size["feed_forward"],
            num_layers=size["layers"],
            num_decoder_layers=size["layers"],
            num_heads=size["heads"],
            dropout_rate=0.0,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
            decoder_start_token_id=tokenizer.pad_token_id,
            tie_word_embeddings=False,
        ),
    )
    embeddings = torch.randn(len(tokenizer), width)
    model.shared.weight.data.copy_(embeddings)
    model.lm_head.weight = nn.Parameter(HEAD_SCALE * embeddings.clone())
    with torch.no_grad():
        for half, looks in ((model.encoder, (-1, 1, -2)), (model.decoder, (-1, -2, -3))):
            bias = half.block[0].layer[0].SelfAttention.relative_attention_bias.weight
            for head, offset in enumerate(looks):
                bias[offset + AHEAD if offset > 0 else -offset, head] = NEIGHBOUR_BIAS
    return model
