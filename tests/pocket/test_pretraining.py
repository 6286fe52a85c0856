"""Pretraining with a recipe of a few steps: what it writes, and that it repeats itself."""

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, PreTrainedModel

from xlsearch.pocket.pretraining import pretrain, pretraining_config


def tiny(family: str, seed: int = 0) -> dict[str, object]:
    config = pretraining_config(family, seed)
    config.update(steps=3, batch_tokens=512, chunk=64)
    return config


def logits(model: PreTrainedModel) -> torch.Tensor:
    with torch.no_grad():
        ids = torch.arange(5, 15)[None]
        return model.eval()(input_ids=ids, decoder_input_ids=ids).logits


@pytest.mark.parametrize("family", ["mbart", "mt5"])
def test_pretraining_is_deterministic_and_loads(family: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    pretrain(tiny(family), tmp_path / "a", lambda step, total, loss: seen.append((step, total)))
    pretrain(tiny(family), tmp_path / "b")
    pretrain(tiny(family, seed=1), tmp_path / "c")
    a, b, c = (
        logits(AutoModelForSeq2SeqLM.from_pretrained(tmp_path / name)) for name in ("a", "b", "c")
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert torch.equal(a, b)
    assert not torch.equal(a, c)
    assert AutoTokenizer.from_pretrained(tmp_path / "a").pad_token == "<pad>"


def test_mt5_keeps_its_own_output_layer(tmp_path: Path) -> None:
    pretrain(tiny("mt5"), tmp_path)
    model = AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    model.save_pretrained(tmp_path / "again")
    again = AutoModelForSeq2SeqLM.from_pretrained(tmp_path / "again")
    assert not torch.equal(model.lm_head.weight, model.shared.weight)
    assert torch.equal(logits(again), logits(model))


def test_no_forced_tokens_are_stored(tmp_path: Path) -> None:
    pretrain(tiny("mbart"), tmp_path)
    generation = AutoModelForSeq2SeqLM.from_pretrained(tmp_path).generation_config
    assert generation.forced_bos_token_id is None
    assert generation.forced_eos_token_id is None
    assert generation.decoder_start_token_id == generation.eos_token_id


def test_the_config_is_a_cache_key() -> None:
    assert json.loads(json.dumps(pretraining_config("mbart"))) == pretraining_config("mbart")
    assert pretraining_config("mbart") != pretraining_config("mbart", seed=1)
    with pytest.raises(ValueError, match="choose one of"):
        pretraining_config("nllb")
