"""Translate-train: a run on translated examples only, which are made before it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.run import RunConfig
from xlsearch.config.sources import NOWHERE
from xlsearch.tasks.base import Split
from xlsearch.tasks.registry import find_task
from xlsearch.trial.configure import RunTemplate
from xlsearch.trial.inputs import prepare_inputs
from xlsearch.trial.run import run_trial


@pytest.fixture
def config(run_template: Callable[..., RunTemplate]) -> RunConfig:
    template = run_template("mt5-base", "xquad")
    return template.at("translate-train", LearningRate("1e-3"), False, seed=0)


def test_the_model_trains_on_the_target_languages_examples(config: RunConfig, root: Path) -> None:
    """The pocket world translates without an error, so its own examples are what is expected."""
    steps: list[tuple[str, int, int]] = []
    inputs = prepare_inputs(
        config, root, NOWHERE, on_translated=lambda code, done, all: steps.append((code, done, all))
    )
    assert steps == [("fr", 24, 24)]
    there = find_task("xquad").data("pocket").load(Split.TRAIN, "fr", 24).examples
    read = [
        inputs.tokenizer.decode(inputs.examples.source(i), skip_special_tokens=True)
        for i in range(24)
    ]
    assert sorted(read) == sorted(example.source for example in there)


def test_a_run_ends_with_evaluations(config: RunConfig, root: Path) -> None:
    assert run_trial(config, root, lambda report: None).state == "complete"
