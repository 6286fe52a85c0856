"""``compute``, which all scorers share: scores, their mean, and what it refuses."""

from __future__ import annotations

import pytest

from xlsearch.errors import UserError
from xlsearch.evaluation.scorers.registry import SCORERS, find_scorer


@pytest.mark.parametrize("scorer", SCORERS)
def test_compute_scores_each_output_and_averages(scorer: str) -> None:
    predictions = ["the cat sat", "something else", ""]
    references = [["the cat ran", "the cats sat"], ["something else"], ["a cat"]]
    found = find_scorer(scorer)
    computed = found.compute(predictions=predictions, references=references, language="en")
    assert computed["scores"] == [
        found.score(prediction, good, "en")
        for prediction, good in zip(predictions, references, strict=True)
    ]
    assert computed["mean"] == pytest.approx(sum(computed["scores"]) / 3)
    assert computed["scores"][1] == 100


@pytest.mark.parametrize(
    ("predictions", "references", "message"),
    [
        ([], [], "no predictions"),
        (None, None, "no predictions"),
        (["a", "b"], [["a"]], "2 predictions but 1 lists"),
        (["a", "b"], [["a"], []], "prediction 2"),
        (["a"], ["a"], "prediction 1"),
    ],
)
def test_compute_refuses_what_has_no_score(
    predictions: list[str] | None, references: list[list[str]] | None, message: str
) -> None:
    scorer = find_scorer("f1-squad")
    with pytest.raises(UserError, match=message):
        scorer.compute(predictions=predictions, references=references, language="en")
    # And what it refused is not in the next result.
    computed = scorer.compute(predictions=["a b"], references=[["a b"]], language="en")
    assert computed["scores"] == [100]
