"""Scorers against vectors of the original implementations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xlsearch.evaluation.scorers.registry import find_scorer

# Scores of the original scripts, kept outside of the project (some texts are non-commercial).
VECTORS = Path(__file__).parents[3] / "shared" / "data" / "metric_vectors.jsonl"
ORIGINALS = {
    "mlqa_f1": "f1-mlqa",
    "rouge2_gem_metrics": "rouge2-gem",
    "rouge2_xlsum_multilingual_stem": "rouge2-xlsum",
    "squad_f1": "f1-squad",
}
LANGUAGES_OF = {
    "mlqa_f1": ["ar", "de", "en", "es", "vi", "zh"],
    "rouge2_gem_metrics": ["ar", "de", "en", "es", "fr", "ko", "ru", "th", "vi", "zh"],
    "rouge2_xlsum_multilingual_stem": ["ar", "de", "en", "es", "fr", "ko", "ru", "th", "vi", "zh"],
    "squad_f1": ["ar", "de", "en", "es", "fr", "ro", "ru", "th", "vi", "zh"],
}


@pytest.fixture(scope="module")
def vectors() -> list[dict[str, Any]]:
    if not VECTORS.is_file():
        pytest.skip("no ../shared/data/metric_vectors.jsonl beside this checkout to compare with")
    return [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("original", sorted(ORIGINALS))
def test_scores_are_the_originals(original: str, vectors: list[dict[str, Any]]) -> None:
    rows = [vector for vector in vectors if vector["metric"] == original]
    assert sorted({vector["lang"] for vector in rows}) == LANGUAGES_OF[original]
    scorer = find_scorer(ORIGINALS[original])
    wrong = []
    for vector in rows:
        found = scorer.score(vector["prediction"], vector["references"], vector["lang"])
        if found != pytest.approx(100 * vector["score"], abs=1e-6):
            wrong.append((vector["lang"], vector["prediction"], found, 100 * vector["score"]))
    assert not wrong
