"""Which evaluation of a run counts: ``checkpoint: last``, ``best`` or ``xlrs``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from xlsearch.evaluation.objective import objective
from xlsearch.runs.rows import Row

SOURCE_SHARE = 0.95
"""``xlrs`` chooses among evaluations whose score in the source language is at least this share of
the run's best. By XLRS alone, where it rises as published, the model that has learned least would
always be chosen. The share is ours: the published rule says only that both count."""


def selected_rows(
    rows: Sequence[Row], rule: str, source_language: str, penalty: float
) -> list[Row]:
    """The rows of the evaluation that counts; none of no rows.

    Args:
        rows: All rows of one run, or those so far.
        rule: ``last``, ``best`` or ``xlrs``.
        source_language: Its rows are not of a target language.
        penalty: The objective's ``wrong_language_penalty``.
    """
    if not rows:
        return []
    step = chosen_step(rows, rule, source_language, penalty)
    return [row for row in rows if row.step == step]


def chosen_step(rows: Sequence[Row], rule: str, source_language: str, penalty: float) -> int:
    """The step of the evaluation that counts.

    - ``last``: the last.
    - ``best``: the one with the highest objective.
    - ``xlrs``: the one with the lowest mean XLRS over target languages, among those with at least
      ``SOURCE_SHARE`` of the run's best score in the source language. It looks at no label in a
      target language.

    Of equals, the later: it was trained for longer. Evaluations without the figures that a rule
    looks at are passed over; where all are, as in a run that diverged at once, the last counts.

    Args:
        rows: The rows of one run, at least one.
        rule: ``last``, ``best`` or ``xlrs``.
        source_language: As in ``selected_rows``.
        penalty: As in ``selected_rows``.
    """
    if rule == "best":
        values = [(objective(now, source_language, penalty), now[0].step) for now in _by_step(rows)]
        judged = [(value, step) for value, step in values if value is not None]
        if judged:
            return max(judged)[1]
    if rule == "xlrs":
        eligible = _eligible(rows, source_language)
        if eligible:
            return min(eligible, key=_preference).step
    return max(row.step for row in rows)


def possible_steps(
    rows: Sequence[Row], rule: str, source_language: str, penalty: float
) -> list[int]:
    """The steps so far that may still be chosen, whatever evaluations follow.

    By ``xlrs`` those are the steps that no other beats in both of its figures: which of them is
    chosen depends on the best score in the source language, which may still rise.

    Args:
        rows, rule, source_language, penalty: As of ``chosen_step``.
    """
    if rule == "xlrs":
        eligible = _eligible(rows, source_language)
        left = [e.step for e in eligible if not any(_beats(other, e) for other in eligible)]
        if left:
            return left
    return [chosen_step(rows, rule, source_language, penalty)]


@dataclass(frozen=True)
class _Eligible:
    """An evaluation that ``xlrs`` may choose: its mean XLRS, and its source-language score."""

    step: int
    xlrs: float
    source_score: float


def _eligible(rows: Sequence[Row], source: str) -> list[_Eligible]:
    found = []
    for now in _by_step(rows):
        values = [row.xlrs for row in now if row.language != source and row.xlrs is not None]
        score = next((row.score for row in now if row.language == source), None)
        if values and score is not None:
            found.append(_Eligible(now[0].step, fmean(values), score))
    least = SOURCE_SHARE * max((e.source_score for e in found), default=0.0)
    return [e for e in found if e.source_score >= least]


def _preference(evaluation: _Eligible) -> tuple[float, int]:
    """The least is chosen."""
    return evaluation.xlrs, -evaluation.step


def _beats(one: _Eligible, other: _Eligible) -> bool:
    """Whether the one is eligible whenever the other is, and chosen before it."""
    return _preference(one) < _preference(other) and one.source_score >= other.source_score


def _by_step(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of each evaluation, in the order of their steps."""
    return [[row for row in rows if row.step == step] for step in sorted({r.step for r in rows})]
