"""ROUGE-2 by the rules of the XL-Sum authors, which work in every language.

The common ``rouge_score`` package keeps only a-z and 0-9, so that a perfect copy in Chinese or
Russian scores next to nothing. XL-Sum's multilingual variant strips Unicode punctuation, segments
Chinese with jieba, and stems where Snowball has a stemmer.
"""

from __future__ import annotations

import functools
import itertools
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import regex

STEMMED = {
    "ar": "arabic",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "ro": "romanian",
    "ru": "russian",
}
"""Languages with a Snowball stemmer (names of NLTK)."""

_LONGEST_UNSTEMMED = 3
"""Shorter words are function words more often than inflected ones; XL-Sum leaves them alone."""


class Rouge2XLSum:
    """F-measure of the bigrams of words or word stems."""

    name = "rouge2-xlsum"

    def score(self, prediction: str, references: Sequence[str], language: str) -> float:
        """The bigram F-measure against the best reference, 0 to 100."""
        predicted = _bigrams(tuple(tokens(prediction, language)))
        return max(
            _f_measure(predicted, _reference_bigrams(reference, language))
            for reference in references
        )


def tokens(text: str, language: str) -> list[str]:
    """The words of a text, lower-cased, without punctuation, stemmed."""
    words = _chinese(text.lower()) if language == "zh" else _words(text.lower())
    stem = _stemmer(language)
    return [stem(word) if len(word) > _LONGEST_UNSTEMMED else word for word in words]


def _words(text: str) -> list[str]:
    """Runs of letters, runs of digits, and signs such as °; all else only separates."""
    return [str(word) for word in _WORD.findall(text)]


_WORD = regex.compile(r"[\p{L}\p{M}]+|\p{N}+|\p{So}")


def _chinese(text: str) -> list[str]:
    """jieba's words; as in the original, a space between words stays and counts as one."""
    words = [_PUNCTUATION.sub("", word) for word in _jieba().lcut(text)]
    words = [word for word in words if word]
    while words and words[-1].isspace():
        words.pop()
    return words


_PUNCTUATION = regex.compile(r"\p{P}+")


@functools.cache
def _jieba() -> Any:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    return jieba


@functools.cache
def _stemmer(language: str) -> Callable[[str], str]:
    if language not in STEMMED:
        return lambda word: word
    from nltk.stem.snowball import SnowballStemmer

    stem: Callable[[str], str] = SnowballStemmer(STEMMED[language]).stem
    return functools.lru_cache(maxsize=100_000)(stem)


def _bigrams(words: tuple[str, ...]) -> Counter[tuple[str, str]]:
    return Counter(itertools.pairwise(words))


@functools.lru_cache(maxsize=50_000)
def _reference_bigrams(reference: str, language: str) -> Counter[tuple[str, str]]:
    """References come back at every evaluation; segmenting them is most of the work."""
    return _bigrams(tuple(tokens(reference, language)))


def _f_measure(predicted: Counter[tuple[str, str]], wanted: Counter[tuple[str, str]]) -> float:
    common = (predicted & wanted).total()
    if not common:
        return 0.0
    return 100 * 2 * common / (predicted.total() + wanted.total())
