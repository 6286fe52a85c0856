"""What a running trial, or the intermediate tuning before it, says about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xlsearch.runs.rows import Row


@dataclass(frozen=True)
class TrialReport:
    """A moment of a trial.

    Attributes:
        phase: ``wait for <process>``, ``wait for disk space``, ``load``, ``recover``, what is
            being made before the run (``encode <done>/<all>``, ``intermediate tuning
            <step>/<steps>`` and the like), ``train``, ``evaluate <language>``, ``save``,
            ``fetch`` and ``publish`` where the root lives in an object store, ``complete`` or
            ``diverged``.
        step: Updates done.
        steps: Updates in all.
        loss: Mean loss of the latest updates, nats a token; None before the first.
        tokens_per_second: Source and label tokens trained on a second, padding not counted.
        seconds_left: Estimate until the trial ends.
        rows: The rows of an evaluation, in the report that follows it; empty otherwise.
        event: What the trial has just survived, in a sentence; empty otherwise.
        reused_seconds: What a run that was found complete had cost; None for any other.
    """

    phase: str
    step: int
    steps: int
    loss: float | None = None
    tokens_per_second: float | None = None
    seconds_left: float | None = None
    rows: tuple[Row, ...] = ()
    event: str = ""
    reused_seconds: float | None = None


ReportTrial = Callable[[TrialReport], None]


@dataclass(frozen=True)
class IntermediateReport:
    """A moment of intermediate tuning.

    Attributes:
        phase: ``wait for <process>``, ``fetch <language> <done>/<all>``, ``pretrain <done>/<all>``,
            ``encode <language> <done>/<all>``, ``probe <learning rate>``, ``train`` or
            ``complete``.
        step: Updates done, those of probes included.
        steps: Updates in all.
        loss: Mean loss of the latest updates, nats a token; None before the first.
        seconds_left: Estimate until it ends; None before the first update.
    """

    phase: str
    step: int
    steps: int
    loss: float | None = None
    seconds_left: float | None = None

    def describe(self) -> str:
        """What is done, and the loss."""
        return self.phase if self.loss is None else f"{self.phase}, loss {self.loss:.2f}"


ReportIntermediate = Callable[[IntermediateReport], None]
