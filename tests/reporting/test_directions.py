"""Which of the paper's directions come out, on figures made by hand."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from xlsearch.config.learning_rate import LearningRate
from xlsearch.reporting import paper
from xlsearch.reporting.directions import LINES, Found, Line
from xlsearch.reporting.measured import Figure, Measured, best, measured
from xlsearch.reporting.reproduction import summary
from xlsearch.reporting.translated_outputs import Comparison, Figures, Side
from xlsearch.search.point import Point
from xlsearch.search.recorded_trial import RecordedTrial

CELL = ("xlsum", "mbart")


def run(
    rate: str,
    score: float,
    tuned: bool = False,
    lcr: float = 100.0,
    english: float = 50.0,
    error: float | None = None,
) -> Measured:
    figures = (Figure(score), Figure(score, error), Figure(lcr), Figure(english))
    return Measured(LearningRate(rate), tuned, *figures)


def judged(lines: Iterable[Line]) -> dict[str, bool]:
    return {line.what: line.agrees for line in lines if line.agrees is not None}


def trial(
    number: int, rate: str, seed: int, french: float, chinese: float, state: str = "complete"
) -> RecordedTrial:
    figures = {
        code: {"score": score, "language_correct_rate": 90.0, "mean_length": 9.0}
        for code, score in (("en", 70.0), ("fr", french), ("zh", chinese))
    }
    point = Point("full", LearningRate(rate), False, seed)
    return RecordedTrial(number, point, "decades", "r", state, french, figures, None, False)


def test_seeds_of_a_point_are_averaged() -> None:
    trials = [
        trial(0, "1e-3", 0, 10, 20),
        trial(1, "1e-3", 1, 20, 30),
        trial(2, "1e-4", 0, 99, 99, state="fail"),
        trial(3, "1e-5", 0, 1, 2, state="fail"),
        trial(4, "1e-5", 0, 1, 2),  # a lost run, tried again
        trial(5, "1e-2", 0, 99, 99),
        trial(6, "1e-2", 1, 99, 99, state="fail"),
    ]
    small, large = measured(trials, "en")["full"]
    assert (small.seeds, small.score) == (1, Figure(1.5, None))
    assert (large.seeds, large.score.mean, large.objective.mean) == (2, 20.0, 15.0)
    assert large.score.error == pytest.approx(5.0)  # of 15 and 25: 10 / sqrt(2) / sqrt(2)
    assert (large.english.mean, large.language_correct_rate.mean) == (70.0, 90.0)
    assert large.score.minus(Figure(1.0, 12.0)).show("+") == "+19.0 ± 13.0"  # 5, 12, 13


def test_of_equal_runs_the_larger_learning_rate_is_best() -> None:
    found = [run("1e-4", 5.0), run("1e-3", 5.0), run("1e-5", 6.0, tuned=True)]
    assert best([run("1e-3", 5.0, tuned=True), *found[:2]]) == found[1]
    assert best(found) == found[2]
    assert best(found, intermediate_tuning=False) == found[1]
    assert best([]) is None


@pytest.mark.parametrize("cell", paper.TABLE1)
def test_the_papers_own_changes_agree_with_it(cell: paper.Cell) -> None:
    methods = {
        method: [run("1e-4", 30.0), run("1e-4", 30.0 + change, tuned=True)]
        for method, change in paper.TABLE1[cell].items()
    }
    lines = list(LINES["table1"](cell, Found(methods)))
    assert all(line.agrees for line in lines)
    assert [line.ours for line in lines] == [line.paper for line in lines]


def test_a_change_is_the_best_with_minus_the_best_without() -> None:
    runs = [run("1e-3", 9.0), run("1e-4", 20.0), run("1e-3", 14.0, True), run("1e-4", 2.0, True)]
    (line,) = (x for x in LINES["table1"](CELL, Found({"full": runs})) if x.what == "full: IT")
    assert (line.paper, line.ours, line.agrees) == ("+2.5", "-6.0", False)


@pytest.mark.parametrize(("error", "agrees"), [(None, True), (1.0, True), (3.0, False)])
def test_a_change_within_its_error_is_none(error: float | None, agrees: bool) -> None:
    runs = [run("1e-3", 20.0, error=error), run("1e-3", 22.0, tuned=True, error=error)]
    lines = judged(LINES["table1"](CELL, Found({"full": runs})))
    assert lines == {"full: IT": agrees}


@pytest.mark.parametrize("cell", paper.TABLE4_WITHOUT)
def test_the_papers_own_best_learning_rates_agree_with_it(cell: paper.Cell) -> None:
    methods = {
        method: [run(entry.learning_rate, 20.0, entry.intermediate_tuning)]
        for method, entry in paper.TABLE4.get(cell, {}).items()
    }
    methods.setdefault("full", []).append(run(paper.TABLE4_WITHOUT[cell], 10.0))
    lines = list(LINES["table4"](cell, Found(methods)))
    assert all(judged(lines).values())
    assert all(line.ours == line.paper for line in lines)


def test_table2_compares_with_translate_train() -> None:
    cell = ("xquad", "mt5-base")
    methods = {"full": [run("1e-4", 60.0, True)], "translate-train": [run("1e-4", 55.0)]}
    what = "IT + full minus translate-train"
    assert judged(LINES["table2"](cell, Found(methods))) == {what: True}
    methods["translate-train"] = [run("1e-4", 70.0)]
    assert judged(LINES["table2"](cell, Found(methods))) == {what: False}


def test_table3_compares_translated_outputs() -> None:
    def side(rate: str, score: float) -> Side:
        return Side(rate, 50.0, 1, {"fr": Figures(score, 99.0)})

    made = Comparison("s", "r", "t", side("1e-3", 1.0), side("1e-3", 20.0), side("1e-4", 30.0))
    found = Found({}, made)
    assert judged(LINES["table3"](CELL, found)) == {"non-English minus translated": True}
    worse = Comparison("s", "r", "t", side("1e-3", 1.0), side("1e-3", 40.0), side("1e-4", 30.0))
    assert judged(LINES["table3"](CELL, Found({}, worse))) == {
        "non-English minus translated": False
    }


def test_figure1_holds_on_a_curve_of_the_papers_shape() -> None:
    curve = [
        run("1e-5", 20.0, lcr=100, english=40.0),
        run("1e-4", 35.0, lcr=99, english=50.0),
        run("1e-3", 5.0, lcr=8, english=55.0),
    ]
    assert list(judged(LINES["figure1"](CELL, Found({"full": curve}))).values()) == [True] * 3


def test_figure1_fails_on_the_opposite_curve() -> None:
    curve = [
        run("1e-5", 35.0, lcr=100, english=55.0),
        run("1e-4", 36.0, lcr=100, english=50.0),
        run("1e-3", 34.0, lcr=99, english=40.0),
    ]
    assert list(judged(LINES["figure1"](CELL, Found({"full": curve}))).values()) == [False] * 3


def test_runs_with_intermediate_tuning_are_not_in_figure1() -> None:
    curve = [run("1e-4", 35.0), run("1e-3", 90.0, tuned=True)]
    lines = list(LINES["figure1"](CELL, Found({"full": curve})))
    assert [line.what for line in lines if line.what.startswith("at ")] == ["at 1e-4"]


def test_figure2_says_for_whom_freezing_is_good() -> None:
    methods = {"full": [run("1e-5", 30.0)], "freeze": [run("1e-5", 33.0, True)]}
    mbart = judged(LINES["figure2"](("xlsum", "mbart"), Found(methods)))
    mt5 = judged(LINES["figure2"](("xlsum", "mt5-base"), Found(methods)))
    assert (mbart, mt5) == ({"freeze against full": True}, {"freeze against full": False})


@pytest.mark.parametrize("table", LINES)
def test_what_was_not_measured_is_not_judged(table: str) -> None:
    lines = list(LINES[table](CELL if table != "table2" else ("xlsum", "mt5-base"), Found({})))
    assert lines
    assert all(line.agrees is None and not line.ours for line in lines)


def test_the_summary_names_what_does_not_come_out() -> None:
    lines = [
        Line("xlsum", "mbart", "full: IT", "+2.5", "+7.1", True),
        Line("xlsum", "mbart", "mix: IT", "+0.6", "-3.0", False),
        Line("xlsum", "mbart", "prompt: IT", "+7.2", "", None),
    ]
    assert summary(lines) == (
        "1 of 2 directions come out; those that do not: "
        "xlsum, mbart, mix: IT (paper +0.6, ours -3.0)."
    )
    assert summary(lines[:1]) == "1 of 1 directions come out."
