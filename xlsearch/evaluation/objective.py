"""The objective: how good an evaluation is over the languages that were not trained on."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean

from xlsearch.runs.rows import Row


def objective(rows: Iterable[Row], source_language: str, penalty: float) -> float | None:
    """J: the mean over target languages of score - penalty * (100 - LCR).

    Args:
        rows: The rows of one evaluation, one for each language.
        source_language: Its row is left out.
        penalty: Points for each percent of outputs in a wrong language; the search space's
            ``wrong_language_penalty``.

    Returns:
        The objective (100 at best); None if the run diverged.

    Raises:
        ValueError: If there is no row of a target language.
    """
    values = []
    for row in rows:
        if row.language == source_language:
            continue
        if row.score is None or row.language_correct_rate is None:
            return None
        values.append(row.score - penalty * (100 - row.language_correct_rate))
    if not values:
        raise ValueError("no row of a target language")
    return fmean(values)
