"""Builds a small model folder of a real family, laid out as on the hub, from any texts.

    python scripts/small_model.py mbart small-mbart texts.txt more.txt

The folder has what the published models have: a sentencepiece file, the tokenizer's configuration,
the model's configuration, and weights, which are random here. So everything that loads a published
model can be tried without a download: `xlsearch launch --model-path small-mbart …`.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from transformers import (
    AutoTokenizer,
    M2M100Config,
    M2M100ForConditionalGeneration,
    MBartConfig,
    MBartForConditionalGeneration,
    MT5Config,
    MT5ForConditionalGeneration,
    PreTrainedModel,
)
from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES

from xlsearch.models.architecture import Architecture

FAMILIES = ("mbart", "mt5", "nllb")

# File name, sentencepiece model type, and tokenizer class of the published checkpoints.
_TOKENIZERS = {
    "mbart": ("sentencepiece.bpe.model", "unigram", "MBart50Tokenizer"),
    "mt5": ("spiece.model", "unigram", "T5Tokenizer"),
    "nllb": ("sentencepiece.bpe.model", "bpe", "NllbTokenizer"),
}

# How published checkpoints of the family want to be decoded.
_GENERATION: dict[str, dict[str, Any]] = {
    "mbart": {"num_beams": 5, "early_stopping": True, "max_length": 200},
    "nllb": {"max_length": 200},
}


def build(
    family: str,
    folder: Path,
    texts: Iterable[str],
    *,
    pieces: int = 2000,
    width: int = 32,
    layers: int = 2,
    seed: int = 0,
) -> None:
    """Writes a model folder.

    Args:
        family: One of ``FAMILIES``.
        folder: To write; made if need be.
        texts: What the vocabulary is learned from.
        pieces: Size of the vocabulary, at most; language codes come on top.
        width: Of the hidden states; feed-forward layers have twice as many.
        layers: Of encoder and of decoder.
        seed: Of the random weights.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_tokenizer(family, folder, texts, pieces)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    torch.manual_seed(seed)
    own = family == "mt5"
    sizes = Architecture(width, width, 2 * width, layers, len(tokenizer), gated=own, tied=not own)
    model = random_model(family, sizes)
    model.save_pretrained(folder)
    if family in _GENERATION:
        file = folder / "generation_config.json"
        settings = {**json.loads(file.read_text()), **_GENERATION[family]}
        file.write_text(json.dumps(settings, indent=2))


def _write_tokenizer(family: str, folder: Path, texts: Iterable[str], pieces: int) -> None:
    name, kind, tokenizer_class = _TOKENIZERS[family]
    model = io.BytesIO()
    special: dict[str, Any] = {"unk_id": 0, "bos_id": 1, "eos_id": 2, "pad_id": -1}
    if family == "mt5":
        # As in the published file, the sentinels are pieces, and so appear in decoded outputs.
        sentinels = [f"<extra_id_{i}>" for i in range(100)]
        special = {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}
        special["user_defined_symbols"] = sentinels
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=model,
        model_type=kind,
        vocab_size=pieces,
        hard_vocab_limit=False,
        character_coverage=0.9995,
        minloglevel=2,
        **special,
    )
    (folder / name).write_bytes(model.getvalue())
    config: dict[str, Any] = {"tokenizer_class": tokenizer_class}
    if family == "mt5":
        config["extra_ids"] = 0
    if family == "nllb":
        config["extra_special_tokens"] = FAIRSEQ_LANGUAGE_CODES
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


def random_model(family: str, sizes: Architecture) -> PreTrainedModel:
    """A model of a family and of these sizes, with random weights and heads 64 wide or less."""
    heads = max(2, sizes.heads_width // 64)
    if family == "mt5":
        model = MT5ForConditionalGeneration(
            MT5Config(
                vocab_size=sizes.vocabulary,
                d_model=sizes.width,
                d_kv=sizes.heads_width // heads,
                d_ff=sizes.feed_forward,
                num_layers=sizes.layers,
                num_heads=heads,
                tie_word_embeddings=False,
                decoder_start_token_id=0,
            )
        )
        # Published mT5 models have an output layer of their own, though a fresh one is tied.
        output = torch.randn(sizes.vocabulary, sizes.width) * 0.05
        model.lm_head.weight = torch.nn.Parameter(output)
        return model
    settings = {
        "vocab_size": sizes.vocabulary,
        "d_model": sizes.width,
        "encoder_layers": sizes.layers,
        "decoder_layers": sizes.layers,
        "encoder_attention_heads": heads,
        "decoder_attention_heads": heads,
        "encoder_ffn_dim": sizes.feed_forward,
        "decoder_ffn_dim": sizes.feed_forward,
        "max_position_embeddings": 1024,
        "decoder_start_token_id": 2,
        "forced_eos_token_id": 2,
        "scale_embedding": True,
    }
    if family == "nllb":
        # As published; the class would leave out whole layers now and then.
        kept = {"encoder_layerdrop": 0.0, "decoder_layerdrop": 0.0}
        return M2M100ForConditionalGeneration(M2M100Config(**settings, **kept))
    return MBartForConditionalGeneration(MBartConfig(**settings))


def main() -> None:
    """Builds a folder from text files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=FAMILIES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("texts", type=Path, nargs="+", help="text files, one text a line")
    parser.add_argument("--pieces", type=int, default=2000)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--layers", type=int, default=2)
    given = parser.parse_args()
    lines = (line for path in given.texts for line in path.read_text(encoding="utf-8").splitlines())
    build(
        given.family,
        given.folder,
        lines,
        pieces=given.pieces,
        width=given.width,
        layers=given.layers,
    )


if __name__ == "__main__":
    main()
