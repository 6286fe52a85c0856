"""A trial in Optuna's storage: what is written of it, and how it is read again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState

from xlsearch.config.learning_rate import LearningRate
from xlsearch.search.point import Point
from xlsearch.search.spending import Spent

POINT = "point"
STAGE = "stage"
LOST = "lost"
COST = "cost"
"""User attributes of a trial."""

DISTRIBUTIONS: dict[str, BaseDistribution] = {
    "learning_rate": FloatDistribution(1e-9, 1.0, log=True),
    "intermediate_tuning": CategoricalDistribution([False, True]),
    "seed": IntDistribution(0, 2**31 - 1),
}
"""What a dashboard sees. A point's identity, its exact decimal learning rate and its method among
it, is kept beside. The method is no parameter: Optuna could not read a study again once there are
more methods than when it began."""


@dataclass(frozen=True)
class RecordedTrial:
    """A trial as the storage has it.

    Attributes:
        number: Optuna's number of the trial.
        point: Where it runs.
        stage: Which part of the protocol asked for it.
        run: Name of its run folder, once it was started.
        state: Optuna's state in lower case: waiting, running, complete, pruned or fail.
        objective: J of a complete trial, at the evaluation that counts.
        languages: Score, LCR and length by language at the evaluation that counts so far.
        reason: Why it failed, for a failed one.
        lost: Whether it failed for a reason that is not its own, so that a launch tries it again.
        cost: Device time that it has cost so far.
    """

    number: int
    point: Point
    stage: str
    run: str | None
    state: str
    objective: float | None
    languages: dict[str, dict[str, float | None]]
    reason: str | None
    lost: bool
    cost: Spent = field(default_factory=Spent)


def parameters(point: Point) -> dict[str, Any]:
    """A point as Optuna's parameters."""
    return {
        "learning_rate": float(point.learning_rate),
        "intermediate_tuning": point.intermediate_tuning,
        "seed": point.seed,
    }


def point_as_json(point: Point) -> dict[str, Any]:
    """A point as a trial's user attribute, with its exact learning rate."""
    return {**asdict(point), "learning_rate": str(point.learning_rate)}


def point_of(trial: FrozenTrial) -> Point:
    """The point of a trial."""
    values = trial.user_attrs[POINT]
    return Point(**{**values, "learning_rate": LearningRate(values["learning_rate"])})


def is_lost(trial: FrozenTrial) -> bool:
    """Whether a trial failed for a reason that is not its own.

    That is noted before the trial is ended. One whose driver died in between, and that went on, is
    not lost.
    """
    return trial.state is TrialState.FAIL and LOST in trial.user_attrs


def recorded(trial: FrozenTrial) -> RecordedTrial:
    """A trial of Optuna's as it is told to all others."""
    attributes = trial.user_attrs
    # Noted before a trial is ended, too.
    failed = trial.state in (TrialState.FAIL, TrialState.PRUNED)
    return RecordedTrial(
        number=trial.number,
        point=point_of(trial),
        stage=attributes[STAGE],
        run=attributes.get("run"),
        state=trial.state.name.lower(),
        objective=trial.value if trial.state is TrialState.COMPLETE else None,
        languages=attributes.get("languages", {}),
        reason=attributes.get("reason") if failed else None,
        lost=is_lost(trial),
        cost=Spent.from_json(attributes.get(COST)),
    )
