"""Families: their layout is the tokenizer's own, and their outputs are clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlsearch.evaluation.generation import cleaned
from xlsearch.languages import LANGUAGES
from xlsearch.models.families import FAMILIES
from xlsearch.models.family_facts import FAMILY_NAMES
from xlsearch.models.loading import load_tokenizer
from xlsearch.tasks.base import Split
from xlsearch.tasks.registry import find_task

CODES = ("en", "fr", "ru", "zh", "ko", "es")


def texts(code: str) -> list[str]:
    return [
        example.source
        for example in find_task("xlsum").data("pocket").load(Split.EVALUATION, code, 5).examples
    ]


def test_every_family_has_a_name_that_can_be_checked_without_torch() -> None:
    assert set(FAMILY_NAMES) == set(FAMILIES)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("limit", [10, 256])
def test_mbart_is_laid_out_as_its_tokenizer_does(
    code: str, limit: int, pretrained: dict[str, Path]
) -> None:
    tokenizer = load_tokenizer(pretrained["mbart"])
    tokenizer.src_lang = tokenizer.tgt_lang = LANGUAGES[code].mbart50
    options = {"truncation": True, "max_length": limit}
    encoded = FAMILIES["mbart"].encode(tokenizer, texts(code), code, limit)
    assert encoded == tokenizer(texts(code), **options)["input_ids"]
    assert encoded == tokenizer(text_target=texts(code), **options)["input_ids"]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("limit", [10, 256])
def test_mt5_is_laid_out_as_its_tokenizer_does(
    code: str, limit: int, pretrained: dict[str, Path]
) -> None:
    tokenizer = load_tokenizer(pretrained["mt5"])
    options = {"truncation": True, "max_length": limit}
    encoded = FAMILIES["mt5"].encode(tokenizer, texts(code), code, limit)
    assert encoded == tokenizer(texts(code), **options)["input_ids"]
    assert encoded == tokenizer(text_target=texts(code), **options)["input_ids"]


@pytest.mark.parametrize("family", ["mbart", "mt5"])
def test_a_long_text_loses_its_end_and_no_special_token(
    family: str, pretrained: dict[str, Path]
) -> None:
    tokenizer = load_tokenizer(pretrained[family])
    ((*short, end),) = FAMILIES[family].encode(tokenizer, texts("fr")[:1], "fr", 10)
    ((*whole, _),) = FAMILIES[family].encode(tokenizer, texts("fr")[:1], "fr", 256)
    assert len(short) == 9
    assert end == tokenizer.eos_token_id
    assert short == whole[:9]


def test_mbart_does_not_depend_on_the_tokenizers_languages(pretrained: dict[str, Path]) -> None:
    tokenizer = load_tokenizer(pretrained["mbart"])
    before = FAMILIES["mbart"].encode(tokenizer, texts("ru"), "ru", 50)
    tokenizer.src_lang = "fr_XX"
    assert FAMILIES["mbart"].encode(tokenizer, texts("ru"), "ru", 50) == before


def test_only_mbart_is_told_which_language_to_write(pretrained: dict[str, Path]) -> None:
    tokenizer = load_tokenizer(pretrained["mbart"])
    told = FAMILIES["mbart"].generation_arguments(tokenizer, "zh")
    assert told == {"forced_bos_token_id": tokenizer.convert_tokens_to_ids("zh_CN")}
    assert FAMILIES["mt5"].generation_arguments(load_tokenizer(pretrained["mt5"]), "zh") == {}


@pytest.mark.parametrize(
    ("family", "text", "expected"),
    [
        ("mt5", "<extra_id_0> le chat <extra_id_12>dort. ", "le chat dort."),
        ("mt5", "<extra_id_99>", ""),
        ("mbart", " le chat<sep>dort.", "le chat dort."),
        ("mbart", "<sep>", ""),
        ("mt5", "a <extra_id_x> b", "a <extra_id_x> b"),
        ("nllb", " a <sep> b ", "a <sep> b"),
    ],
)
def test_what_pretraining_left_in_an_output_is_removed(
    family: str, text: str, expected: str
) -> None:
    assert cleaned(text, FAMILIES[family].pretraining_tokens) == expected
