"""Whole runs of the methods: cut in two, saved, and loaded to generate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from official_files import write_xlsum
from safetensors.torch import load_file
from transformers import AutoTokenizer

from xlsearch.adaptation.registry import load_method
from xlsearch.adaptation.saved import load_adapted
from xlsearch.config.run import RunConfig
from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.errors import UserError
from xlsearch.evaluation.generation import generate
from xlsearch.models.families import FAMILIES
from xlsearch.runs.folder import RunFolder
from xlsearch.service.train import train
from xlsearch.trial.inputs import check_inputs, prepare_inputs
from xlsearch.trial.report import TrialReport
from xlsearch.trial.run import run_trial

Configure = Callable[..., RunConfig]


class Killed(BaseException):
    """Ends a process, as far as the code under test can see."""


def die_at_step_4(report: TrialReport) -> None:
    if report.phase == "evaluate fr" and report.step == 4:
        raise Killed


def with_method(config: RunConfig, method: str, **numbers: Any) -> RunConfig:
    settings = load_method(method, numbers).model_dump()
    return config.model_copy(update={"method": method, "method_settings": settings})


def other_root(root: Path, name: str) -> Path:
    """Another root that shares the store of pretrained models."""
    folder = root.with_name(name)
    folder.mkdir()
    (folder / "store").symlink_to(root / "store")
    return folder


@pytest.mark.parametrize(
    ("method", "model"),
    [("adapters", "mbart"), ("prompt", "mt5"), ("lora", "mt5")],
)
def test_a_run_that_is_cut_comes_to_the_same_end(
    method: str, model: str, root: Path, run_config: Configure, pretrained: dict[str, Path]
) -> None:
    config = with_method(run_config(model, learning_rate="1e-2", training={"steps": 4}), method)
    whole, cut = (RunFolder(other_root(root, name), config) for name in ("whole", "cut"))
    run_trial(config, root.with_name("whole"), lambda report: None)
    with pytest.raises(Killed):
        run_trial(config, root.with_name("cut"), die_at_step_4)
    run_trial(config, root.with_name("cut"), lambda report: None)
    assert whole.rows == cut.rows
    assert {row.method for row in cut.rows} == {method}
    assert len({row.xlrs for row in cut.rows if row.language == "fr"}) == 2, "XLRS stood still"
    (file,) = whole.model.glob("*.safetensors")
    first, second = load_file(file), load_file(cut.model / file.name)
    assert first.keys() == second.keys()
    assert all(weight.equal(second[name]) for name, weight in first.items())
    assert (file.name == "model.safetensors") == (method == "lora")

    target = root.with_name("exported")
    train(config, root.with_name("whole"), target, lambda *done: None, lambda report: None)
    loaded = load_adapted(target, pretrained[model])
    inputs = prepare_inputs(config, root, NOWHERE)
    sources = [inputs.examples.source(i).tolist() for i in range(3)]
    tokenizer = AutoTokenizer.from_pretrained(target)
    family = FAMILIES[inputs.entry.family]
    outputs = generate(loaded, tokenizer, family, sources, "fr", config.generation, 500, "fp32")
    assert len(outputs) == 3


def test_a_prompt_takes_positions_where_they_are_limited(root: Path, run_config: Configure) -> None:
    """The pocket mBART has 256 positions, mT5 as many as one wants."""
    limits = {}
    for model in ("mbart", "mt5"):
        config = with_method(run_config(model), "prompt", length=226)
        inputs = prepare_inputs(config, root, NOWHERE)
        longest = max(len(inputs.examples.source(i)) for i in range(24))
        limits[model] = (inputs.input_limit, longest)
    assert limits["mbart"] == (30, 30)
    assert limits["mt5"][0] == 256
    assert limits["mt5"][1] > 30
    config = with_method(run_config("mbart", training={"steps": 2}), "prompt", length=226)
    assert run_trial(config, root, lambda report: None).state == "complete"


def test_a_prompt_that_leaves_no_room(root: Path, run_config: Configure) -> None:
    config = with_method(run_config("mbart"), "prompt", length=250)
    with pytest.raises(UserError, match="takes 250 of the 256 positions of mbart; valid: 240 at"):
        prepare_inputs(config, root, NOWHERE)


def test_a_published_model_without_room_is_found_before_anything_is_written(
    small_models: dict[str, Path], tmp_path: Path, run_config: Configure
) -> None:
    write_xlsum(tmp_path / "data")
    sources = Sources(data_dir=tmp_path / "data", model_path=small_models["mbart"])
    config = with_method(run_config(), "prompt", length=1020)
    config = config.model_copy(update={"scale": "paper", "model": "small-mbart"})
    with pytest.raises(UserError, match="takes 1020 of the 1024 positions"):
        check_inputs([config], tmp_path / "root", sources)
    assert not (tmp_path / "root").exists()
