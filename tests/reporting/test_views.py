"""What people see of a search, from a recorded one."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from xlsearch.config.space import Crossing, load_space
from xlsearch.reporting.lines import LineView
from xlsearch.reporting.live import LiveView
from xlsearch.reporting.status import study_status
from xlsearch.reporting.why import why
from xlsearch.runs.rows import Row
from xlsearch.search.opening import open_study
from xlsearch.search.point import Outcome, State
from xlsearch.search.protocols.registry import build_protocol
from xlsearch.search.ray_tune.driver import Resources
from xlsearch.search.storage import open_journal
from xlsearch.search.study import Study
from xlsearch.trial.report import IntermediateReport, TrialReport

OBJECTIVES = {"1e-3": 40.0, "1e-4": 30.0, "1e-5": 20.0, "1e-2": -10.0, "3e-3": 12.0}
RATES = {"1e-3": 98.0, "1e-4": 100.0, "1e-5": 100.0, "1e-2": 5.0, "3e-3": 61.0}


def rows(rate: str) -> list[Row]:
    score, correct = OBJECTIVES[rate] + 0.1 * (100 - RATES[rate]), RATES[rate]
    return [
        Row("xlsum", "mbart", "full", False, float(rate), 0, 200, code, s, c, 50.0, "rouge2-xlsum")
        for code, s, c in (("en", 99.0, 100.0), ("fr", score, correct))
    ]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study that has run to its end."""
    configuration = {"source_language": "en", "task": "xlsum", "model": "mbart"}
    crossing = Crossing(factors=(1,), intermediate_tuning=(False,))
    space = load_space(None, "pocket").model_copy(update={"crossing": crossing})
    protocol = build_protocol(space, ["full"], 0)
    study = open_study(open_journal(tmp_path / "journal.log"), "s", configuration, protocol)
    while (request := study.next_request()) is not None:
        rate = str(request.point.learning_rate)
        number = study.start(request)
        study.record_evaluation(number, rows(rate), OBJECTIVES[rate])
        study.finish(number, Outcome(State.COMPLETE, OBJECTIVES[rate]))
    return study


def test_the_winner_is_explained_by_its_neighbours(study: Study) -> None:
    best = study.choice()
    assert best is not None
    assert why(study.trials(), best, "en") == (
        "full at 1e-3 without IT won with 40.0: score 40.2, LCR 98 %; "
        "3e-3 answers in a wrong language in 39 % of cases; "
        "1e-2 answers in a wrong language in 95 % of cases; 1e-4 is 10.0 points worse."
    )


def test_status_names_state_and_best(study: Study) -> None:
    shown = study_status(study, driven=False)
    assert shown["state"] == "complete"
    assert shown["best"]["learning_rate"] == 1e-3
    assert [trial["stage"] for trial in shown["trials"]] == [
        "decades", "decades", "decades", "extension", "refinement",
    ]  # fmt: skip


def test_live_table_shows_running_and_ended_trials(study: Study) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=150, height=30)
    with LiveView(console, "watch: elsewhere") as view:
        view.loading()
        view.preparing("pretraining", 1, 2, "loss 3.50")
        view.preparing("pretraining", 2, 2, "loss 2.50")
        view.connecting()
        view.searching(study, Resources(2, 1, 0))
        running = study.trials()[0]
        view.started(running)
        view.reported(running.number, TrialReport("train", 120, 200, 0.53, 9876.0, 7.0), None)
        view.reported(
            running.number, TrialReport("evaluate", 150, 200, rows=tuple(rows("1e-3"))), 41.5
        )
        view.tuning(IntermediateReport("probe 1e-3", 120, 600, 1.9, 40.0))
        view.searched()
    text = screen.getvalue()
    for expected in (
        "150/200",
        "0.53",
        "fr 98",
        "41.5",
        "refinement",
        "watch: elsewhere",
        "loss 2.50",
        "intermediate tuning: step 120 of 600, probe 1e-3, loss 1.90, ETA 40 s",
    ):
        assert expected in text


def test_plain_lines_name_the_learning_rate(study: Study) -> None:
    lines: list[str] = []
    with LineView(lines.append) as view:
        trial = study.trials()[0]
        view.preparing("pretraining", 1, 10, "loss 3.50")
        view.started(trial)
        view.reported(trial.number, TrialReport("train", 120, 200, 0.53, 9876.0, 7.0), None)
        view.reported(
            trial.number, TrialReport("evaluate", 150, 200, rows=tuple(rows("1e-3"))), 41.5
        )
        view.ended(trial)
        view.tuning(IntermediateReport("train", 120, 600, 1.9, 40.0))
        view.tuning(IntermediateReport("complete", 600, 600))
    assert lines[0].startswith("pretraining: 1/10, loss 3.50, ETA")
    assert "LR 1e-3 step 120/200, loss 0.53, 9,876 tok/s, ETA 7 s" in lines[2]
    assert "fr 40.2/98" in lines[3]
    assert lines[4].endswith("LR 1e-3 complete, objective 40.0")
    assert lines[5:] == [
        "intermediate tuning: step 120 of 600, train, loss 1.90, ETA 40 s",
        "intermediate tuning: done",
    ]
