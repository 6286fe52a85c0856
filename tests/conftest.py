"""A pocket model after two steps of pretraining, and the settings of runs that take seconds."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
import torch
from hypothesis import settings

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.run import RunConfig
from xlsearch.config.settings import validated
from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.config.training import ScaleSettings
from xlsearch.pocket.pretraining import pretrain, pretraining_config
from xlsearch.runs.content import ContentStore
from xlsearch.tasks.base import Split
from xlsearch.tasks.registry import find_task
from xlsearch.trial.configure import RunTemplate

# What tests share: the builder of small models, and the writer of data files.
sys.path[:0] = [str(Path(__file__).parents[1] / "scripts"), str(Path(__file__).parent)]

settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable")
optuna.logging.set_verbosity(optuna.logging.WARNING)

FAMILIES = ("mbart", "mt5")

SETTINGS: dict[str, Any] = {
    "training": {
        "steps": 6,
        "warmup_steps": 2,
        "batch_tokens": 256,
        "examples": 24,
        "dropout": 0.1,
        "precision": "fp32",
    },
    "generation": {"max_new_tokens": 6},
    "evaluation": {"every_steps": 2, "examples": 3, "languages": ["fr"], "batch_tokens": 500},
    "intermediate": {
        "objective": "prefix-lm",
        "languages": ["en", "fr"],
        "training": {
            "steps": 4,
            "warmup_steps": 2,
            "batch_tokens": 256,
            "examples": 20,
            "dropout": 0.1,
            "precision": "fp32",
        },
        "learning_rates": ["1e-2", "1e-3"],
        "probe_steps": 2,
        "held_out": 3,
        "max_new_tokens": 6,
    },
}


@pytest.fixture(scope="session")
def pretrained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of hardly pretrained models, by family."""
    torch.set_num_threads(1)
    folders = {}
    for family in FAMILIES:
        config = pretraining_config(family)
        config.update(steps=2, batch_tokens=512, chunk=64)
        folders[family] = tmp_path_factory.mktemp("pretrained") / family
        pretrain(config, folders[family])
    return folders


@pytest.fixture
def root(tmp_path: Path, pretrained: dict[str, Path]) -> Path:
    """A root folder whose store has these models in place of the fully pretrained ones."""
    return with_models(tmp_path / "root", pretrained)


def with_models(folder: Path, pretrained: dict[str, Path]) -> Path:
    """The folder, with hardly pretrained models in its store."""
    for family, model in pretrained.items():

        def copy(path: Path, model: Path = model) -> None:
            shutil.copytree(model, path, dirs_exist_ok=True)

        ContentStore(folder).obtain("pocket-model", pretraining_config(family), copy)
    return folder


@pytest.fixture(scope="session")
def run_template() -> Callable[..., RunTemplate]:
    """What tiny runs have in common; takes names, places, and changes to sections of settings."""

    def make(
        model: str = "mbart",
        task: str = "xlsum",
        scale: str = "pocket",
        sources: Sources = NOWHERE,
        **changes: dict[str, Any],
    ) -> RunTemplate:
        values = {part: {**SETTINGS[part], **changes.get(part, {})} for part in SETTINGS}
        settings = validated(ScaleSettings, values, "tests")
        return RunTemplate(scale, task, model, settings, sources=sources)

    return make


@pytest.fixture(scope="session")
def run_config(run_template: Callable[..., RunTemplate]) -> Callable[..., RunConfig]:
    """Configurations of tiny runs; takes a model, a learning rate and changes to settings."""

    def configure(
        model: str = "mbart", learning_rate: str = "1e-3", seed: int = 0, **changes: dict[str, Any]
    ) -> RunConfig:
        template = run_template(model, **changes)
        return template.at("full", LearningRate(learning_rate), False, seed)

    return configure


@pytest.fixture(autouse=True)
def _same_random_numbers() -> Iterator[None]:
    """No test leaves torch's random state to the next."""
    with torch.random.fork_rng():
        yield


@pytest.fixture(scope="session")
def small_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders laid out as on the hub, with random weights, by family."""
    from small_model import FAMILIES as SMALL_FAMILIES
    from small_model import build

    data = find_task("xlsum").data("pocket")
    texts = [
        example.source
        for language in ("en", "fr", "es", "ru", "zh", "ko", "ar", "de")
        for example in data.load(Split.TRAIN, language, 60).examples
    ]
    folders = {}
    for family in SMALL_FAMILIES:
        folders[family] = tmp_path_factory.mktemp("small") / f"small-{family}"
        build(family, folders[family], texts, pieces=700)
    return folders
