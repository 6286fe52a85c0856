"""Sentences in all scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlsearch.languages.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It rose by 3.5 points. Why? No one knows!", 3),
        ("¿Quién lo hizo? El ministro… Después habló.", 3),
        ("他来了。他说：“好！”然后走了。", 3),
        ("大臣は来た。「はい。」と言った。", 3),
        ("لماذا؟ لا أحد يعرف. انتهى", 3),
        ("यह सच है। वह आया।", 2),
        ('He said "no." Then he left.', 2),
        ("First line\nSecond line\n\nThird.", 3),
        ("ประโยคเดียวไม่มีจุด", 1),
        ("", 0),
    ],
)
def test_sentences(text: str, sentences: int) -> None:
    found = split_sentences(text)
    assert len(found) == sentences
    assert "".join(found) == text


@given(st.text(alphabet="ab .?!。！\n\"»'", max_size=60))
def test_joined_they_are_the_text(text: str) -> None:
    found = split_sentences(text)
    assert "".join(found) == text
    assert all(sentence.strip() for sentence in found[:-1])
