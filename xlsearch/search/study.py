"""A study: the record of one search in Optuna's storage, and the only state that a search has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from xlsearch.config.learning_rate import LearningRate
from xlsearch.runs.rows import Row
from xlsearch.search.asking import Protocol, Request
from xlsearch.search.planner import Done, Plan, Start, plan
from xlsearch.search.point import Outcome, Point, State
from xlsearch.search.recorded_trial import (
    COST,
    DISTRIBUTIONS,
    LOST,
    POINT,
    STAGE,
    RecordedTrial,
    is_lost,
    parameters,
    point_as_json,
    point_of,
    recorded,
)
from xlsearch.search.spending import Spent

CONFIGURATION = "configuration"
DRIVER = "driver"
STOPPED = "stopped"
"""User attributes of the study."""

_STATES = {
    TrialState.COMPLETE: State.COMPLETE,
    TrialState.PRUNED: State.PRUNED,
    TrialState.FAIL: State.FAIL,
}


@dataclass(frozen=True)
class Driver:
    """A process that drives a study.

    Attributes:
        root: The id of its root folder, which stays when the folder is moved.
        folder: Where that was.
        host: Its machine.
        pid: Its process there.
        since: When it began (UTC).
    """

    root: str
    folder: str
    host: str
    pid: int
    since: str


class Study:
    """The record of one search.

    Args:
        study: The Optuna study.
        protocol: The search; None for a study that is only read.
    """

    def __init__(self, study: optuna.Study, protocol: Protocol | None = None) -> None:
        self._study = study
        self._protocol = protocol
        self._forgotten: set[int] = set()

    def with_protocol(self, protocol: Protocol) -> Study:
        """The same study with the protocol of its configuration."""
        return Study(self._study, protocol)

    @property
    def name(self) -> str:
        """The study's name."""
        return self._study.study_name

    @property
    def configuration(self) -> dict[str, Any]:
        """What the search was started with."""
        value: dict[str, Any] = self._study.user_attrs[CONFIGURATION]
        return value

    @property
    def driver(self) -> Driver | None:
        """Who drives it, or drove it last; None where that was never noted."""
        noted = self._study.user_attrs.get(DRIVER)
        return Driver(**noted) if noted else None

    def driven_by(self, driver: Driver) -> None:
        """Notes who drives it from now on."""
        self._study.set_user_attr(DRIVER, asdict(driver))

    def trials(self) -> list[RecordedTrial]:
        """All trials in the order of their numbers."""
        return [
            recorded(t) for t in self._study.get_trials(deepcopy=False) if POINT in t.user_attrs
        ]

    def trial(self, number: int) -> RecordedTrial:
        """The trial of a number."""
        return recorded(self._frozen(number))

    def plan(self) -> Plan:
        """What the search should do now, by the storage alone."""
        assert self._protocol is not None
        trials = self._study.get_trials(deepcopy=False)
        known = [t for t in trials if POINT in t.user_attrs and t.number not in self._forgotten]
        outcomes = {
            point_of(t): Outcome(_STATES[t.state], t.value if t.state.name == "COMPLETE" else None)
            for t in known
            if t.state in _STATES and not is_lost(t)
        }
        # A lost trial is no result: taken for a bad one it would lead the search astray. What
        # depends on its point waits for it.
        waited_for = {point_of(t) for t in known if t.state not in _STATES or is_lost(t)}
        return plan(self._protocol, outcomes, waited_for)

    def start(self, request: Request) -> int:
        """Records a new running trial and returns its number.

        The trial and all that names it are one write, so that a crash leaves all of it or nothing.
        """
        self._study.add_trial(
            optuna.create_trial(
                state=TrialState.RUNNING,
                params=parameters(request.point),
                distributions=DISTRIBUTIONS,
                user_attrs={
                    POINT: point_as_json(request.point),
                    STAGE: request.stage,
                    # For people who look at the study in a dashboard; nothing is read from these.
                    "method": request.point.method,
                    "LR": str(request.point.learning_rate),
                },
            )
        )
        # A point runs once at a time.
        return next(
            trial.number
            for trial in reversed(self.trials())
            if trial.point == request.point and trial.state == "running"
        )

    def start_waiting(self) -> int:
        """Makes the next waiting trial run and returns its number.

        Earlier versions recorded trials as waiting first, and may have been stopped there.
        """
        trial = self._study.ask(DISTRIBUTIONS)
        return trial.number

    def unfinished(self) -> list[RecordedTrial]:
        """Trials that an earlier driver began and did not see to their end."""
        return [trial for trial in self.trials() if trial.state in ("running", "waiting")]

    def set_run(self, number: int, run: str) -> None:
        """Notes in which run folder a trial runs."""
        self._handle(number).set_user_attr("run", run)

    def record_evaluation(
        self,
        number: int,
        rows: Sequence[Row],
        objective: float | None,
        counted: Sequence[Row] | None = None,
    ) -> None:
        """Notes the rows of an evaluation and the objective there.

        Args:
            number: The trial's number.
            rows: The rows of the newest evaluation.
            objective: J of these.
            counted: The rows of the evaluation that counts so far, if not of the newest.
        """
        trial = self._handle(number)
        step = rows[0].step
        languages = {
            row.language: {
                "score": row.score,
                "language_correct_rate": row.language_correct_rate,
                "mean_length": row.mean_length,
            }
            for row in counted or rows
        }
        trial.set_user_attr("languages", languages)
        source = self.configuration["source_language"]
        for name, key in (("score", "score"), ("LCR", "language_correct_rate")):
            values = [one[key] for code, one in languages.items() if code != source]
            if known := [value for value in values if value is not None]:
                trial.set_user_attr(name, round(fmean(known), 2))  # for people, like the method
        if objective is not None and step not in self._frozen(number).intermediate_values:
            trial.report(objective, step)

    def finish(self, number: int, outcome: Outcome, reason: str | None = None) -> None:
        """Ends a running trial. An ended one stays as it is."""
        if reason is not None and not self._frozen(number).state.is_finished():
            self._handle(number).set_user_attr("reason", reason)
        state = TrialState[outcome.state.name]
        value = outcome.objective if state is TrialState.COMPLETE else None
        self._study.tell(number, value, state=state, skip_if_finished=True)

    def spent(self, what: int | str) -> Spent:
        """The device time of a trial's number, or of something that trials share."""
        if isinstance(what, int):
            return self.trial(what).cost
        return Spent.from_json(self._study.user_attrs.get(f"{COST} of {what}"))

    def set_spent(self, what: int | str, spent: Spent) -> None:
        """Notes the device time of a trial's number, or of something that trials share.

        That of an ended trial stays as it is.
        """
        if not isinstance(what, int):
            self._study.set_user_attr(f"{COST} of {what}", spent.as_json())
        elif not self._frozen(what).state.is_finished():
            self._handle(what).set_user_attr(COST, spent.as_json())

    @property
    def stopped(self) -> str | None:
        """Why the last launch ended before the search did, in words; None if it did not."""
        value: str | None = self._study.user_attrs.get(STOPPED)
        return value

    def set_stopped(self, reason: str | None) -> None:
        """Notes why a launch ended, or that one goes on."""
        if reason != self.stopped:
            self._study.set_user_attr(STOPPED, reason)

    def wall_seconds(self) -> float:
        """Seconds from the first trial's start to the last one's end, pauses included."""
        trials = [t for t in self._study.get_trials(deepcopy=False) if t.datetime_start]
        ends = [t.datetime_complete for t in trials if t.datetime_complete]
        starts = [t.datetime_start for t in trials if t.datetime_start]
        return (max(ends) - min(starts)).total_seconds() if ends else 0.0

    def lose(self, number: int, reason: str) -> None:
        """Fails a running trial for a reason that lies outside of it: a worker, a disk."""
        if not self._frozen(number).state.is_finished():
            self._handle(number).set_user_attr(LOST, True)
        self.finish(number, Outcome(State.FAIL), reason)

    def forget_lost(self) -> None:
        """Lets the plan ask again for the points of trials that are lost up to now.

        Those that are lost later are not asked for again, so that a launch ends.
        """
        self._forgotten = {trial.number for trial in self.trials() if trial.lost}

    def lost_points(self) -> list[RecordedTrial]:
        """Trials that were lost since ``forget_lost``, whose points the search waits for."""
        return [t for t in self.trials() if t.lost and t.number not in self._forgotten]

    def choice(self) -> RecordedTrial | None:
        """The chosen trial of a finished search, its first seed; the best so far of another, by the
        mean over the seeds that have ended, none of which failed."""
        # Of a run that was lost and tried again the later one counts.
        ended = {t.point: t for t in self.trials() if t.state not in ("running", "waiting")}
        now = self.plan()
        if isinstance(now, Done):
            best = ended.get(now.choice.best) if now.choice.best else None
            return best if best is not None and best.state == "complete" else None
        asked = self.configuration.get("methods")
        seeds: dict[Point, list[RecordedTrial]] = {}
        for point, trial in ended.items():
            # Not those of a method that only lends its learning rate.
            if not asked or point.method in asked:
                seeds.setdefault(replace(point, seed=0), []).append(trial)

        def rank(trials: list[RecordedTrial]) -> tuple[float, LearningRate, bool]:
            values = [trial.objective for trial in trials if trial.objective is not None]
            point = trials[0].point
            return fmean(values), point.learning_rate, not point.intermediate_tuning

        complete = [group for group in seeds.values() if all(t.state == "complete" for t in group)]
        best_group = max(complete, key=rank, default=[])
        return min(best_group, key=lambda trial: trial.point.seed, default=None)

    def is_done(self) -> bool:
        """Whether the protocol has its answer."""
        return isinstance(self.plan(), Done)

    def next_request(self) -> Request | None:
        """The first point that can be started now, if any."""
        now = self.plan()
        return now.requests[0] if isinstance(now, Start) else None

    def _handle(self, number: int) -> optuna.Trial:
        return optuna.Trial(self._study, self._frozen(number)._trial_id)

    def _frozen(self, number: int) -> FrozenTrial:
        return self._study.get_trials(deepcopy=False)[number]
