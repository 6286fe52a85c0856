"""Sentences joined as their language joins them are found again as they were."""

from __future__ import annotations

import pytest

from xlsearch.languages.sentences import join_sentences, split_sentences
from xlsearch.pocket.languages import LANGUAGES

TEXTS = {
    "en": ["Dr. J. Smith paid 3.5 million.", 'He said: "No!"', "Why (really)?", "So it is"],
    "zh": ["他说：“好。”", "为什么？", "价格是3.5元。"],
    "ja": ["今日は晴れです。", "「本当？」", "はい。"],
    "ko": ["오늘은 맑다.", "왜 그랬나?"],
    "ar": ["ماذا فعل الوزير؟", "زار المستشفى."],
    "hi": ["यह पहला वाक्य है।", "यह दूसरा है।"],
    "es": ["¿Qué hizo?", "Visitó el museo…", "¡Bien!"],
    "th": ["เขาไปตลาดเมื่อวานนี้ และซื้อผลไม้"],
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_is_split_where_its_sentences_end(language: str) -> None:
    sentences = TEXTS[language]
    text = join_sentences(sentences, language)
    assert [sentence.strip() for sentence in split_sentences(text)] == sentences


def test_spacing_is_that_of_the_pocket_world() -> None:
    """The world knows by itself what stands between two sentences."""
    for code, language in LANGUAGES.items():
        assert join_sentences(["a", "b"], code) == f"a{language.space}b"
