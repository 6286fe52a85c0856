"""A search replayed on recorded evaluations: what it would have run, and what it would choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.space import ObjectiveSettings, SearchSpace
from xlsearch.errors import UserError
from xlsearch.evaluation.objective import objective
from xlsearch.evaluation.selection import selected_rows
from xlsearch.runs.rows import Row
from xlsearch.search.asking import MethodChoice
from xlsearch.search.planner import replay
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.protocols.registry import build_protocol


@dataclass(frozen=True)
class Recorded:
    """A run as the rows have it.

    Attributes:
        outcome: How it ended.
        steps: Updates until its last evaluation.
    """

    outcome: Outcome
    steps: int


@dataclass(frozen=True)
class Curves:
    """All recorded runs of one task and model.

    Attributes:
        task, model: Names; need not be known to xlsearch.
        runs: The runs by point.
    """

    task: str
    model: str
    runs: Mapping[Point, Recorded]

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that have runs, in the order in which they were recorded."""
        return tuple(dict.fromkeys(point.method for point in self.runs))

    @property
    def tuned(self) -> bool:
        """Whether any run has intermediate tuning."""
        return any(point.intermediate_tuning for point in self.runs)

    @property
    def seed(self) -> int:
        """The smallest seed, with which every point is run first."""
        return min(point.seed for point in self.runs)

    def recorded(self, point: Point) -> Recorded:
        """The run of a point.

        Raises:
            UserError: If it is not recorded; names the point.
        """
        if point not in self.runs:
            raise UserError(
                f"the curves have no run of task {self.task}, model {self.model}, "
                f"{point.describe()}, which the search needs; record it, or change the space"
            )
        return self.runs[point]


@dataclass(frozen=True)
class SimulatedTrial:
    """A run that a search makes, and which part of the protocol asked for it."""

    point: Point
    stage: str
    recorded: Recorded


@dataclass(frozen=True)
class Cell:
    """A search for one method, replayed.

    Attributes:
        curves: What it was replayed on.
        method: The method.
        choice: What was found.
        trials: The method's own runs, in the order in which they were asked for.
        others: The runs of the method whose preliminary learning rate it takes.
        untuned: Whether it was crossed without intermediate tuning, since no run of the task and
            model has it.
    """

    curves: Curves
    method: str
    choice: MethodChoice
    trials: tuple[SimulatedTrial, ...]
    others: tuple[SimulatedTrial, ...]
    untuned: bool

    @property
    def objective(self) -> float | None:
        """The mean objective of the best point over the seeds that were run."""
        best = self.choice.best
        scores = [
            trial.recorded.outcome.score
            for trial in self.trials
            if best is not None and replace(trial.point, seed=best.seed) == best
        ]
        return fmean(scores) if scores else None


def collect(rows: Iterable[Row], source: str, judged: ObjectiveSettings) -> list[Curves]:
    """Recorded rows as curves, one for each task and model.

    Args:
        rows: The rows, of any number of tasks, models, and methods.
        source: The source language, whose rows do not count.
        judged: What a run's value is.

    Raises:
        UserError: If the rows of a run do not say what its value is.
    """
    found: dict[tuple[str, str], dict[Point, list[Row]]] = {}
    for row in rows:
        rate = LearningRate(row.learning_rate)
        point = Point(row.method, rate, row.intermediate_tuning, row.seed)
        found.setdefault((row.task, row.model), {}).setdefault(point, []).append(row)
    curves = []
    for (task, model), runs in found.items():
        languages: set[str] | None = None
        recorded = {}
        for point, own in runs.items():
            where = f"task {task}, model {model}, {point.describe()}"
            recorded[point], evaluated = _recorded(own, source, judged, where)
            if recorded[point].outcome.state is not State.COMPLETE:
                continue
            if languages not in (None, evaluated):
                raise UserError(
                    f"{where}: evaluated in {_listed(evaluated)} and other runs in "
                    f"{_listed(languages or set())}; runs can be compared in the same languages"
                )
            languages = evaluated
        curves.append(Curves(task, model, recorded))
    return curves


def simulate(curves: Curves, space: SearchSpace, method: str, seeds: int = 1) -> Cell:
    """Replays the search for a method.

    A task and model without any run with intermediate tuning is crossed without it, as the paper
    did with the models that it did not tune.

    Args:
        curves: The recorded runs.
        space: The search space.
        method: Adaptation method; one that the space does not name searches its own decades.
        seeds: Most runs of a point whose score decides something.

    Raises:
        UserError: If the search asks for a run that is not recorded.
    """
    asked = space.how(method).crossed and True in space.crossing.intermediate_tuning
    untuned = asked and not curves.tuned
    if untuned:
        crossing = space.crossing.model_copy(update={"intermediate_tuning": (False,)})
        space = space.model_copy(update={"crossing": crossing})
    protocol = build_protocol(space, [method], curves.seed, seeds)
    requests, choice = replay(protocol, lambda point: curves.recorded(point).outcome)
    trials = [SimulatedTrial(r.point, r.stage, curves.recorded(r.point)) for r in requests]
    return Cell(
        curves,
        method,
        choice.methods[method],
        tuple(trial for trial in trials if trial.point.method == method),
        tuple(trial for trial in trials if trial.point.method != method),
        untuned,
    )


def _recorded(
    rows: Sequence[Row], source: str, judged: ObjectiveSettings, where: str
) -> tuple[Recorded, set[str]]:
    """A run from its rows, and the target languages of its evaluations."""
    evaluations: dict[int, dict[str, Row]] = {}
    for row in rows:
        if evaluations.setdefault(row.step, {}).setdefault(row.language, row) != row:
            raise UserError(f"{where}: two different rows of step {row.step} in {row.language}")
    last = max(evaluations)
    languages = {code for code in evaluations[last] if code != source}
    if not languages:
        raise UserError(f"{where}: no row of a target language at its last step, {last}")
    at_end = objective(evaluations[last].values(), source, judged.wrong_language_penalty)
    if at_end is None:
        return Recorded(Outcome(State.FAIL), last), languages
    similar = any(row.xlrs is not None for row in evaluations[last].values())
    if judged.checkpoint == "xlrs" and not (similar and source in evaluations[last]):
        raise UserError(
            f"{where}: objective.checkpoint is xlrs, which needs xlrs and a row in {source}; "
            f"step {last} has not both"
        )
    counted = selected_rows(rows, judged.checkpoint, source, judged.wrong_language_penalty)
    chosen = objective(counted, source, judged.wrong_language_penalty)
    return Recorded(Outcome(State.COMPLETE, chosen), last), languages


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))
