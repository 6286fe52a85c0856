"""What a search visits, and what it finds there."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

from xlsearch.config.learning_rate import LearningRate


@dataclass(frozen=True)
class Point:
    """One place in the search space; two equal points are one run.

    Attributes:
        method: Adaptation method.
        learning_rate: Peak learning rate.
        intermediate_tuning: Whether the run begins from an intermediate-tuned checkpoint.
        seed: Seed of the run.
    """

    method: str
    learning_rate: LearningRate
    intermediate_tuning: bool
    seed: int

    def describe(self) -> str:
        """The point in words."""
        tuning = "with" if self.intermediate_tuning else "without"
        return (
            f"method {self.method}, learning rate {self.learning_rate}, {tuning} intermediate "
            f"tuning, seed {self.seed}"
        )


class State(enum.Enum):
    """How a trial of a point ended."""

    COMPLETE = "complete"
    PRUNED = "pruned"
    """Stopped early because it had collapsed."""
    FAIL = "fail"
    """Diverged or lost."""


@dataclass(frozen=True)
class Outcome:
    """What came of a point.

    Attributes:
        state: How its trial ended.
        objective: J of a complete trial.
    """

    state: State
    objective: float | None = None

    @property
    def score(self) -> float:
        """For comparisons: J, or minus infinity for what is worse than any finished run."""
        if self.state is State.COMPLETE and self.objective is not None:
            return self.objective
        return -math.inf
