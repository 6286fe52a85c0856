"""The paper's tables as data: counts and sums that were taken from the paper by hand."""

from __future__ import annotations

import pytest

from xlsearch.config.learning_rate import LearningRate
from xlsearch.reporting import paper


def test_table1_has_the_papers_sums() -> None:
    sums = {cell: sum(changes.values()) for cell, changes in paper.TABLE1.items()}
    assert sums == {
        ("xlsum", "mt5-base"): pytest.approx(11.9),
        ("xlsum", "mbart"): pytest.approx(15.4),
        ("xquad", "mt5-base"): pytest.approx(48.4),
        ("xquad", "mbart"): pytest.approx(31.0),
    }
    assert [len(changes) for changes in paper.TABLE1.values()] == [6, 6, 5, 5]


def test_table4_has_26_best_pairs_of_the_two_models() -> None:
    models = ("mt5-base", "mbart")
    with_choice = [best for row in paper.TABLE4.values() for best in row.values()]
    without = [rate for (_, model), rate in paper.TABLE4_WITHOUT.items() if model in models]
    assert len(with_choice) + len(without) == 26
    assert len(paper.TABLE4_WITHOUT) == 8
    assert sum(best.intermediate_tuning for best in with_choice) == 16
    # All but one are decades.
    rates = [*(best.learning_rate for best in with_choice), *paper.TABLE4_WITHOUT.values()]
    assert [rate for rate in rates if not rate.startswith("1e-")] == ["3e-5"]


def test_intermediate_tuning_is_chosen_where_it_helps() -> None:
    """Table 4 says which was chosen, Table 1 what it gained: the paper agrees with itself.

    Where it gained less than a point, either may have been chosen.
    """
    for cell, row in paper.TABLE4.items():
        for method, best in row.items():
            change = paper.TABLE1[cell][method]
            if abs(change) > 1:
                assert best.intermediate_tuning == (change > 0), (cell, method)


def test_the_best_english_learning_rate_is_never_smaller() -> None:
    assert len(paper.TABLE3) == 6
    for cell, row in paper.TABLE3.items():
        assert LearningRate(row.english_rate) >= LearningRate(row.other_rate)
        assert row.score > row.translated
        assert row.other_rate == paper.TABLE4_WITHOUT[cell]


def test_table2_has_ten_rows() -> None:
    assert sum(len(row) for row in paper.TABLE2.values()) == 10
    gains = {
        cell: row["full"].score - row["translate-train"].score for cell, row in paper.TABLE2.items()
    }
    assert {task for (task, _), gain in gains.items() if gain > 0} == {"xquad"}
