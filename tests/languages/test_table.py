"""The table of languages agrees with the tokenizers, the data sets and fastText's model."""

from __future__ import annotations

import json
from pathlib import Path

import fasttext
import pytest
from transformers.models.mbart50.tokenization_mbart50 import (
    FAIRSEQ_LANGUAGE_CODES as MBART50_CODES,
)
from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES as NLLB200_CODES

from xlsearch.languages import LANGUAGES
from xlsearch.languages.identification import UNLABELLED, default_model

CHECKED = Path(__file__).parents[3] / "shared" / "data" / "lang_codes.json"

XLSUM = (
    "amharic arabic azerbaijani bengali burmese chinese_simplified chinese_traditional english "
    "french gujarati hausa hindi igbo indonesian japanese kirundi korean kyrgyz marathi nepali "
    "oromo pashto persian pidgin portuguese punjabi russian scottish_gaelic serbian_cyrillic "
    "serbian_latin sinhala somali spanish swahili tamil telugu thai tigrinya turkish ukrainian "
    "urdu uzbek vietnamese welsh yoruba"
)
XQUAD = "ar de el en es hi ro ru th tr vi zh"


def test_every_language_of_mbart50_is_there() -> None:
    codes = {entry.mbart50 for entry in LANGUAGES.values() if entry.mbart50}
    assert codes == set(MBART50_CODES)
    for entry in LANGUAGES.values():
        assert entry.mbart50 is None or entry.mbart50.split("_")[0] == entry.code


def test_nllb200_knows_the_codes() -> None:
    codes = [entry.nllb200 for entry in LANGUAGES.values() if entry.nllb200]
    assert set(codes) <= set(NLLB200_CODES)
    assert len(codes) == len(set(codes))


def test_every_language_of_xlsum_with_a_code_is_there_once() -> None:
    listed = set(XLSUM.split())
    assert len(listed) == 45
    configurations = [entry.xlsum for entry in LANGUAGES.values() if entry.xlsum]
    assert len(configurations) == len(set(configurations))
    second_scripts = {"chinese_traditional", "serbian_latin"}
    assert set(configurations) == listed - second_scripts - {"pidgin"}


def test_the_languages_of_xquad() -> None:
    configurations = {code: entry.xquad for code, entry in LANGUAGES.items() if entry.xquad}
    assert configurations == {code: f"xquad.{code}" for code in XQUAD.split()}


def test_greek_has_no_mbart50_code() -> None:
    assert LANGUAGES["el"].mbart50 is None
    assert LANGUAGES["el"].nllb200 == "ell_Grek"


def test_which_languages_fasttext_does_not_know() -> None:
    # Asked for more labels than there are, of texts in several scripts, for labels of probability
    # zero are left out; the prediction-only build has no list of labels.
    model = fasttext.load_model(str(default_model()))
    found = [
        label
        for text in ("text", "текст", "文章", "نص", "पाठ", "ข้อความ")
        for _, label in model.f.predict(text + "\n", 1000, 0.0, "strict")
    ]
    known = {label.removeprefix("__label__") for label in found}
    assert set(LANGUAGES) - known == UNLABELLED


def test_codes_that_were_checked_one_by_one() -> None:
    if not CHECKED.exists():
        pytest.skip(f"{CHECKED} is not here")
    for code, names in json.loads(CHECKED.read_text()).items():
        entry = LANGUAGES[code]
        assert (entry.mbart50, entry.nllb200) == (names["mbart50"], names["nllb200"])
        assert (entry.xlsum, entry.xquad) == (names["xlsum_config"], names["xquad_config"])
        assert names["fasttext_lid176"] == code
