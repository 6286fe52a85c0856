"""A whole search on a local Ray cluster."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from curves import protocol_with

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.run import RunConfig
from xlsearch.errors import RunFailed, UserError
from xlsearch.runs.folder import RunFolder
from xlsearch.runs.lock import holder
from xlsearch.search.asking import Ask, Choice
from xlsearch.search.opening import open_study
from xlsearch.search.planner import replay
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.ray_tune.driver import Resources, ray_cluster, run_study
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.storage import open_journal
from xlsearch.search.study import Study
from xlsearch.trial.report import IntermediateReport, TrialReport
from xlsearch.trial.run import run_trial

Configure = Callable[..., RunConfig]


class Counting:
    """A listener that counts."""

    def __init__(self) -> None:
        self.started_trials: list[int] = []
        self.evaluations = 0
        self.ended_trials: list[int] = []

    def started(self, trial: RecordedTrial) -> None:
        self.started_trials.append(trial.number)

    def reported(self, number: int, report: TrialReport, objective: float | None) -> None:
        self.evaluations += bool(report.rows)

    def tuning(self, report: IntermediateReport) -> None:
        raise AssertionError("no point needs it")

    def ended(self, trial: RecordedTrial) -> None:
        self.ended_trials.append(trial.number)


class Refused(Counting):
    """Stands for an error that is meant for people, while a report is passed on."""

    def reported(self, number: int, report: TrialReport, objective: float | None) -> None:
        raise UserError("the store refuses this")


def opened(root: Path) -> Study:
    storage = open_journal(root / "journal.log")
    return open_study(storage, "s", {"source_language": "en"}, protocol_with(limits=(2, 6)))


def listens_on() -> set[str]:
    """The addresses at which this process and all that it started take connections."""
    me = psutil.Process()
    found = {
        connection.laddr.ip
        for process in (me, *me.children(recursive=True))
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    assert found
    return found


@pytest.mark.slow
def test_a_search_on_ray_is_the_search(root: Path, run_config: Configure) -> None:
    """With one trial adopted from a driver that was killed, and each run in its own folder."""

    def describe(point: Point) -> RunConfig:
        return run_config(learning_rate=str(point.learning_rate), seed=point.seed)

    study = opened(root)
    request = study.next_request()
    assert request is not None
    adopted = study.start(request)
    listener = Counting()
    with ray_cluster(None):
        alone = Resources(1, 1, 0.0, fixed=True)
        run_study(opened(root), describe, root, alone, 0.1, listener)
        assert listens_on() <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
        study = opened(root)
        run_study(study, describe, root, Resources(1, 1, 0.0), 0.1, Counting())
        shortest = open_study(
            open_journal(root / "other.log"), "t", {"source_language": "en"}, one_point
        )
        with pytest.raises(UserError, match=r"^the store refuses this$"):
            run_study(shortest, describe, root, Resources(1, 1, 0.0), 0.1, Refused())

    trials = study.trials()
    found = {t.point: Outcome(State.COMPLETE, t.objective) for t in trials}
    visited, choice = replay(protocol_with(limits=(2, 6)), found.__getitem__)
    assert [(t.stage, t.point) for t in trials] == [(r.stage, r.point) for r in visited]
    assert {t.state for t in trials} == {"complete"}
    best = study.choice()
    assert best is not None
    assert best.point == choice.best
    assert listener.started_trials == listener.ended_trials == [t.number for t in trials]
    assert listener.started_trials[0] == adopted
    assert listener.evaluations == 3 * len(trials)
    for trial in trials:
        folder = RunFolder(root, describe(trial.point))
        assert folder.name == trial.run
        assert folder.result is not None


FIRST = Point("full", LearningRate("1e-3"), intermediate_tuning=False, seed=0)


def one_point(ask: Ask) -> Choice:
    """The shortest search."""
    ask.scores("decades", [FIRST])
    return Choice(FIRST)


class Killing(Counting):
    """Kills the worker of the first trial after its first evaluation, once."""

    def __init__(self, folder: RunFolder) -> None:
        super().__init__()
        self._folder = folder
        self.killed = False

    def reported(self, number: int, report: TrialReport, objective: float | None) -> None:
        super().reported(number, report, objective)
        if number == 0 and report.rows and not self.killed:
            worker = holder(self._folder.path / "lock")
            if worker is not None:  # else it has ended meanwhile
                os.kill(worker.pid, signal.SIGKILL)
                self.killed = True


@pytest.mark.slow
def test_what_ends_a_search_in_the_middle_is_told_as_it_was_said(
    root: Path, run_config: Configure
) -> None:
    """Ray passes it on as a text with a traceback, or as the cause of an error of its own. The
    trial stays what it was, for the next driver."""

    def away(*values: object) -> bool:
        raise RunFailed("the store is away")

    class Away(Counting):
        def reported(self, number: int, report: TrialReport, objective: float | None) -> None:
            away()

    resources = Resources(1, 1, 0.0, fixed=True)

    def search(listener: Counting, may_start: Callable[[Point | str], bool]) -> None:
        run_study(
            *(opened(root), lambda point: run_config(), root, resources, 0.1, listener),
            may_start=may_start,
        )

    with ray_cluster(None):
        with pytest.raises(RunFailed, match=r"^the store is away$"):
            search(Counting(), away)
        with pytest.raises(RunFailed, match=r"^the store is away$"):
            search(Away(), lambda what: True)
    assert [trial.state for trial in opened(root).trials()] == ["running"]


@pytest.mark.drill
def test_a_killed_worker_loses_no_trial(root: Path, run_config: Configure) -> None:
    """The trial stays the same one of the study, and comes to the rows that it would have had."""

    def describe(point: Point) -> RunConfig:
        changes = {"training": {"steps": 40}, "evaluation": {"every_steps": 20}}
        return run_config(learning_rate=str(point.learning_rate), seed=point.seed, **changes)

    storage = open_journal(root / "journal.log")
    study = open_study(storage, "s", {"source_language": "en"}, one_point)
    config = describe(FIRST)
    listener = Killing(RunFolder(root, config))
    with ray_cluster(None):
        run_study(study, describe, root, Resources(1, 1, 0.0), 0.1, listener)
    assert listener.killed
    assert [(trial.state, trial.lost) for trial in study.trials()] == [("complete", False)]
    assert listener.started_trials == [0, 0]
    undisturbed = root.with_name("undisturbed")
    undisturbed.mkdir()
    (undisturbed / "store").symlink_to(root / "store")
    run_trial(config, undisturbed, lambda report: None)
    assert RunFolder(root, config).rows == RunFolder(undisturbed, config).rows
