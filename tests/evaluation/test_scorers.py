"""Scorers against the original implementations, and what every metric has to fulfil."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlsearch.errors import UserError
from xlsearch.evaluation.scorers.registry import SCORERS, find_scorer
from xlsearch.tasks.base import Split
from xlsearch.tasks.registry import find_task

# Scores of the original scripts, kept outside of the project (some texts are non-commercial).
VECTORS = Path(__file__).parents[3] / "shared" / "data" / "metric_vectors.jsonl"
ORIGINALS = {"rouge2_xlsum_multilingual_stem": "rouge2-xlsum", "squad_f1": "f1-squad"}
LATER = {"ja", "th"}  # need word segmenters that are not among the dependencies yet
LANGUAGES = ("en", "es", "fr", "ko", "ru", "zh")

Vectors = dict[tuple[str, str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    if not VECTORS.is_file():
        pytest.skip("no ../shared/data/metric_vectors.jsonl beside this checkout to compare with")
    found: Vectors = defaultdict(list)
    for line in VECTORS.read_text(encoding="utf-8").splitlines():
        vector = json.loads(line)
        if vector["metric"] in ORIGINALS and vector["lang"] not in LATER:
            found[ORIGINALS[vector["metric"]], vector["lang"]].append(vector)
    return found


@pytest.mark.parametrize(
    ("scorer", "languages"),
    [
        ("rouge2-xlsum", ["ar", "de", "en", "es", "fr", "ko", "ru", "vi", "zh"]),
        ("f1-squad", ["ar", "de", "en", "es", "fr", "ro", "ru", "vi", "zh"]),
    ],
)
def test_scores_are_the_originals(scorer: str, languages: list[str], vectors: Vectors) -> None:
    assert sorted(lang for name, lang in vectors if name == scorer) == languages
    wrong = []
    for language in languages:
        for vector in vectors[scorer, language]:
            score = find_scorer(scorer).score(vector["prediction"], vector["references"], language)
            if score != pytest.approx(100 * vector["score"], abs=1e-6):
                wrong.append((language, vector["prediction"], score, 100 * vector["score"]))
    assert not wrong


# Each as worked out by hand from the rules.
@pytest.mark.parametrize(
    ("scorer", "language", "prediction", "reference", "score"),
    [
        ("rouge2-xlsum", "en", "the cat sat", "the cat ran", 50.0),
        ("rouge2-xlsum", "en", "the cats walked", "the cat walks", 100.0),
        ("rouge2-xlsum", "en", "its tail wagged", "it tails wagging", 50.0),  # "its" stays
        ("rouge2-xlsum", "en", "The, cat. SAT!", "the cat sat", 100.0),
        ("rouge2-xlsum", "ru", "новые дома проданы", "новый дом построен", 50.0),
        ("rouge2-xlsum", "ko", "서울에서 회의 열려", "서울에서 회의 끝나", 50.0),
        ("rouge2-xlsum", "en", "word", "word", 0.0),  # one word has no bigram
        ("f1-squad", "en", "the Eiffel Tower!", "Eiffel tower", 100.0),
        ("f1-squad", "en", "in the Eiffel Tower", "Eiffel Tower", 80.0),
        ("f1-squad", "en", "“the” tower", "“ ” tower", 100.0),  # an article becomes a space
        ("f1-squad", "en", "tower tower", "tower", 200 / 3),
        ("f1-squad", "es", "la torre", "torre", 200 / 3),  # only English articles go
        ("f1-squad", "zh", "埃菲尔铁塔", "埃菲尔", 0.0),  # one token each
        ("f1-squad", "zh", "埃菲尔。", "埃菲尔", 0.0),  # only ASCII punctuation goes
        ("f1-squad", "en", "", "tower", 0.0),
        ("f1-squad", "en", "the", "a", 0.0),  # nothing is left of either
    ],
)
def test_a_worked_example(
    scorer: str, language: str, prediction: str, reference: str, score: float
) -> None:
    assert find_scorer(scorer).score(prediction, [reference], language) == pytest.approx(score)


@pytest.mark.parametrize("scorer", SCORERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_perfect_copy_scores_100(scorer: str, language: str) -> None:
    for example in find_task("xlsum").data("pocket").load(Split.EVALUATION, language, 5).examples:
        copy = example.source
        assert find_scorer(scorer).score(copy, [copy], language) == 100


@pytest.mark.parametrize("scorer", SCORERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_output_scores_0(scorer: str, language: str) -> None:
    for nothing in ("", " ", "\n", "…"):
        assert find_scorer(scorer).score(nothing, ["mots de la référence"], language) == 0


@pytest.mark.parametrize("scorer", SCORERS)
def test_the_best_reference_counts(scorer: str) -> None:
    one = find_scorer(scorer)
    references = ["something else entirely", "the cat sat", "nothing of it"]
    assert one.score("the cat sat", references, "en") == 100


words = st.lists(
    st.sampled_from(["the", "cats", "ran", "runs", "дома", "猫", "2", "!"]), max_size=8
)


@pytest.mark.parametrize("scorer", SCORERS)
@pytest.mark.parametrize("language", ["en", "ru", "zh"])
@given(a=words.map(" ".join), b=words.map(" ".join))
def test_a_score_is_symmetric_and_within_bounds(scorer: str, language: str, a: str, b: str) -> None:
    one = find_scorer(scorer)
    score = one.score(a, [b], language)
    assert 0 <= score <= 100
    assert score == pytest.approx(one.score(b, [a], language))


def test_an_unknown_scorer_names_the_nearest() -> None:
    with pytest.raises(UserError, match="did you mean 'rouge2-xlsum'"):
        find_scorer("rouge2-xlsun")
