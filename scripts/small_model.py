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
    model = _model(family, len(tokenizer), width, layers)
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


def _model(family: str, vocabulary: int, width: int, layers: int) -> PreTrainedModel:
    if family == "mt5":
        model = MT5ForConditionalGeneration(
            MT5Config(
                vocab_size=vocabulary,
                d_model=width,
                d_kv=width // 2,
                d_ff=2 * width,
                num_layers=layers,
                num_heads=2,
                tie_word_embeddings=False,
                decoder_start_token_id=0,
            )
        )
        # Published mT5 models have an output layer of their own, though a fresh one is tied.
        model.lm_head.weight = torch.nn.Parameter(torch.randn(vocabulary, width) * 0.05)
        return model
    sizes = {
        "vocab_size": vocabulary,
        "d_model": width,
        "encoder_layers": layers,
        "decoder_layers": layers,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
        "encoder_ffn_dim": 2 * width,
        "decoder_ffn_dim": 2 * width,
        "max_position_embeddings": 1024,
        "decoder_start_token_id": 2,
        "forced_eos_token_id": 2,
        "scale_embedding": True,
    }
    if family == "nllb":
        # As published; the class would leave out whole layers now and then.
        kept = {"encoder_layerdrop": 0.0, "decoder_layerdrop": 0.0}
        return M2M100ForConditionalGeneration(M2M100Config(**sizes, **kept))
    return MBartForConditionalGeneration(MBartConfig(**sizes))


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
