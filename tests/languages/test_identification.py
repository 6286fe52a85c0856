"""Language identification: fastText's labels, and the outputs that it must not be asked about."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from xlsearch.errors import UserError
from xlsearch.languages.identification import LanguageIdentifier, default_model

TEXTS = {
    "en": "The government announced a new law on Tuesday.",
    "fr": "Le gouvernement a annoncé une nouvelle loi mardi.",
    "es": "El gobierno anunció una nueva ley el martes.",
    "ru": "Правительство объявило о новом законе во вторник.",
    "zh": "政府星期二宣布了一项新法律。",
    "ko": "정부는 화요일에 새로운 법을 발표했다.",
}


@pytest.fixture(scope="module")
def identifier() -> LanguageIdentifier:
    return LanguageIdentifier()


def test_it_knows_languages(identifier: LanguageIdentifier) -> None:
    assert identifier.identify(list(TEXTS.values())) == list(TEXTS)


@pytest.mark.parametrize("empty", ["", " ", "\n", "\t\n  "])
def test_an_empty_text_is_in_no_language(identifier: LanguageIdentifier, empty: str) -> None:
    assert identifier.identify([empty]) == [None]
    assert identifier.correct_rate([empty, TEXTS["en"]], "en") == 50


def test_a_text_of_several_lines_is_one_text(identifier: LanguageIdentifier) -> None:
    broken = TEXTS["fr"].replace(" ", "\n")
    assert identifier.identify([broken, f"\n{TEXTS['fr']}\r\n"]) == ["fr", "fr"]


@pytest.mark.parametrize(("language", "rate"), [("fr", 75.0), ("en", 25.0), ("ru", 0.0)])
def test_the_rate_is_a_percentage(
    identifier: LanguageIdentifier, language: str, rate: float
) -> None:
    texts = [TEXTS["fr"]] * 3 + [TEXTS["en"]]
    assert identifier.correct_rate(texts, language) == rate


def test_the_model_is_named_by_its_content(identifier: LanguageIdentifier, tmp_path: Path) -> None:
    expected = hashlib.sha256(default_model().read_bytes()).hexdigest()
    assert identifier.sha256 == expected
    (tmp_path / "other.ftz").write_bytes(b"other")
    assert LanguageIdentifier(tmp_path / "other.ftz").sha256 != expected


def test_a_file_that_is_no_model_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "no.ftz").write_bytes(b"this is no model")
    with pytest.raises(UserError, match="not a fastText model"):
        LanguageIdentifier(tmp_path / "no.ftz").identify(["text"])
