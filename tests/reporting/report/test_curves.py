"""The numbers behind the pictures, against the trials and rows that they are of."""

from __future__ import annotations

import math

from conftest import LANGUAGES, Recorded, score

from xlsearch.config.learning_rate import LearningRate
from xlsearch.reporting.report.curves import (
    TARGETS,
    Kind,
    learning_rate_curves,
    rows_by_kind,
    step_curves,
)
from xlsearch.reporting.report.decisions import decisions
from xlsearch.reporting.report.heat_map import heat_map
from xlsearch.search.planner import Done

BEST = LearningRate("1e-3")


def test_curves_are_means_over_seeds_and_languages(recorded: Recorded) -> None:
    study = recorded.study
    kinds = learning_rate_curves(study.trials(), "en")
    assert list(kinds) == [Kind(m, tuned) for m in ("full", "prompt") for tuned in (False, True)]
    for kind, panels in kinds.items():
        for code, curve in panels["score"].items():
            assert list(curve) == sorted(curve)
            for rate, figure in curve.items():
                points = {
                    trial.point
                    for trial in study.trials()
                    if Kind(trial.point.method, trial.point.intermediate_tuning) == kind
                    and trial.point.learning_rate == rate
                }
                codes = ["fr", "ru"] if code == TARGETS else [code]
                values = [sum(score(p, c, 20) for c in codes) / len(codes) for p in points]
                assert math.isclose(figure.mean, sum(values) / len(values))
                assert (figure.error is None) == (len(points) == 1)
    rates = kinds[Kind("full", False)]["language_correct_rate"]["fr"]
    assert (rates[LearningRate("1e-2")].mean, rates[BEST].mean) == (10.0, 100.0)


def test_a_heat_map_is_the_same_table(recorded: Recorded) -> None:
    panels = learning_rate_curves(recorded.study.trials(), "en")[Kind("full", False)]
    table = heat_map(panels["score"])
    assert table.languages == ("fr", "ru", "en")
    assert list(table.rates) == sorted(table.rates, reverse=True)
    row = dict(zip(table.languages, table.values[table.rates.index(BEST)], strict=True))
    assert row == {code: panels["score"][code][BEST].mean for code in LANGUAGES}


def test_curves_over_steps_come_from_the_rows(recorded: Recorded) -> None:
    study = recorded.study
    rows = rows_by_kind(study, recorded.root)[Kind("full", False)]
    runs = {(row.learning_rate, row.seed) for row in rows}
    assert len(rows) == len(runs) * 2 * len(LANGUAGES)
    seeds = [seed for rate, seed in runs if rate == 1e-3]
    curve = step_curves(rows, "score")["ru"][BEST]
    offset = 2.0 * sum(seeds) / len(seeds)
    assert curve == {10: 36 + offset, 20: 40 + offset}


def test_decisions_name_what_was_tried_and_what_was_best(recorded: Recorded) -> None:
    study = recorded.study
    now = study.plan()
    assert isinstance(now, Done)
    said = decisions(study.trials(), now.choice)
    assert said[0].startswith("full, decades (powers of ten): 1e-3 (")
    assert "fail" not in " ".join(said)  # the lost trial was tried again
    assert now.choice.best is not None
    assert said[-1] == f"All methods: {now.choice.best.describe()} is chosen."
    unfinished = decisions(study.trials()[:2], None)
    assert "; 1e-4 (fail)" in unfinished[0]
    assert "is chosen" not in " ".join(unfinished)
