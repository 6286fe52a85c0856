"""A run of each published family from files: trained, saved, loaded again, told what to write."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from official_files import write_xlsum
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.run import RunConfig
from xlsearch.config.settings import validated
from xlsearch.config.sources import Sources
from xlsearch.config.training import ScaleSettings
from xlsearch.errors import UserError
from xlsearch.languages import LANGUAGES
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_model
from xlsearch.runs.folder import RunFolder
from xlsearch.trial.configure import RunTemplate
from xlsearch.trial.inputs import check_inputs
from xlsearch.trial.run import run_trial

SETTINGS = {
    "training": {"steps": 50, "warmup_steps": 10, "batch_tokens": 1000, "precision": "fp32"},
    "generation": {"max_new_tokens": 6},
    "evaluation": {"every_steps": 50, "examples": 4, "languages": ["fr"], "batch_tokens": 2000},
    "intermediate": {
        "objective": "prefix-lm",
        "training": {"steps": 4, "warmup_steps": 2, "batch_tokens": 1000, "examples": 20},
        "learning_rates": ["1e-3"],
        "probe_steps": 2,
        "held_out": 3,
        "max_new_tokens": 6,
    },
}
CODES = {"mbart": "mbart50", "nllb": "nllb200"}


def configured(sources: Sources, learning_rate: str = "1e-3") -> RunConfig:
    settings = validated(ScaleSettings, SETTINGS, "tests")
    assert sources.model_path is not None
    template = RunTemplate("paper", "xlsum", sources.model_path.name, settings, 0, sources)
    return template.at("full", LearningRate(learning_rate), False, 0)


@pytest.mark.parametrize("family", FAMILIES)
def test_trained_saved_loaded(family: str, small_models: dict[str, Path], tmp_path: Path) -> None:
    write_xlsum(tmp_path / "data")
    sources = Sources(data_dir=tmp_path / "data", model_path=small_models[family])
    config = configured(sources)
    assert config.generation.force_language_code == (family in CODES)
    losses: list[float] = []
    result = run_trial(
        config,
        tmp_path / "root",
        lambda moment: losses.append(moment.loss) if moment.loss is not None else None,
        sources,
    )
    assert (result.state, result.steps) == ("complete", 50)
    folder = RunFolder(tmp_path / "root", config)
    assert {row.language for row in folder.rows} == {"en", "fr"}

    trained, before = load_model(folder.model), load_model(small_models[family])
    moved = [
        not torch.equal(new, old)
        for (_, new), (_, old) in zip(
            trained.named_parameters(), before.named_parameters(), strict=True
        )
        if old.ndim == 2
    ]
    assert all(moved)

    model = AutoModelForSeq2SeqLM.from_pretrained(folder.model)
    tokenizer = AutoTokenizer.from_pretrained(folder.model)
    assert type(model) is type(before)
    for code in ("fr", "ru"):
        (ids,) = FAMILIES[family].encode(tokenizer, ["the judge sold the museum."], code, 50)
        forced = FAMILIES[family].generation_arguments(tokenizer, code)
        output = model.generate(torch.tensor([ids]), max_new_tokens=5, **forced)[0].tolist()
        if family in CODES:
            name = getattr(LANGUAGES[code], CODES[family])
            assert tokenizer.convert_ids_to_tokens(output[1]) == name
        assert tokenizer.decode(output, skip_special_tokens=False)


def test_mt5_keeps_an_output_layer_of_its_own(
    small_models: dict[str, Path], tmp_path: Path
) -> None:
    write_xlsum(tmp_path / "data")
    sources = Sources(data_dir=tmp_path / "data", model_path=small_models["mt5"])
    config = configured(sources)
    run_trial(config, tmp_path / "root", lambda moment: None, sources)
    model = AutoModelForSeq2SeqLM.from_pretrained(RunFolder(tmp_path / "root", config).model)
    assert not torch.equal(model.lm_head.weight, model.shared.weight)
    assert model.lm_head.weight.data_ptr() != model.shared.weight.data_ptr()


def test_a_run_is_named_by_content_and_not_by_place(
    small_models: dict[str, Path], tmp_path: Path
) -> None:
    write_xlsum(tmp_path / "here")
    write_xlsum(tmp_path / "there")
    model = small_models["nllb"]
    here = configured(Sources(data_dir=tmp_path / "here", model_path=model))
    there = configured(Sources(data_dir=tmp_path / "there", model_path=model))
    assert here == there
    assert str(tmp_path) not in here.model_dump_json()
    with (tmp_path / "there" / "french_val.jsonl").open("a") as file:
        file.write('{"id": "1", "text": "Une autre nouvelle.", "summary": "Autre."}\n')
    assert configured(Sources(data_dir=tmp_path / "there", model_path=model)) != here


def test_a_run_refuses_other_data_than_it_was_made_for(
    small_models: dict[str, Path], tmp_path: Path
) -> None:
    write_xlsum(tmp_path / "data")
    sources = Sources(data_dir=tmp_path / "data", model_path=small_models["nllb"])
    config = configured(sources)
    write_xlsum(tmp_path / "data", examples=30)
    with pytest.raises(UserError, match="is not that of the configuration"):
        run_trial(config, tmp_path / "root", lambda moment: None, sources)


def test_broken_data_are_found_before_anything_is_written(
    small_models: dict[str, Path], tmp_path: Path
) -> None:
    write_xlsum(tmp_path / "data")
    with (tmp_path / "data" / "english_train.jsonl").open("a") as file:
        file.write("{broken\n")
    sources = Sources(data_dir=tmp_path / "data", model_path=small_models["nllb"])
    with pytest.raises(UserError, match=r"english_train.jsonl:41: broken JSON"):
        check_inputs([configured(sources)], tmp_path / "root", sources)
    assert not (tmp_path / "root").exists()


def test_a_tokenizer_without_a_code_is_found_before_anything_is_written(
    small_models: dict[str, Path], tmp_path: Path
) -> None:
    """A folder that says it is of one family and has the tokenizer of another."""
    write_xlsum(tmp_path / "data")
    folder = tmp_path / "model"
    shutil.copytree(small_models["mbart"], folder)
    for name in ("tokenizer_config.json", "sentencepiece.bpe.model"):
        shutil.copy(small_models["nllb"] / name, folder / name)
    sources = Sources(data_dir=tmp_path / "data", model_path=folder)
    with pytest.raises(UserError, match="tokenizer has no code en_XX"):
        check_inputs([configured(sources)], tmp_path / "root", sources)
    assert not (tmp_path / "root").exists()
