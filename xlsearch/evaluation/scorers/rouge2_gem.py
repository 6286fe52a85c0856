"""ROUGE-2 as the package gem-metrics computes it: ``rouge_score`` with Porter stemming.

The paper names this one. ``rouge_score`` keeps only a-z and 0-9 and so says little outside of
Latin scripts, where even a perfect copy scores next to nothing.

gem-metrics splits contractions before ("do n't", "can not"), in every language. Its own rules for
that count here, which it follows where the data of NLTK's tokenizer is not installed.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from statistics import fmean

import regex
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenizers import DefaultTokenizer, Tokenizer

from xlsearch.evaluation.scorers.base import Scorer

# Punctuation is no token in the end; what it does is to set a contraction apart. These signs are
# always set apart, the others depending on what is on their far side.
_SIGNS = r"""["<>{}\[\]“”«»–|—„‚‘^;!()?#$£%&*….,:/]|--|``|''"""
_BEFORE = rf"(?: |{_SIGNS}|[^-\w]-|[^'’\w]['’]|\w\+)"
_AFTER = rf"(?:\s|{_SIGNS}|-[^-\w]|['’][^'’\w]|\+\w)"
_HALVES = (
    ("[Cc]an", "not"),
    ("[Gg]im", "me"),
    ("[Gg]on", "na"),
    ("[Gg]ot", "ta"),
    ("[Ll]em", "me"),
    ("[Ww]an", "na"),
)
_BETWEEN_HALVES = regex.compile(
    "|".join(
        [
            rf"(?=n['’´]t{_AFTER})",
            *(rf"(?<={_BEFORE}{first})(?={second}{_AFTER})" for first, second in _HALVES),
        ]
    )
)


class Rouge2GEM(Scorer):
    """F-measure of bigrams of words in a-z and 0-9, Porter-stemmed."""

    name = "rouge2-gem"

    def score(self, prediction: str, references: Sequence[str], language: str) -> float:
        """The bigram F-measure, 0 to 100; ``language`` changes nothing.

        With several references, the mean over leaving each one out of the best of the others:
        the jackknife of the ROUGE paper.
        """
        scores = [
            100 * _rouge().score(reference, prediction)["rouge2"].fmeasure
            for reference in references
        ]
        if len(scores) == 1:
            return float(scores[0])
        return fmean(max(scores[:i] + scores[i + 1 :]) for i in range(len(scores)))


class _Words(Tokenizer):
    """gem-metrics' words, as rouge_score then sees them."""

    def tokenize(self, text: str) -> list[str]:
        return _tokens(text)


@functools.lru_cache(maxsize=50_000)
def _tokens(text: str) -> list[str]:
    """References come back at every evaluation; stemming them is most of the work."""
    tokens: list[str] = DefaultTokenizer(use_stemmer=True).tokenize(_BETWEEN_HALVES.sub(" ", text))
    return tokens


@functools.cache
def _rouge() -> RougeScorer:
    return RougeScorer(["rouge2"], tokenizer=_Words())
