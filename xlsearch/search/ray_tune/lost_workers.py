"""Lost workers: which trials are handed out again, and which are given up."""

from __future__ import annotations

import contextlib
from enum import Enum
from pathlib import Path
from typing import Any

from ray.tune.schedulers import FIFOScheduler

GIVEN_UP_AFTER = 3
"""Workers that a trial may lose in a row without an evaluation between them."""

PREEMPTED = "the actor's node was preempted"
"""What Ray says of the workers of a node that its autoscaler has drained."""

LOW_ON_MEMORY = "low on memory"
"""What Ray's memory monitor says of the workers that it kills."""


class Cause(Enum):
    """Why a worker was lost, as far as Ray knows."""

    PREEMPTED = "its machine was taken back"
    MEMORY = "Ray killed it, since its machine ran out of memory"
    DIED = "its process or its machine died"


class LostWorkers(FIFOScheduler):
    """Counts the workers that trials lost, by the number of the trial in the study.

    As Tune's scheduler it hears of an error with the trial, before the searcher does without. Tune
    itself counts the failures of a trial's whole life and can't tell a trial that gets on, if
    slowly, on machines that come and go from one that kills its worker every time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._causes: dict[str, Cause] = {}
        self._steps: dict[int, int] = {}
        self._deaths: dict[int, int] = {}

    def on_trial_error(self, tune_controller: Any, trial: Any) -> None:
        """Notes why the worker of a Tune trial was lost."""
        super().on_trial_error(tune_controller, trial)
        self._causes[trial.trial_id] = cause_of(_written_error(trial))

    def cause(self, trial_id: str) -> Cause:
        """Why the worker of a Tune trial was lost."""
        return self._causes.pop(trial_id, Cause.DIED)

    def evaluated(self, number: int, step: int) -> None:
        """Forgets the losses of a trial that has come further than ever."""
        if step > self._steps.get(number, -1):
            self._steps[number] = step
            self._deaths[number] = 0

    def is_given_up(self, number: int, cause: Cause) -> bool:
        """Counts a loss; whether the trial is not to be tried again. Pre-emptions never count."""
        if cause is Cause.PREEMPTED:
            return False
        self._deaths[number] = self._deaths.get(number, 0) + 1
        return self._deaths[number] >= GIVEN_UP_AFTER

    def reason(self, number: int, cause: Cause) -> str:
        """Why a trial is given up, in a sentence."""
        at = self._steps.get(number, 0)
        return f"the worker was lost {GIVEN_UP_AFTER} times after step {at}; last: {cause.value}"


def cause_of(said: str) -> Cause:
    """Why a worker was lost.

    Args:
        said: The text of Ray's error; nothing where there is none.
    """
    if PREEMPTED in said:
        return Cause.PREEMPTED
    return Cause.MEMORY if LOW_ON_MEMORY in said else Cause.DIED


def _written_error(trial: Any) -> str:
    """The text of the error that Tune has just written.

    Tune writes the error itself too, as a pickle. That is not read: others may write to the folder.
    """
    with contextlib.suppress(OSError):
        if trial.error_file:
            return Path(trial.error_file).read_text(encoding="utf-8", errors="replace")
    return ""
