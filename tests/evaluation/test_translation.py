"""The paper-scale translator: sentence by sentence, in the language asked for, in order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from xlsearch.config.sources import Sources
from xlsearch.config.training import TranslationSettings
from xlsearch.errors import UserError
from xlsearch.evaluation.translation import ModelTranslator, open_translator
from xlsearch.models.translation import translation_model, translator_name
from xlsearch.runs.content import ContentStore

SETTINGS: dict[str, Any] = {"max_new_tokens": 8, "precision": "fp32"}
TEXTS = [
    "the weather in london was cold on monday. many residents know the bridge. judge smith spoke.",
    "one sentence only",
    "",
    "judge smith spoke with journalists in rome. many residents know the market.",
]


@pytest.fixture
def translator(small_models: dict[str, Path], tmp_path: Path) -> ModelTranslator:
    return opened(small_models["nllb"], tmp_path)


def opened(folder: Path, root: Path, **settings: Any) -> ModelTranslator:
    chosen = TranslationSettings(**{**SETTINGS, **settings})
    found = open_translator("paper", chosen, Sources(translator_path=folder), ContentStore(root))
    assert isinstance(found, ModelTranslator)
    return found


def test_batches_do_not_change_translations(
    translator: ModelTranslator, small_models: dict[str, Path], tmp_path: Path
) -> None:
    together = translator.translate(TEXTS, "en", "fr")
    one_by_one = opened(small_models["nllb"], tmp_path, batch_tokens=1)
    assert together == [one_by_one.translate([text], "en", "fr")[0] for text in TEXTS]
    assert len(together) == len(TEXTS)
    assert together[2] == ""


def test_every_sentence_is_translated_by_itself(
    translator: ModelTranslator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the model reads and how it begins to write is looked at, not what it says."""
    model, tokenizer = translator._loaded
    read: list[list[str]] = []
    forced: list[int] = []

    def generate(input_ids: torch.Tensor, **options: Any) -> torch.Tensor:
        read.append(tokenizer.batch_decode(input_ids, skip_special_tokens=True))
        codes = tokenizer.convert_ids_to_tokens(input_ids[:, 0].tolist())
        assert codes == ["eng_Latn"] * len(input_ids)
        forced.append(options["forced_bos_token_id"])
        return input_ids  # translates nothing

    monkeypatch.setattr(model, "generate", generate)
    assert translator.translate(TEXTS, "en", "zh") == [
        text.replace(". ", ".") if text else "" for text in TEXTS
    ]
    sentences = [sentence for batch in read for sentence in batch]
    assert len(sentences) == 3 + 1 + 0 + 2
    assert tokenizer.convert_ids_to_tokens(forced[0]) == "zho_Hans"


def test_the_forced_code_begins_what_the_model_writes(translator: ModelTranslator) -> None:
    model, tokenizer = translator._loaded
    written: list[list[int]] = []
    whole = model.generate

    def generate(**options: Any) -> torch.Tensor:
        ids: torch.Tensor = whole(**options)
        written.extend(ids.tolist())
        return ids

    model.generate = generate  # type: ignore[method-assign, assignment]
    translator.translate(TEXTS, "en", "ru")
    assert len(written) == 6
    assert {tokenizer.convert_ids_to_tokens(ids[1]) for ids in written} == {"rus_Cyrl"}


def test_a_closed_translator_loads_its_model_again(translator: ModelTranslator) -> None:
    before, model = translator.translate(TEXTS, "en", "fr"), translator._loaded[0]
    translator.close()
    assert translator.translate(TEXTS, "en", "fr") == before
    assert translator._loaded[0] is not model


def test_the_name_tells_weights_and_decoding_but_not_the_place(
    small_models: dict[str, Path], tmp_path: Path
) -> None:
    nllb = small_models["nllb"]
    name = opened(nllb, tmp_path).name
    moved = tmp_path / "elsewhere"
    moved.symlink_to(nllb, target_is_directory=True)
    assert opened(moved, tmp_path).name == name
    assert opened(nllb, tmp_path, batch_tokens=7).name == name
    assert opened(nllb, tmp_path, num_beams=2).name != name
    assert opened(small_models["mbart"], tmp_path).name != name
    chosen = TranslationSettings(**SETTINGS)
    assert translator_name("paper", chosen, Sources(translator_path=nllb)) == name


def test_a_model_without_codes_is_no_translator(small_models: dict[str, Path]) -> None:
    sources = Sources(translator_path=small_models["mt5"])
    with pytest.raises(UserError, match="mt5 models are not told which language to write"):
        translation_model(TranslationSettings(), sources)
