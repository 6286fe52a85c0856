"""Who wants to know how a search goes: a live table, lines on a terminal, or nobody."""

from __future__ import annotations

from typing import Protocol

from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.trial.report import IntermediateReport, TrialReport


class SearchListener(Protocol):
    """Is told about a search while it runs. Its methods must return at once."""

    def started(self, trial: RecordedTrial) -> None:
        """A trial was handed to a worker."""

    def reported(self, number: int, report: TrialReport, objective: float | None) -> None:
        """A running trial said something about itself; ``objective`` is its latest, if any."""

    def tuning(self, report: IntermediateReport) -> None:
        """Intermediate tuning, which runs beside the trials, said something about itself."""

    def ended(self, trial: RecordedTrial) -> None:
        """A trial ended, and the study knows it."""
