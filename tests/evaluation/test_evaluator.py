"""An evaluation: one row a language, from outputs that are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import xlsearch.evaluation.evaluator as module
from xlsearch.config.run import RunConfig
from xlsearch.errors import UserError
from xlsearch.evaluation.evaluator import Evaluator
from xlsearch.evaluation.scorers.registry import find_scorer
from xlsearch.evaluation.similarity import Similarity
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.models.families import FAMILIES
from xlsearch.models.loading import load_model, load_tokenizer
from xlsearch.tasks.base import Split
from xlsearch.tasks.registry import find_task

Configure = Callable[..., RunConfig]

DATA = find_task("xlsum").data("pocket")


@pytest.fixture
def evaluator(pretrained: dict[str, Path], run_config: Configure) -> Evaluator:
    tokenizer, identifier = load_tokenizer(pretrained["mbart"]), LanguageIdentifier()
    scorer = find_scorer("rouge2-xlsum")
    return Evaluator(run_config(), DATA, scorer, FAMILIES["mbart"], tokenizer, 256, identifier)


def test_a_row_sums_up_the_outputs_of_a_language(
    evaluator: Evaluator, pretrained: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One perfect output in the right language, one in English, and nothing."""
    french = DATA.load(Split.EVALUATION, "fr", 3).examples[0].references[0]
    english = DATA.load(Split.EVALUATION, "en", 3).examples[0].references[0]

    def generate(
        model: object, tokenizer: object, family: object, sources: Sequence[object], *rest: object
    ) -> list[str]:
        assert len(sources) == 3
        return [french, english, ""]

    monkeypatch.setattr(module, "generate", generate)
    heard: list[str] = []
    rows = evaluator.evaluate(load_model(pretrained["mbart"]), 40, heard.append)
    assert heard == [row.language for row in rows] == ["en", "fr"]
    row = rows[1]
    assert row.score == pytest.approx(100 / 3)
    assert row.language_correct_rate == pytest.approx(100 / 3)
    assert row.mean_length == pytest.approx((len(french) + len(english)) / 3)
    assert (row.step, row.learning_rate, row.scorer) == (40, 1e-3, "rouge2-xlsum")


def test_a_diverged_run_has_rows_without_scores(evaluator: Evaluator) -> None:
    rows = evaluator.diverged(40)
    assert [row.language for row in rows] == ["en", "fr"]
    assert {(r.step, r.score, r.language_correct_rate, r.mean_length) for r in rows} == {
        (40, None, None, None)
    }


def test_a_row_of_a_target_language_has_xlrs(
    pretrained: dict[str, Path], run_config: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "generate", lambda *given: ["a"] * len(given[3]))
    tokenizer, family = load_tokenizer(pretrained["mt5"]), FAMILIES["mt5"]
    told = ["the storm closed the station."]
    similarity = Similarity({"en": told, "fr": told}, "en", family, tokenizer, 256, 500)
    config, scorer = run_config("mt5"), find_scorer("rouge2-xlsum")
    one = Evaluator(config, DATA, scorer, family, tokenizer, 256, LanguageIdentifier(), similarity)
    english, french = one.evaluate(load_model(pretrained["mt5"]), 40)
    assert english.xlrs is None
    assert french.xlrs == pytest.approx(1.0, abs=1e-6)
    assert [row.xlrs for row in one.diverged(40)] == [None, None]


def test_a_broken_identification_model_is_found_before_training(
    pretrained: dict[str, Path], run_config: Configure, tmp_path: Path
) -> None:
    (tmp_path / "lid.bin").write_bytes(b"no model")
    tokenizer = load_tokenizer(pretrained["mbart"])
    identifier = LanguageIdentifier(tmp_path / "lid.bin")
    scorer = find_scorer("rouge2-xlsum")
    with pytest.raises(UserError, match=r"lid\.bin is not a fastText model"):
        Evaluator(run_config(), DATA, scorer, FAMILIES["mbart"], tokenizer, 256, identifier)
