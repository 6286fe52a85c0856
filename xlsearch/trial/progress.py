"""How far an attempt at a run is, for whoever watches it."""

from __future__ import annotations

import time

from xlsearch.runs.space import DISK_SPACE
from xlsearch.training.checkpoint import Counters
from xlsearch.trial.report import IntermediateReport, ReportTrial, TrialReport

_REPORT_EVERY = 1.0
"""Seconds between reports of progress."""


class Progress:
    """Reports what an attempt does, frequent things now and then.

    Args:
        report: Is told.
        steps: Updates of the run.
    """

    def __init__(self, report: ReportTrial, steps: int) -> None:
        self._report = report
        self._steps = steps
        self._step = 0
        self._last = -_REPORT_EVERY

    def is_due(self) -> bool:
        """Whether it is time to report again what happens all the time."""
        now = time.monotonic()
        if now - self._last < _REPORT_EVERY:
            return False
        self._last = now
        return True

    def prepares(self, what: str, done: int, all: int) -> None:
        """Something is being made for this run and for others."""
        if self.is_due():
            self._report(TrialReport(f"{what} {done}/{all}", 0, self._steps))

    def waits(self, who: str) -> None:
        """Another process makes it."""
        self._report(TrialReport(f"wait for {who}", 0, self._steps))

    def tunes(self, tuning: IntermediateReport) -> None:
        """The run waits for intermediate tuning, or makes it, before its first step."""
        if tuning.phase == "complete":
            return
        phase = f"intermediate tuning {tuning.step}/{tuning.steps}"
        left = tuning.seconds_left
        self._report(TrialReport(phase, 0, self._steps, tuning.loss, seconds_left=left))

    def lacks_space(self, said: str) -> None:
        """The disk is full; the run waits, as is said."""
        self._report(TrialReport(f"wait for {DISK_SPACE}", self._step, self._steps, event=said))

    def at(self, phase: str, counters: Counters, loss: float | None) -> None:
        """A moment of the run itself, with an estimate of the time that is left."""
        self._step = counters.step
        spent = counters.train_seconds + counters.evaluation_seconds
        self._report(
            TrialReport(
                phase,
                counters.step,
                self._steps,
                loss=loss,
                tokens_per_second=counters.train_tokens / max(counters.train_seconds, 1e-9),
                seconds_left=spent / max(counters.step, 1) * (self._steps - counters.step),
            )
        )
