"""Trained parts that are broken, or put on the wrong model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from xlsearch.adaptation.registry import load_method
from xlsearch.adaptation.saved import load_adapted, load_trained, save_model, save_trained
from xlsearch.errors import UserError
from xlsearch.models.loading import load_model


@pytest.fixture
def saved(tmp_path: Path, pretrained: dict[str, Path]) -> Path:
    """The part of an untrained prompt for the pocket mBART."""
    method = load_method("prompt", {"length": 4})
    save_trained(method, method.prepare(load_model(pretrained["mbart"])), tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["adaptation.json", "adaptation.safetensors"])
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_part(name: str, damage: str, saved: Path, pretrained: dict[str, Path]) -> None:
    if damage == "cut":
        (saved / name).write_bytes((saved / name).read_bytes()[:-20])
    else:
        (saved / name).unlink()
    with pytest.raises(UserError, match="has no whole trained part; expected adaptation"):
        load_trained(load_model(pretrained["mbart"]), saved)


def test_another_pretrained_model(saved: Path, pretrained: dict[str, Path]) -> None:
    other = load_model(pretrained["mbart"])
    with torch.no_grad():
        other.model.decoder.layers[0].fc1.weight[0, 0] += 1e-3
    for model in (other, load_model(pretrained["mt5"])):
        with pytest.raises(UserError, match="was trained on another pretrained model"):
            load_trained(model, saved)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"method": "prompts"}, "unknown method 'prompts'"),
        ({"numbers": {"lenght": 4}}, r"adaptation.json: methods.prompt: unknown key 'lenght'"),
    ],
)
def test_a_description_that_names_nothing(
    change: dict[str, object], said: str, saved: Path, pretrained: dict[str, Path]
) -> None:
    file = saved / "adaptation.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(UserError, match=said):
        load_trained(load_model(pretrained["mbart"]), saved)


def test_the_way_of_generating_is_saved_with_a_part(
    tmp_path: Path, pretrained: dict[str, Path]
) -> None:
    method = load_method("adapters", {"dimension": 4})
    model = method.prepare(load_model(pretrained["mbart"]))
    model.generation_config.update(num_beams=3, max_new_tokens=7)  # type: ignore[union-attr]
    save_model(method, model, tmp_path)
    loaded = load_adapted(tmp_path, pretrained["mbart"])
    assert loaded.generation_config is not None
    assert (loaded.generation_config.num_beams, loaded.generation_config.max_new_tokens) == (3, 7)
    assert not loaded.training
