"""Token F1 by the rules of the SQuAD v1.1 script, which XQuAD uses in every language.

English articles are removed in every language, only ASCII punctuation is stripped, and words are
what white space separates: a Chinese answer is one token.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

from xlsearch.evaluation.scorers.base import Scorer
from xlsearch.evaluation.scorers.overlap import f_measure

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


class F1Squad(Scorer):
    """Harmonic mean of token precision and recall."""

    name = "f1-squad"

    def score(self, prediction: str, references: Sequence[str], language: str) -> float:
        """The F1 against the best reference, 0 to 100; ``language`` changes nothing."""
        predicted = tokens(prediction)
        return max(f_measure(predicted, tokens(reference)) for reference in references)


def tokens(text: str) -> list[str]:
    """Lower-cased words without ASCII punctuation and English articles."""
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()
