"""Pretrains a pocket model from nothing, on the spot."""

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xlsearch.models.precision import autocast, resolve_precision
from xlsearch.pocket.corpus import pieces
from xlsearch.pocket.languages import LANGUAGES
from xlsearch.pocket.models import build_model
from xlsearch.pocket.noise import MBartNoise, Mixture, MT5Noise, Pair
from xlsearch.pocket.realise import every_wording
from xlsearch.pocket.tokenizer import SENTINELS, build_tokenizer

IGNORED = -100
"""Label of padding: it has no part in the loss."""

WIDTH_STEP = 8
"""Sequences are padded to a multiple of this many tokens."""
_RECIPES: dict[str, dict[str, Any]] = {
    "mbart": {
        "languages": ["en", "fr", "es", "ru", "zh", "ko"],
        "size": {"width": 128, "feed_forward": 384, "layers": 2, "heads": 4},
        "steps": 2400,
        "single_until": 0.15,
        "longest_from": 0.4,
        "longest_piece": 6,
        "batch_tokens": 3072,
        "chunk": 2048,
        "learning_rate": 3e-3,
        "muon_learning_rate": 0.005,
        "warmup_steps": 100,
        "mixture": {
            "translation": 0.5,
            "spans": 0.0,
            "mixed": 0.3,
            "unmasked": 0.5,
            "mask_rate": 0.3,
        },
    },
    "mt5": {
        "languages": ["en", "fr", "es", "ru", "zh", "ko"],
        "size": {"width": 128, "feed_forward": 384, "layers": 2, "heads": 4},
        "steps": 4500,
        "single_until": 0.2,
        "longest_from": 0.6,
        "longest_piece": 6,
        "batch_tokens": 3072,
        "chunk": 2048,
        "learning_rate": 1e-3,
        "muon_learning_rate": 0.003,
        "warmup_steps": 100,
        "mixture": {
            "translation": 0.3,
            "spans": 0.1,
            "mixed": 0.3,
            "unmasked": 0.5,
            "mask_rate": 0.15,
        },
    },
}


def pretraining_config(family: str, seed: int = 0) -> dict[str, object]:
    """Everything that determines the pretrained model, ready for JSON: the key of its cache.

    Args:
        family: "mbart" or "mt5".
        seed: Of initial weights and data.
    """
    if family not in _RECIPES:
        raise ValueError(f"no pocket model family {family!r}: choose one of {', '.join(_RECIPES)}")
    recipe = json.loads(json.dumps(_RECIPES[family]))
    return {
        "family": family,
        "seed": seed,
        "precision": resolve_precision("auto", torch.device("cpu")),
        "world": world_fingerprint(family),
        "code": _code_fingerprint(),
        **recipe,
    }


def _code_fingerprint() -> str:
    """SHA-256 of the code that makes pages, noise and models, shortened.

    A change of a comment pretrains once more; a stale model would be worse.
    """
    folder = Path(__file__).parent
    names = ("corpus.py", "models.py", "noise.py", "pretraining.py", "world.py")
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in names)).hexdigest()[:16]


def world_fingerprint(family: str) -> str:
    """SHA-256 of every wording of every language and of the vocabulary, shortened."""
    text = [every_wording(language) for language in LANGUAGES.values()]
    vocab = sorted(build_tokenizer(family).get_vocab().items(), key=lambda item: item[1])
    return hashlib.sha256(json.dumps([text, vocab]).encode()).hexdigest()[:16]


def pretrain(
    config: dict[str, Any],
    folder: Path,
    on_step: Callable[[int, int, float], None] | None = None,
) -> None:
    """Pretrains a model and writes a folder that `from_pretrained` loads.

    Args:
        config: From `pretraining_config`; tests lower "steps" and "batch_tokens".
        folder: Where config, generation config, weights and tokenizer go.
        on_step: Called after each step with the steps done, all steps, and the loss.
    """
    tokenizer = build_tokenizer(config["family"])
    model = build_model(config["family"], config["size"], tokenizer, config["seed"])
    model.train()
    optimizers = _optimizers(model, config)
    schedule = [
        torch.optim.lr_scheduler.LambdaLR(o, lambda step: _factor(step, config)) for o in optimizers
    ]
    cpu = torch.device("cpu")
    for step, batch in enumerate(_batches(config, tokenizer), start=1):
        with autocast(config["precision"], cpu):
            loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, scheduler in zip(optimizers, schedule, strict=True):
            optimizer.step()
            optimizer.zero_grad()
            scheduler.step()
        if on_step is not None:
            on_step(step, config["steps"], loss.item())
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _factor(step: int, config: dict[str, Any]) -> float:
    """Share of the peak learning rate: linear warm-up, then linearly down to 0."""
    warmup, steps = config["warmup_steps"], config["steps"]
    return float(min((step + 1) / warmup, max(0.0, (steps - step) / max(1, steps - warmup))))


