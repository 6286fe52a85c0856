"""Several listeners as one."""

from __future__ import annotations

from collections.abc import Sequence

from xlsearch.search.listener import SearchListener
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.trial.report import IntermediateReport, TrialReport


class Listeners:
    """Tells several listeners about a search, in their order.

    Args:
        listeners: Each is a ``SearchListener``.
    """

    def __init__(self, listeners: Sequence[SearchListener]) -> None:
        self._listeners = tuple(listeners)

    def started(self, trial: RecordedTrial) -> None:
        """A trial was handed to a worker."""
        for listener in self._listeners:
            listener.started(trial)

    def reported(self, number: int, report: TrialReport, objective: float | None) -> None:
        """A running trial said something about itself; ``objective`` is its latest, if any."""
        for listener in self._listeners:
            listener.reported(number, report, objective)

    def tuning(self, report: IntermediateReport) -> None:
        """Intermediate tuning, which runs beside the trials, said something about itself."""
        for listener in self._listeners:
            listener.tuning(report)

    def ended(self, trial: RecordedTrial) -> None:
        """A trial ended, and the study knows it."""
        for listener in self._listeners:
            listener.ended(trial)
