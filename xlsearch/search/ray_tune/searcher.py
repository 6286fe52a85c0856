"""A Tune searcher that asks the study what to do and tells it what came of it."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from ray.tune.search import Searcher

from xlsearch.config.run import RunConfig
from xlsearch.errors import RunFailed, UserError
from xlsearch.evaluation.objective import objective
from xlsearch.evaluation.selection import selected_rows
from xlsearch.runs.content import content_name
from xlsearch.runs.remote import location_of
from xlsearch.runs.rows import Row
from xlsearch.search.listener import SearchListener
from xlsearch.search.planner import Done, Start
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.ray_tune.intermediate import IntermediateJob
from xlsearch.search.ray_tune.lost_workers import Cause, LostWorkers
from xlsearch.search.ray_tune.trainable import (
    BEGUN,
    ERROR,
    KILLED_IN,
    NUMBER,
    REPORT,
    ROOT,
    RUN,
    SECONDS,
)
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.spending import Spending
from xlsearch.search.study import Study
from xlsearch.trial.report import TrialReport

_LOG = logging.getLogger("xlsearch")

P = ParamSpec("P")
R = TypeVar("R")


def _remembered(
    method: Callable[Concatenate[StudySearcher, P], R],
) -> Callable[Concatenate[StudySearcher, P], R]:
    """Keeps what a method raises that is meant for people, since Tune keeps no more than text."""

    @functools.wraps(method)
    def remembering(self: StudySearcher, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(self, *args, **kwargs)
        except (UserError, RunFailed) as error:
            self.failure = self.failure or error
            raise

    return remembering


class StudySearcher(Searcher):
    """Hands out the study's next points. All that must not be lost is in the study.

    Args:
        study: The record of the search.
        describe: The configuration of the run at a point.
        root: The root folder of all that xlsearch writes.
        concurrency: Most trials at a time.
        penalty: The objective's ``wrong_language_penalty``.
        listener: Told about everything that happens.
        job: Makes what points with intermediate tuning begin from; None where that is there, or
            no point needs it. While it runs, such points wait, and it counts as a trial.
        lost_workers: Knows why workers were lost. A trial that lost its worker is handed out
            again, and goes on from its checkpoint.
        spending: Notes what trials cost; None notes it as if each held one core.
        may_start: Whether a trial may be started at a point, new or adopted, now; what may not is
            asked about again when a running trial has ended.

    Attributes:
        failure: The first error of those that end a search with a sentence.
    """

    def __init__(
        self,
        study: Study,
        describe: Callable[[Point], RunConfig],
        root: Path,
        concurrency: int,
        penalty: float,
        listener: SearchListener,
        job: IntermediateJob | None = None,
        lost_workers: LostWorkers | None = None,
        spending: Spending | None = None,
        may_start: Callable[[Point], bool] = lambda point: True,
    ) -> None:
        super().__init__(metric=None, mode=None)
        self.failure: UserError | RunFailed | None = None
        self._study = study
        self._describe = describe
        self._root = root
        self._concurrency = concurrency
        self._penalty = penalty
        self._listener = listener
        self._source: str = study.configuration["source_language"]
        self._job = job
        self._lost_workers = lost_workers or LostWorkers()
        self._killed_in: dict[int, str] = {}
        self._spending = spending or Spending(study, gpus=0.0, cores=1.0)
        self._may_start = may_start
        self._to_adopt = study.unfinished()
        self._live: dict[str, int] = {}
        self._last: dict[str, TrialReport] = {}
        # A trial that goes on reports all of its rows again, so these need not outlive a driver.
        self._rows: dict[str, dict[int, tuple[Row, ...]]] = {}
        self._rules: dict[str, str] = {}

    def set_max_concurrency(self, max_concurrent: int) -> bool:
        """Allows so many trials at a time from now on; those that run are left alone."""
        self._concurrency = max_concurrent
        return True

    @_remembered
    def suggest(self, trial_id: str) -> dict[str, Any] | str | None:
        """The configuration of the next trial, ``FINISHED``, or None to wait."""
        tuning = False
        if self._job is not None:
            self._job.poll()
            tuning = self._job.running
            if self._job.failure is not None:
                return str(Searcher.FINISHED)
        if len(self._live) + tuning >= self._concurrency:
            return None
        adopted = [t for t in self._to_adopt if not (tuning and t.point.intermediate_tuning)]
        if adopted and not self._may_start(adopted[0].point):
            return self._wait(tuning)
        if adopted:
            recorded = adopted[0]
            self._to_adopt.remove(recorded)
            if recorded.state == "waiting":
                self._study.start_waiting()
            return self._begin(trial_id, recorded)
        now = self._study.plan()
        if isinstance(now, Done):
            return str(Searcher.FINISHED)
        requests = now.requests if isinstance(now, Start) else ()
        ready = [r for r in requests if not (tuning and r.point.intermediate_tuning)]
        if not ready or not self._may_start(ready[0].point):
            return self._wait(tuning)
        number = self._study.start(ready[0])
        return self._begin(trial_id, self._study.trial(number))

    def _wait(self, tuning: bool) -> str | None:
        """Waits for what runs; ends when nothing does, as when all else waits for a lost trial."""
        return None if self._live or tuning else str(Searcher.FINISHED)

    def _begin(self, trial_id: str, trial: RecordedTrial) -> dict[str, Any]:
        described = self._describe(trial.point)
        run = described.model_dump(mode="json")
        self._study.set_run(trial.number, content_name(run))
        self._live[trial_id] = trial.number
        self._rows[trial_id] = {}
        self._rules[trial_id] = described.checkpoint
        self._listener.started(trial)
        return {
            RUN: run,
            ROOT: location_of(self._root),
            NUMBER: trial.number,
            KILLED_IN: self._killed_in.pop(trial.number, None),
        }

    @_remembered
    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Records an evaluation; passes everything on to the listener."""
        if self._job is not None:
            self._job.poll()  # here too: while all places are taken, no trial is asked for
        if REPORT not in result or trial_id not in self._live:
            return
        values = json.loads(result[REPORT])
        report = TrialReport(**{**values, "rows": tuple(Row(**row) for row in values["rows"])})
        number = self._live[trial_id]
        if BEGUN in result:
            self._spending.reported(number, result[BEGUN], result[SECONDS], report)
        if report.rows:
            self._rows[trial_id][report.rows[0].step] = report.rows
            self._lost_workers.evaluated(number, report.rows[0].step)
            value, counted = self._objective(report.rows), self._counted(trial_id)
            self._study.record_evaluation(number, report.rows, value, counted)
        self._last[trial_id] = report
        self._listener.reported(number, report, self._objective(self._counted(trial_id)))

    @_remembered
    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Ends the trial in the study, or has it handed out again."""
        if trial_id not in self._live:
            return
        if result is not None and REPORT in result:
            self.on_trial_result(trial_id, result)
        number = self._live.pop(trial_id)
        last = self._last.pop(trial_id, None)
        value = self._objective(self._counted(trial_id))
        if result is not None and ERROR in result and BEGUN in result:
            self._spending.failed(number, result[BEGUN], result[SECONDS])
        self._spending.written(number)
        del self._rows[trial_id], self._rules[trial_id]
        if result is not None and ERROR in result:
            self._study.lose(number, str(result[ERROR]))
        elif error:
            cause = self._lost_workers.cause(trial_id)
            if not self._lost_workers.is_given_up(number, cause):
                return self._hand_out_again(number, cause, last)
            self._study.lose(number, self._lost_workers.reason(number, cause))
        elif last is None:
            self._study.lose(number, "the worker was lost")
        elif last.phase == "diverged":
            reason = f"the loss was no longer finite after step {last.step}"
            self._study.finish(number, Outcome(State.FAIL), reason)
        elif last.phase == "complete" and value is not None:
            self._study.finish(number, Outcome(State.COMPLETE, value))
        else:
            self._study.lose(number, f"it ended early, at step {last.step} of {last.steps}")
        self._listener.ended(self._study.trial(number))

    def _hand_out_again(self, number: int, cause: Cause, last: TrialReport | None) -> None:
        """Leaves a trial running in the study, for another worker to go on with."""
        _LOG.warning("trial %d lost its worker: %s; handed out again", number, cause.value)
        if cause is Cause.MEMORY:
            self._killed_in[number] = last.phase if last is not None else "load"
        self._to_adopt.append(self._study.trial(number))

    def _counted(self, trial_id: str) -> list[Row]:
        """The rows of the evaluation of a trial that counts so far."""
        rows = [row for step in sorted(self._rows[trial_id]) for row in self._rows[trial_id][step]]
        return selected_rows(rows, self._rules[trial_id], self._source, self._penalty)

    def _objective(self, rows: Sequence[Row]) -> float | None:
        """J of an evaluation; None before the first."""
        return objective(rows, self._source, self._penalty) if rows else None

    def __getstate__(self) -> dict[str, Any]:
        """Nothing: Tune pickles its searcher to restore an experiment; the study does that here."""
        return {}

    def __deepcopy__(self, memo: dict[int, Any]) -> StudySearcher:
        """Itself: a copy would open the study a second time."""
        return self

    def save(self, checkpoint_path: str) -> None:
        """Writes nothing: the study is the only state, and it is written already."""

    def restore(self, checkpoint_path: str) -> None:
        """Reads nothing, for the same reason."""