def _optimizers(model: PreTrainedModel, config: dict[str, Any]) -> list[torch.optim.Optimizer]:
    """Adam; with a Muon learning rate, Muon for the matrices inside the layers."""
    hidden: list[torch.nn.Parameter] = []
    rest: list[torch.nn.Parameter] = []
    for name, parameter in model.named_parameters():
        inside = "layers." in name or "block." in name
        matrix = parameter.ndim == 2 and "relative_attention_bias" not in name
        (hidden if inside and matrix and config["muon_learning_rate"] else rest).append(parameter)
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.Adam(rest, lr=config["learning_rate"], betas=(0.9, 0.98), eps=1e-9, fused=True)
    ]
    if hidden:
        optimizers.append(
            torch.optim.Muon(
                hidden,
                lr=config["muon_learning_rate"],
                weight_decay=0.0,
                adjust_lr_fn="match_rms_adamw",
            )
        )
    return optimizers


def _batches(
    config: dict[str, Any], tokenizer: PreTrainedTokenizerBase
) -> Iterator[dict[str, torch.Tensor]]:
    """`steps` batches of at most `batch_tokens` padded source and target tokens.

    `chunk` pieces at a time are made, sorted by length and cut into batches.
    """
    rng = Random(f"pretraining/{config['seed']}")
    mixture = Mixture(**config["mixture"])
    noise = (
        MBartNoise(tokenizer, mixture)
        if config["family"] == "mbart"
        else MT5Noise(tokenizer, mixture, SENTINELS)
    )

    def encode(texts: list[str]) -> list[list[int]]:
        ids: list[list[int]] = tokenizer(texts, add_special_tokens=False)["input_ids"]
        return ids

    done = 0
    while done < config["steps"]:
        longest = _longest(done / config["steps"], config)
        lengths = [rng.randint(1, longest) for _ in range(config["chunk"])]
        made = [noise(piece, rng) for piece in pieces(rng, encode, config["languages"], lengths)]
        grouped = _by_length(made, config["batch_tokens"])
        rng.shuffle(grouped)
        for pairs in grouped[: config["steps"] - done]:
            yield _collate(pairs, int(tokenizer.pad_token_id))
            done += 1


def _longest(progress: float, config: dict[str, Any]) -> int:
    """Longest piece, in sentences, at this share of the steps: from 1 up to "longest_piece"."""
    start, end = config["single_until"], config["longest_from"]
    grown = min(1.0, max(0.0, (progress - start) / (end - start)))
    return 1 + math.floor(grown * (config["longest_piece"] - 1))


def _by_length(pairs: list[Pair], batch_tokens: int) -> list[list[Pair]]:
    """Batches of pairs of similar length, so that little of a batch is padding.

    A batch has as many pairs as its padded widths allow, so that shapes recur: the CPU's matrix
    library prepares itself anew for every shape that it has not met.
    """
    ordered = sorted(pairs, key=lambda p: (_width(p[0]) + _width(p[1]), _width(p[1])))
    batches: list[list[Pair]] = []
    start = 0
    while start < len(ordered):
        source, target = ordered[start]
        count = max(1, batch_tokens // (_width(source) + _width(target)))
        batches.append(ordered[start : start + count])
        start += count
    return batches


def _width(tokens: list[int]) -> int:
    """The length to which a sequence is padded at least."""
    return -(-len(tokens) // WIDTH_STEP) * WIDTH_STEP


def _collate(pairs: list[Pair], pad: int) -> dict[str, torch.Tensor]:
    """Padded tensors [batch, longest]; the models shift the labels to get decoder inputs."""
    sources = _padded([source for source, _ in pairs], pad)
    labels = _padded([target for _, target in pairs], IGNORED)
    return {"input_ids": sources, "attention_mask": (sources != pad).long(), "labels": labels}


def _padded(sequences: list[list[int]], value: int) -> torch.Tensor:
    width = max(map(_width, sequences))
    return torch.tensor([tokens + [value] * (width - len(tokens)) for tokens in sequences])
