"""All scorers. A new one is a file beside this one and a line below."""

from __future__ import annotations

from xlsearch.errors import unknown_name
from xlsearch.evaluation.scorers.base import Scorer
from xlsearch.evaluation.scorers.f1_squad import F1Squad
from xlsearch.evaluation.scorers.rouge2_xlsum import Rouge2XLSum

SCORERS: dict[str, Scorer] = {scorer.name: scorer for scorer in (Rouge2XLSum(), F1Squad())}


def find_scorer(name: str) -> Scorer:
    """The scorer of a name.

    Raises:
        UserError: If there is none.
    """
    try:
        return SCORERS[name]
    except KeyError:
        raise unknown_name("scorer", name, SCORERS) from None
