"""Methods that train on more than the task in the source language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.errors import UserError
from xlsearch.runs.folder import RunFolder
from xlsearch.trial.configure import RunTemplate, unavailable
from xlsearch.trial.inputs import check_inputs, prepare_inputs
from xlsearch.trial.run import run_trial


@pytest.fixture
def template(run_template: Callable[..., RunTemplate]) -> Callable[..., RunTemplate]:
    def make(task: str = "xlsum", scale: str = "pocket", **sources: Path) -> RunTemplate:
        changes = {"evaluation": {"languages": ["ru"]}} if task == "xquad" else {}
        return run_template("mbart", task, scale, Sources(**sources), **changes)

    return make


RATE = LearningRate("1e-3")


def test_what_instances_are_drawn_from(template: Callable[..., RunTemplate]) -> None:
    def parts(method: str) -> list[tuple[str, str, float]]:
        config = template().at(method, RATE, False, 0)
        return [(part.kind, part.language, round(part.weight, 6)) for part in config.parts]

    assert parts("full") == [("task", "en", 1.0)]
    assert parts("mix") == [("task", "en", 0.99), ("text", "fr", 0.01)]
    assert parts("multisource") == [("task", code, 0.333333) for code in ("en", "ja", "ar")]


@pytest.mark.parametrize("method", ["mix", "multisource"])
def test_a_run_on_several_parts(
    method: str, root: Path, template: Callable[..., RunTemplate]
) -> None:
    config = template().at(method, RATE, False, 0)
    check_inputs([config], root, NOWHERE)
    assert run_trial(config, root, lambda report: None).state == "complete"
    full = RunFolder(root, template().at("full", RATE, False, 0))
    assert RunFolder(root, config).path != full.path
    examples = prepare_inputs(config, root, NOWHERE).examples
    assert len(examples.lengths) == 24 * len(config.parts)


@pytest.mark.parametrize(("method", "language"), [("mix", "fr"), ("multisource", "ja")])
def test_what_is_trained_on_must_be_that_of_the_configuration(
    method: str, language: str, root: Path, template: Callable[..., RunTemplate]
) -> None:
    config = template().at(method, RATE, False, 0)
    first, *rest = config.parts
    changed = [part.model_copy(update={"data": f"other-{part.language}"}) for part in rest]
    elsewhere = config.model_copy(update={"parts": (first, *changed)})
    with pytest.raises(UserError, match=rf"{method} trains on in {language} is not here .*other-"):
        prepare_inputs(elsewhere, root, NOWHERE)


def test_multisource_needs_training_data_in_its_languages(
    template: Callable[..., RunTemplate], tmp_path: Path
) -> None:
    said = "multisource needs training data in ja, ar, which xquad does not have"
    assert unavailable(template("xlsum"), "multisource") is None
    assert unavailable(template("xquad"), "mix") is None
    for each in (template("xquad"), template("xquad", "paper")):
        reason = unavailable(each, "multisource")
        assert reason is not None
        assert reason.startswith(said)
    with pytest.raises(UserError, match=said):
        template("xquad").at("multisource", RATE, False, 0)
    for name in ("english_train", "english_val", "french_val", "japanese_train"):
        (tmp_path / f"{name}.jsonl").write_text('{"text": "a", "summary": "b"}\n')
    here = template("xlsum", "paper", data_dir=tmp_path)
    assert "in ar, which" in str(unavailable(here, "multisource"))
    assert unavailable(here, "full") is None


def test_a_broken_text_is_found_before_anything_is_begun(
    template: Callable[..., RunTemplate], small_models: dict[str, Path], tmp_path: Path
) -> None:
    data, texts = tmp_path / "data", tmp_path / "texts"
    for folder in (data, texts):
        folder.mkdir()
    for name in ("english_train", "english_val", "french_val"):
        (data / f"{name}.jsonl").write_text('{"text": "a", "summary": "b"}\n')
    (texts / "fr.jsonl").write_text('{"text": "Bien."}\n{"text": 3}\n')
    here = template(
        "xlsum", "paper", data_dir=data, text_dir=texts, model_path=small_models["mbart"]
    )
    config = here.at("mix", RATE, False, 0)
    with pytest.raises(UserError, match=r"fr\.jsonl"):
        check_inputs([config], tmp_path, here.sources)
    (texts / "fr.jsonl").unlink()
    with pytest.raises(UserError, match=r"has no fr\.txt, fr\.jsonl"):
        here.at("mix", RATE, False, 0)
