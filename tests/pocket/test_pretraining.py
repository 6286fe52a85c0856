"""Pretraining with a recipe of a few steps: what it writes, and that it repeats itself."""

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, PreTrainedModel

from xlsearch.pocket.pretraining import pretrain, pretraining_config


def tiny(family: str, seed: int = 0) -> dict[str, object]:
    config = pretraining_config(family, seed)
    config.update(steps=2, batch_tokens=256, chunk=32)
    return config


def logits(model: PreTrainedModel) -> torch.Tensor:
    with torch.no_grad():
        ids = torch.arange(5, 15)[None]
        return model.eval()(input_ids=ids, decoder_input_ids=ids).logits


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One pretrained folder of each family."""
    made = {family: tmp_path_factory.mktemp(family) for family in ("mbart", "mt5")}
    for family, folder in made.items():
        pretrain(tiny(family), folder)
    return made


@pytest.mark.parametrize("family", ["mbart", "mt5"])
def test_the_same_config_gives_the_same_model(
    family: str, folders: dict[str, Path], tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    pretrain(tiny(family), tmp_path, lambda step, total, loss: seen.append((step, total)))
    first = AutoModelForSeq2SeqLM.from_pretrained(folders[family])
    second = AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    assert seen == [(1, 2), (2, 2)]
    assert torch.equal(logits(first), logits(second))
    assert AutoTokenizer.from_pretrained(tmp_path).pad_token == "<pad>"


def test_another_seed_gives_another_model(folders: dict[str, Path], tmp_path: Path) -> None:
    pretrain(tiny("mbart", seed=1), tmp_path)
    first = AutoModelForSeq2SeqLM.from_pretrained(folders["mbart"])
    second = AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    assert not torch.equal(logits(first), logits(second))


def test_mt5_keeps_its_own_output_layer(folders: dict[str, Path], tmp_path: Path) -> None:
    model = AutoModelForSeq2SeqLM.from_pretrained(folders["mt5"])
    model.save_pretrained(tmp_path)
    again = AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    assert not torch.equal(model.lm_head.weight, model.shared.weight)
    assert torch.equal(logits(again), logits(model))


def test_no_forced_tokens_are_stored(folders: dict[str, Path]) -> None:
    generation = AutoModelForSeq2SeqLM.from_pretrained(folders["mbart"]).generation_config
    assert generation.forced_bos_token_id is None
    assert generation.forced_eos_token_id is None
    assert generation.decoder_start_token_id == generation.eos_token_id


def test_the_config_is_a_cache_key() -> None:
    assert json.loads(json.dumps(pretraining_config("mbart"))) == pretraining_config("mbart")
    assert pretraining_config("mbart") != pretraining_config("mbart", seed=1)
    with pytest.raises(ValueError, match="choose one of"):
        pretraining_config("nllb")
