"""Token F1 by the rules of the MLQA script: SQuAD's, with each language's own articles.

Punctuation of every script is stripped, and Chinese characters are tokens of their own, so that
an answer in Chinese can be partly right. MLQA has seven languages. In all others nothing is taken
for an article, and words are what white space separates.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

import regex

from xlsearch.evaluation.scorers.base import Scorer
from xlsearch.evaluation.scorers.overlap import f_measure

_ARTICLES = {
    "en": "a an the",
    "es": "un una unos unas el la los las",
    "de": "ein eine einen einem eines einer der die das den dem des",
    # Classifiers and the plural mark, which MLQA treats as articles.
    "vi": "của là cái chiếc những",
}
_ARTICLE = {
    **{code: re.compile(rf"\b({words.replace(' ', '|')})\b") for code, words in _ARTICLES.items()},
    # The Arabic article is written together with its word. MLQA removes these two letters
    # wherever they are, inside of words too.
    "ar": re.compile("ال"),
}
_PUNCTUATION = regex.compile(rf"[\p{{P}}{re.escape(string.punctuation)}]")
_HAN = re.compile(r"([\u4e00-\u9fa5])")  # the range of MLQA


class F1MLQA(Scorer):
    """Harmonic mean of token precision and recall, by the rules of each language."""

    name = "f1-mlqa"

    def score(self, prediction: str, references: Sequence[str], language: str) -> float:
        """The F1 against the best reference, 0 to 100."""
        predicted = tokens(prediction, language)
        return max(f_measure(predicted, tokens(reference, language)) for reference in references)


def tokens(text: str, language: str) -> list[str]:
    """Lower-cased words, or Chinese characters, without punctuation and articles."""
    text = _PUNCTUATION.sub("", text.lower())
    if language in _ARTICLE:
        text = _ARTICLE[language].sub(" ", text)
    if language == "zh":
        text = _HAN.sub(r" \1 ", text)
    return text.split()
