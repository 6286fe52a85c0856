"""What trials cost: attempts of workers, what is lost between them, and runs found complete."""

from __future__ import annotations

from pathlib import Path

import pytest
from curves import protocol_with

from xlsearch.reporting.ledger import study_ledger
from xlsearch.runs.rows import Row
from xlsearch.search.opening import open_study
from xlsearch.search.point import Outcome, State
from xlsearch.search.spending import TUNING, DeviceTime, Spending
from xlsearch.search.storage import open_journal
from xlsearch.search.study import Study
from xlsearch.trial.report import TrialReport


def opened(folder: Path) -> Study:
    """The study as a new driver sees it."""
    storage = open_journal(folder / "journal")
    return open_study(storage, "s", {"source_language": "en"}, protocol_with())


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return opened(tmp_path)


def started(study: Study, run: str) -> int:
    request = study.next_request()
    assert request is not None
    number = study.start(request)
    study.set_run(number, run)
    return number


def told(phase: str, step: int, reused: float | None = None) -> TrialReport:
    rows = ()
    if phase == "evaluate":
        row = Row("xlsum", "mbart", "full", False, 1e-3, 0, step, "fr", 9.0, 99.0, 9.0, "f1")
        rows = (row,)
    return TrialReport(phase, step, 6, rows=rows, reused_seconds=reused)


def seconds(time: DeviceTime) -> tuple[float, float]:
    return time.gpu_seconds, time.core_seconds


def test_what_a_lost_worker_did_after_its_checkpoint_is_lost(study: Study, tmp_path: Path) -> None:
    """By two drivers, the first of which was killed, and on half a GPU each time."""
    number = started(study, "a")
    first = Spending(study, gpus=0.5, cores=4)
    first.reported(number, 1000.0, 2.0, told("load", 0))
    first.reported(number, 1000.0, 10.0, told("evaluate", 2))
    first.reported(number, 1000.0, 14.0, told("evaluate", 4))
    first.reported(number, 1000.0, 50.0, told("train", 5))

    study = opened(tmp_path)
    second = Spending(study, gpus=0.5, cores=4)
    second.reported(number, 2000.0, 3.0, told("evaluate", 2))  # told again: no new checkpoint
    second.reported(number, 2000.0, 3.0, told("evaluate", 4))
    second.reported(number, 2000.0, 20.0, told("complete", 6))
    second.written(number)
    cost = opened(tmp_path).trial(number).cost
    # The journal learned of the first worker's last 36 seconds only if it wrote them: it need not.
    heard = cost.attempts[0].seconds
    assert 14.0 <= heard <= 50.0
    assert seconds(cost.spent) == ((heard + 20.0) / 2, 0.0)
    assert seconds(cost.lost) == ((heard - 14.0) / 2, 0.0)


def test_a_worker_that_is_lost_before_any_checkpoint_loses_all(study: Study) -> None:
    number = started(study, "a")
    spending = Spending(study, gpus=0.0, cores=2)
    spending.reported(number, 1.0, 9.0, told("train", 1))
    spending.failed(number, 1.0, 12.0)
    assert seconds(study.trial(number).cost.lost) == (0.0, 24.0)


def test_a_run_found_complete_is_saved(study: Study) -> None:
    number = started(study, "a")
    spending = Spending(study, gpus=1.0, cores=1)
    spending.reported(number, 5.0, 0.5, told("complete", 6, reused=300.0))
    cost = study.trial(number).cost
    assert seconds(cost.spent) == (0.5, 0.0)
    assert seconds(cost.reused) == (300.0, 0.0)


@pytest.mark.parametrize("found_at", [900.0, 3.0])
def test_a_run_that_its_own_lost_worker_completed_is_not_saved(
    study: Study, found_at: float
) -> None:
    """The driver was killed, and heard of 10 of the 300 seconds that the worker went on for; who
    found the run may have a clock that is behind."""
    number = started(study, "a")
    Spending(study, 1.0, 1).reported(number, 5.0, 10.0, told("evaluate", 2))
    Spending(study, 1.0, 1).reported(number, found_at, 2.0, told("complete", 6, reused=300.0))
    cost = study.trial(number).cost
    assert seconds(cost.spent) == (302.0, 0.0)
    assert (seconds(cost.lost), seconds(cost.reused)) == ((0.0, 0.0), (0.0, 0.0))


def test_the_ledger_adds_up_by_stage_and_method(study: Study, tmp_path: Path) -> None:
    spending = Spending(study, gpus=0.0, cores=1)
    spending.tuning(1.0, 60.0)
    spending.tuning(1.0, 90.0)
    spending.written(TUNING)
    done, lost, reused = (started(study, run) for run in "abc")
    spending.reported(done, 1.0, 3600.0, told("complete", 6))
    spending.reported(lost, 2.0, 1800.0, told("evaluate", 2))
    spending.reported(reused, 3.0, 36.0, told("complete", 6, reused=720.0))
    for number in (done, lost, reused):
        spending.written(number)
    study.lose(lost, "the worker was lost")
    study.finish(done, Outcome(State.COMPLETE, 1.0))
    ledger = study_ledger(study, tmp_path)
    tuning, decades = ledger.entries
    assert (tuning.stage, seconds(tuning.spent)) == (TUNING, (0.0, 90.0))
    assert (decades.stage, decades.method, decades.runs) == ("decades", "full", 3)
    assert ledger.as_json()["total"] == {
        "runs": 3,
        "spent": {"gpu_hours": 0.0, "core_hours": 1.535},
        "wasted": {"gpu_hours": 0.0, "core_hours": 0.5},  # lost for good: its checkpoint, too
        "saved": {"gpu_hours": 0.0, "core_hours": 0.2},
    }

    # Tried again, what was before the checkpoint was not in vain.
    study.forget_lost()
    again = started(study, "b")
    assert study.trial(again).point == study.trial(lost).point
    spending.reported(again, 9.0, 60.0, told("complete", 6))
    spending.written(again)
    assert seconds(study_ledger(study, tmp_path).total.wasted) == (0.0, 0.0)
