"""Checkpoints: a run goes on exactly as if it had not stopped; a damaged one is not believed."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import PreTrainedModel

from xlsearch.config.training import TrainingSettings
from xlsearch.models.loading import load_model
from xlsearch.training.batches import Position
from xlsearch.training.checkpoint import Counters, load_checkpoint, save_checkpoint
from xlsearch.training.loop import build_optimizer

FILES = ("weights.safetensors", "optimizer.safetensors", "state.json")
COUNTERS = Counters(3, Position(1, 2), 45, 1.5, 0.25)
SETTINGS = TrainingSettings(steps=4, warmup_steps=2, batch_tokens=100)


def fresh(folder: Path) -> tuple[PreTrainedModel, torch.optim.Optimizer]:
    model = load_model(folder)
    return model, build_optimizer(model, SETTINGS)


def updated(folder: Path) -> tuple[PreTrainedModel, torch.optim.Optimizer]:
    """A model after one update."""
    model, optimizer = fresh(folder)
    ids = torch.arange(5, 15)[None]
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    return model, optimizer


@pytest.mark.parametrize("family", ["mbart", "mt5"])
def test_everything_comes_back(family: str, pretrained: dict[str, Path], tmp_path: Path) -> None:
    model, optimizer = updated(pretrained[family])
    save_checkpoint(tmp_path / "c", model, optimizer, COUNTERS)
    random = torch.rand(5)
    other, other_optimizer = fresh(pretrained[family])
    assert load_checkpoint(tmp_path / "c", other, other_optimizer) == COUNTERS
    assert torch.rand(5).equal(random)
    pairs = list(zip(model.parameters(), other.parameters(), strict=True))
    assert all(a.equal(b) for a, b in pairs)
    for a, b in pairs:
        moments, others = optimizer.state[a], other_optimizer.state[b]
        assert moments.keys() == others.keys()
        assert all(value.equal(others[key]) for key, value in moments.items())


def test_mt5_keeps_its_output_layer_apart(pretrained: dict[str, Path], tmp_path: Path) -> None:
    model, optimizer = updated(pretrained["mt5"])
    save_checkpoint(tmp_path / "c", model, optimizer, COUNTERS)
    other, other_optimizer = fresh(pretrained["mt5"])
    load_checkpoint(tmp_path / "c", other, other_optimizer)
    assert not other.lm_head.weight.equal(other.shared.weight)
    assert other.lm_head.weight.equal(model.lm_head.weight)


def test_the_last_two_checkpoints_are_kept(pretrained: dict[str, Path], tmp_path: Path) -> None:
    model, optimizer = updated(pretrained["mbart"])
    for step in (1, 2, 3):
        save_checkpoint(tmp_path / "c", model, optimizer, Counters(step))
    assert load_checkpoint(tmp_path / "c", *fresh(pretrained["mbart"])) == Counters(3)
    places = sorted((tmp_path / "c").iterdir())
    assert [place.name for place in places] == ["step-000000002", "step-000000003"]
    assert all(sorted(file.name for file in place.iterdir()) == sorted(FILES) for place in places)


def test_a_damaged_checkpoint_leaves_the_one_before(
    pretrained: dict[str, Path], tmp_path: Path
) -> None:
    model, optimizer = updated(pretrained["mbart"])
    for step in (1, 2):
        save_checkpoint(tmp_path / "c", model, optimizer, Counters(step))
    newest = tmp_path / "c" / "step-000000002"
    (newest / "state.json").write_text("{")
    damaged: list[Path] = []
    found = load_checkpoint(tmp_path / "c", *fresh(pretrained["mbart"]), on_damaged=damaged.append)
    assert found == Counters(1)
    assert damaged == [newest]
    assert not newest.exists()


def test_a_checkpoint_is_not_believed_without_its_rows(
    pretrained: dict[str, Path], tmp_path: Path
) -> None:
    model, optimizer = updated(pretrained["mbart"])
    for step in (1, 2):
        save_checkpoint(tmp_path / "c", model, optimizer, Counters(step), f"rows {step}")
    now = {1: "rows 1", 2: "others"}
    assert load_checkpoint(
        tmp_path / "c", *fresh(pretrained["mbart"]), now.__getitem__
    ) == Counters(1)


def test_without_a_checkpoint_a_run_begins_at_its_start(
    pretrained: dict[str, Path], tmp_path: Path
) -> None:
    assert load_checkpoint(tmp_path / "none", *fresh(pretrained["mbart"])) is None


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_checkpoint_is_ignored(
    name: str, damage: str, pretrained: dict[str, Path], tmp_path: Path
) -> None:
    model, optimizer = updated(pretrained["mbart"])
    save_checkpoint(tmp_path / "c", model, optimizer, COUNTERS)
    (place,) = (tmp_path / "c").iterdir()
    file = place / name
    data = bytearray(file.read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    elif damage == "cut":
        file.write_bytes(data[:-5])
    else:
        file.unlink()
    other, other_optimizer = fresh(pretrained["mbart"])
    before = [parameter.clone() for parameter in other.parameters()]
    assert load_checkpoint(tmp_path / "c", other, other_optimizer) is None
    assert all(a.equal(b) for a, b in zip(before, other.parameters(), strict=True))
