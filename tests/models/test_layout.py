"""What models of each family read and are to predict, against their tokenizers and classes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM

from xlsearch.errors import UserError
from xlsearch.languages import LANGUAGES
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_model, load_tokenizer
from xlsearch.models.padding import padded

TEXTS = {
    "en": ["The museum was sold on Monday, they say.", "Why?"],
    "fr": ["Le musée a été vendu lundi, dit-on.", "Pourquoi ?"],
    "ru": ["Музей продали в понедельник.", "Почему?"],
    "zh": ["博物馆星期一被卖掉了。", "为什么?"],
    "ko": ["박물관이 월요일에 팔렸다.", "왜?"],
}
CODES = {"mbart": "mbart50", "nllb": "nllb200"}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("code", TEXTS)
@pytest.mark.parametrize("limit", [6, 200])
def test_sources_and_labels_are_the_tokenizers_own(
    family: str, code: str, limit: int, small_models: dict[str, Path]
) -> None:
    tokenizer = load_tokenizer(small_models[family])
    if family in CODES:
        tokenizer.src_lang = tokenizer.tgt_lang = getattr(LANGUAGES[code], CODES[family])
    options = {"truncation": True, "max_length": limit}
    encoded = FAMILIES[family].encode(tokenizer, TEXTS[code], code, limit)
    assert encoded == tokenizer(TEXTS[code], **options)["input_ids"]
    assert encoded == tokenizer(text_target=TEXTS[code], **options)["input_ids"]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_decoder_reads_what_the_models_own_loss_lets_it_read(
    family: str, small_models: dict[str, Path]
) -> None:
    """The classes shift labels by themselves when they are asked for a loss."""
    tokenizer = load_tokenizer(small_models[family])
    model = load_model(small_models[family]).eval()
    rows = FAMILIES[family].encode(tokenizer, TEXTS["fr"], "fr", 50)
    labels = padded(rows, -100)
    inputs = FAMILIES[family].decoder_inputs(model, labels)
    start = model.generation_config.decoder_start_token_id or model.config.decoder_start_token_id
    assert inputs[:, 0].tolist() == [start, start]
    for i, row in enumerate(rows):
        assert inputs[i, 1 : len(row)].tolist() == row[:-1]
    source = padded(FAMILIES[family].encode(tokenizer, TEXTS["en"], "en", 50), 1)
    with torch.no_grad():
        logits = model(input_ids=source, decoder_input_ids=inputs).logits
        expected = model(input_ids=source, labels=labels).loss
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("family", CODES)
def test_generation_begins_with_the_code_that_is_forced(
    family: str, small_models: dict[str, Path]
) -> None:
    tokenizer = load_tokenizer(small_models[family])
    model = AutoModelForSeq2SeqLM.from_pretrained(small_models[family])
    for code in ("fr", "zh"):
        forced = FAMILIES[family].generation_arguments(tokenizer, code)
        ids = tokenizer(TEXTS["en"][0], return_tensors="pt").input_ids
        output = model.generate(ids, max_new_tokens=4, **forced)[0].tolist()
        wanted = tokenizer.convert_tokens_to_ids(getattr(LANGUAGES[code], CODES[family]))
        assert output[1] == wanted


@pytest.mark.parametrize("family", FAMILIES)
def test_a_question_survives_the_cropping_of_its_paragraph(
    family: str, small_models: dict[str, Path]
) -> None:
    tokenizer = load_tokenizer(small_models[family])
    paragraph, question = " ".join(TEXTS["en"][:1] * 9), "Who sold the museum?"
    text = f"{paragraph} {question}"
    encode = FAMILIES[family].encode
    (whole,) = encode(tokenizer, [text], "en", 500, [question])
    assert whole == encode(tokenizer, [text], "en", 500)[0]
    (cropped,) = encode(tokenizer, [text], "en", 40, [question])
    asked = tokenizer(question, add_special_tokens=False)["input_ids"]
    assert len(cropped) == 40
    assert cropped[-1] == whole[-1]
    assert cropped[-1 - len(asked) : -1] == asked
    kept = 40 - len(asked) - 1
    assert cropped[:kept] == whole[:kept]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_question_longer_than_the_limit_is_cropped_itself(
    family: str, small_models: dict[str, Path]
) -> None:
    tokenizer = load_tokenizer(small_models[family])
    question = " ".join(TEXTS["en"] * 9)
    (ids,) = FAMILIES[family].encode(tokenizer, [f"Yes. {question}"], "en", 12, [question])
    assert len(ids) == 12


def test_greek_has_a_code_in_nllb_and_none_in_mbart(small_models: dict[str, Path]) -> None:
    with pytest.raises(UserError, match="mbart models have no code for Greek"):
        FAMILIES["mbart"].layout(load_tokenizer(small_models["mbart"]), "el")
    assert FAMILIES["nllb"].layout(load_tokenizer(small_models["nllb"]), "el")[0]


def test_a_tokenizer_without_the_code_is_named(
    pretrained: dict[str, Path], small_models: dict[str, Path]
) -> None:
    with pytest.raises(UserError, match="tokenizer has no code fra_Latn"):
        FAMILIES["nllb"].layout(load_tokenizer(small_models["mbart"]), "fr")


@pytest.mark.parametrize("family", FAMILIES)
def test_special_tokens_that_a_text_spells_are_left_out(
    family: str, small_models: dict[str, Path]
) -> None:
    tokenizer = load_tokenizer(small_models[family])
    (ids,) = FAMILIES[family].encode(tokenizer, ["a <pad> b </s> c fr_XX fra_Latn"], "fr", 90)
    before, after = FAMILIES[family].layout(tokenizer, "fr")
    inside = ids[len(before) : len(ids) - len(after)]
    assert not set(inside) & set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}


@pytest.mark.parametrize("family", FAMILIES)
def test_published_ways_of_decoding_are_not_taken_over(
    family: str, small_models: dict[str, Path], tmp_path: Path
) -> None:
    model = load_model(small_models[family])
    assert model.generation_config.num_beams is None
    assert model.generation_config.max_length is None
    assert model.generation_config.eos_token_id == load_tokenizer(small_models[family]).eos_token_id
    model.generation_config.update(num_beams=1, max_new_tokens=7)
    model.save_pretrained(tmp_path)
    assert load_model(tmp_path).config.model_type == model.config.model_type


def test_a_broken_tokenizer_is_one_sentence(small_models: dict[str, Path], tmp_path: Path) -> None:
    for name, content in (("spiece.model", b"nothing"), ("tokenizer.json", b"{")):
        folder = tmp_path / name
        shutil.copytree(small_models["mt5"], folder)
        (folder / name).write_bytes(content)
        with pytest.raises(UserError, match=r"the tokenizer in .* does not load"):
            load_tokenizer(folder)
