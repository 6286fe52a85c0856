"""A search in a log file or a pipe: plain lines, a few a minute."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from xlsearch.runs.space import DISK_SPACE
from xlsearch.search.ray_tune.loopback import token_place
from xlsearch.search.ray_tune.resources import Resources
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.study import Study
from xlsearch.trial.report import IntermediateReport, TrialReport

_EVERY = 5.0
"""Seconds between two lines of progress of one trial."""


class RunLines:
    """Prints how one run goes.

    Args:
        write: Prints a line.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._printed = -_EVERY
        self._begin = time.monotonic()
        self._preparation = ""

    def preparing(self, what: str, done: int, total: int, note: str = "") -> None:
        """A line now and then."""
        if what != self._preparation:
            self._preparation = what
            self._begin = time.monotonic()
            self._printed = self._begin - _EVERY
        if done == total or self._due():
            seconds = (time.monotonic() - self._begin) / max(done, 1) * (total - done)
            self._write(f"{what}: {done:,}/{total:,}{note and ', ' + note}, ETA {seconds:.0f} s")

    def report(self, report: TrialReport, name: str = "") -> None:
        """Evaluations at once, training now and then."""
        if report.rows:
            figures = ", ".join(
                f"{row.language} {row.score:.1f}/{row.language_correct_rate:.0f}"
                if row.score is not None and row.language_correct_rate is not None
                else f"{row.language} -"
                for row in report.rows
            )
            self._write(f"{name}step {report.step}/{report.steps} score/LCR: {figures}")
        elif report.event:
            self._write(f"{name}{report.event}")
        elif report.phase == "load":
            self._write(f"{name}loading model and data")
        elif report.phase == "fetch":
            self._write(f"{name}looking for the run in the object store")
        elif report.phase.startswith("wait"):
            who = "" if report.phase.endswith(DISK_SPACE) else ", which works on the same run"
            self._write(f"{name}{report.phase}{who}")
        elif report.phase.startswith("intermediate"):
            if self._due():
                self._write(f"{name}{report.phase}, before the run")
        elif report.loss is not None and self._due():
            self._write(
                f"{name}step {report.step}/{report.steps}, loss {report.loss:.2f}, "
                f"{report.tokens_per_second:,.0f} tok/s, ETA {report.seconds_left:.0f} s"
            )

    def tuning(self, report: IntermediateReport) -> None:
        """A line now and then."""
        if report.phase == "complete":
            self._write("intermediate tuning: done")
        elif self._due():
            left = "" if report.seconds_left is None else f", ETA {report.seconds_left:.0f} s"
            self._write(
                f"intermediate tuning: step {report.step} of {report.steps}, "
                f"{report.describe()}{left}"
            )

    def _due(self) -> bool:
        now = time.monotonic()
        if now - self._printed < _EVERY:
            return False
        self._printed = now
        return True


class LineView:
    """Prints what happens, one line each.

    Args:
        write: Prints a line.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._preparation = RunLines(write)
        self._tuning = RunLines(write)
        self._runs: dict[int, RunLines] = {}
        self._names: dict[int, str] = {}
        self._repeats = False

    def __enter__(self) -> LineView:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        return None

    def loading(self) -> None:
        """Says that libraries are being loaded."""
        self._write("loading …")

    def preparing(self, what: str, done: int, total: int, note: str = "") -> None:
        """A line now and then."""
        self._preparation.preparing(what, done, total, note)

    def claimed(self, who: str) -> None:
        """Says who may be lost."""
        self._write(
            f"{who} drives this study; waiting for a minute at most to see if it still does"
        )

    def waiting(self, who: str) -> None:
        """Says who makes what is needed."""
        what = "" if who == DISK_SPACE else ", which prepares the same model or data"
        self._write(f"waiting for {who}{what}")

    def connecting(self) -> None:
        """Ray starts."""
        self._write("starting Ray …")

    def serving(self, url: str) -> None:
        """Says where the dashboard is, and what it asks for."""
        self._write(f"Ray dashboard: {url} (its token: {token_place()})")

    def searching(self, study: Study, resources: Resources) -> None:
        """Trials begin."""
        self._repeats = study.configuration.get("seeds", 1) > 1
        self._write(f"searching, {resources.describe()}")

    def searched(self) -> None:
        """Trials ended; the final table says how."""

    def started(self, trial: RecordedTrial) -> None:
        """A trial begins."""
        name = self._names[trial.number] = self._name(trial)
        self._write(f"trial {trial.number}: {name} ({trial.stage}) started")

    def reported(self, number: int, report: TrialReport, objective: float | None) -> None:
        """Evaluations at once, training now and then."""
        name = f"trial {number}: {self._names.get(number, '?')} "
        self._runs.setdefault(number, RunLines(self._write)).report(report, name)

    def tuning(self, report: IntermediateReport) -> None:
        """A line now and then."""
        self._tuning.tuning(report)

    def ended(self, trial: RecordedTrial) -> None:
        """A trial ended."""
        value = "" if trial.objective is None else f", objective {trial.objective:.1f}"
        reason = "" if trial.reason is None else f": {trial.reason}"
        self._write(f"trial {trial.number}: {self._name(trial)} {trial.state}{value}{reason}")

    def _name(self, trial: RecordedTrial) -> str:
        """A trial's point in a few words; the seed where a search has several."""
        point = trial.point
        tuning = "IT, " if point.intermediate_tuning else ""
        seed = f", seed {point.seed}" if self._repeats else ""
        return f"{point.method}, {tuning}LR {point.learning_rate}{seed}"
