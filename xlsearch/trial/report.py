"""What a running trial says about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xlsearch.runs.rows import Row


@dataclass(frozen=True)
class TrialReport:
    """A moment of a trial.

    Attributes:
        phase: ``wait for <process>``, ``load``,
            ``train``, ``evaluate <language>``, ``save``, ``complete`` or ``diverged``.
        step: Updates done.
        steps: Updates in all.
        loss: Mean loss of the latest updates, nats a token; None before the first.
        tokens_per_second: Source and label tokens trained on a second, padding not counted.
        seconds_left: Estimate until the trial ends.
        rows: The rows of an evaluation, in the report that follows it; empty otherwise.
    """

    phase: str
    step: int
    steps: int
    loss: float | None = None
    tokens_per_second: float | None = None
    seconds_left: float | None = None
    rows: tuple[Row, ...] = ()


ReportTrial = Callable[[TrialReport], None]
