"""ROUGE-2 by the rules of the XL-Sum authors, which work in every language.

The common ``rouge_score`` package keeps only a-z and 0-9, so that a perfect copy in Chinese or
Russian scores next to nothing. XL-Sum's multilingual variant strips Unicode punctuation, segments
Chinese, Japanese and Thai into words, and stems where Snowball has a stemmer.
"""

from __future__ import annotations

import functools
import itertools
import logging
import os
from collections import Counter
from collections.abc import Callable, Sequence

import regex

from xlsearch.evaluation.scorers.base import Scorer
from xlsearch.evaluation.scorers.overlap import f_measure

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


class Rouge2XLSum(Scorer):
    """F-measure of the bigrams of words or word stems."""

    name = "rouge2-xlsum"

    def score(self, prediction: str, references: Sequence[str], language: str) -> float:
        """The bigram F-measure against the best reference, 0 to 100."""
        predicted = _bigrams(prediction, language)
        return max(
            f_measure(predicted, _reference_bigrams(reference, language))
            for reference in references
        )


def tokens(text: str, language: str) -> list[str]:
    """The words of a text, lower-cased, without punctuation, stemmed."""
    text = _clean(text.lower())
    words = _SEGMENTERS[language](text) if language in _SEGMENTERS else _words(text)
    stem = _stemmer(language)
    return [stem(word) if len(word) > _LONGEST_UNSTEMMED else word for word in words]


# Controls, and what only shapes its neighbors, e.g. a zero-width joiner; white space is not.
_INVISIBLE = regex.compile(r"[[\p{C}\uFFFD]--[\t\n\r]]", regex.V1)
_BETWEEN_WORDS = regex.compile(r"[\p{P}\p{Z}\t\n\r$+<=>^`|~]+")


def _clean(text: str) -> str:
    """Words with one space between them, which is all that is left of punctuation."""
    return str(_BETWEEN_WORDS.sub(" ", _INVISIBLE.sub("", text))).strip(" ")


_RUN = regex.compile(r"\p{L}[\p{L}\p{M}]*|\p{N}[\p{N}\p{M}]*|\p{S}\p{M}*|\p{M}+")
# The blocks of CJK ideographs, as XL-Sum (and before it BERT) lists them.
_IDEOGRAPH = regex.compile(
    r"([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002ceaf"
    r"\U0002f800-\U0002fa1f])"
)


def _words(text: str) -> list[str]:
    """Runs of letters, runs of digits, and single signs such as °, ideographs and emoji."""
    return str(_IDEOGRAPH.sub(r" \1 ", " ".join(_RUN.findall(text)))).split()


def _chinese(text: str) -> list[str]:
    """jieba's words; as in the original, a space between words counts as one."""
    words: list[str] = _jieba()(text)
    return words


def _japanese(text: str) -> list[str]:
    return _mecab()(text).split()


def _thai(text: str) -> list[str]:
    """newmm's words; as in the original, a space between words counts as one."""
    return _newmm()(text)


_SEGMENTERS: dict[str, Callable[[str], list[str]]] = {
    "ja": _japanese,
    "th": _thai,
    "zh": _chinese,
}


@functools.cache
def _jieba() -> Callable[[str], list[str]]:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    cut: Callable[[str], list[str]] = jieba.lcut
    return cut


@functools.cache
def _mecab() -> Callable[[str], str]:
    import fugashi
    import ipadic

    parse: Callable[[str], str] = fugashi.GenericTagger(f"{ipadic.MECAB_ARGS} -Owakati").parse
    return parse


@functools.cache
def _newmm() -> Callable[[str], list[str]]:
    # PyThaiNLP makes a folder in the user's home when it is imported. What newmm needs is in the
    # package.
    os.environ.setdefault("PYTHAINLP_READ_ONLY", "1")
    from pythainlp.tokenize import word_tokenize

    return functools.partial(word_tokenize, engine="newmm")


@functools.cache
def _stemmer(language: str) -> Callable[[str], str]:
    if language not in STEMMED:
        return lambda word: word
    from nltk.stem.snowball import SnowballStemmer

    stem: Callable[[str], str] = SnowballStemmer(STEMMED[language]).stem
    return functools.lru_cache(maxsize=100_000)(stem)


def _bigrams(text: str, language: str) -> Counter[tuple[str, str]]:
    return Counter(itertools.pairwise(tokens(text, language)))


@functools.lru_cache(maxsize=50_000)
def _reference_bigrams(reference: str, language: str) -> Counter[tuple[str, str]]:
    """References come back at every evaluation; segmenting them is most of the work."""
    return _bigrams(reference, language)
