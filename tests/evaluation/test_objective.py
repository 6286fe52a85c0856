"""The objective: plain arithmetic over the target languages."""

from __future__ import annotations

import pytest

from xlsearch.evaluation.objective import objective
from xlsearch.runs.rows import Row


def row(language: str, score: float | None, rate: float | None, step: int = 10) -> Row:
    return Row("t", "m", "full", False, 1e-3, 0, step, language, score, rate, 10.0, "f1-squad")


@pytest.mark.parametrize(
    ("score", "rate", "value"),
    [(8.0, 99.7, 7.97), (2.0, 5.0, -7.5), (0.0, 100.0, 0.0), (100.0, 100.0, 100.0)],
)
def test_a_percent_in_a_wrong_language_costs_the_penalty(
    score: float, rate: float, value: float
) -> None:
    assert objective([row("fr", score, rate)], "en", 0.1) == pytest.approx(value)


def test_it_is_the_mean_over_languages() -> None:
    rows = [row("fr", 8.0, 99.7), row("ru", 2.0, 5.0)]
    assert objective(rows, "en", 0.1) == pytest.approx((7.97 - 7.5) / 2)


@pytest.mark.parametrize("english", [row("en", 99.0, 0.0), row("en", None, None)])
def test_english_never_counts(english: Row) -> None:
    assert objective([english, row("fr", 8.0, 99.7)], "en", 0.1) == pytest.approx(7.97)


@pytest.mark.parametrize(("penalty", "value"), [(0.0, 8.0), (0.5, -2.0)])
def test_the_penalty_is_a_setting(penalty: float, value: float) -> None:
    assert objective([row("fr", 8.0, 80.0)], "en", penalty) == pytest.approx(value)


@pytest.mark.parametrize("lost", [row("ru", None, 50.0), row("ru", 5.0, None)])
def test_a_diverged_run_has_none(lost: Row) -> None:
    assert objective([row("fr", 8.0, 99.7), lost], "en", 0.1) is None


@pytest.mark.parametrize("rows", [[], [row("en", 8.0, 99.0)]])
def test_without_a_target_language_there_is_nothing_to_average(rows: list[Row]) -> None:
    with pytest.raises(ValueError, match="target language"):
        objective(rows, "en", 0.1)
