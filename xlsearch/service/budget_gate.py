"""Lets a search start only what its budget has room for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

from xlsearch.search.planner import Start
from xlsearch.search.point import Point
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.spending import PREPARATION, TUNING, DeviceTime, hours_in_words
from xlsearch.search.study import Study
from xlsearch.service.budget import Budget

_LOOK_EVERY = 5.0
"""Seconds between two looks whether something that runs is there by now."""

What = Point | str
"""A point to run, or ``TUNING``: the intermediate-tuned model."""


@dataclass(frozen=True)
class Estimates:
    """What runs and intermediate tuning are expected to cost, before any was run.

    Attributes:
        run_hours: Device time of a run.
        tuning_hours: Device time of intermediate tuning, all of it.
    """

    run_hours: float
    tuning_hours: float


class BudgetGate:
    """Says what a search may start under a budget. What runs already is never stopped.

    Args:
        budget: What may be spent.
        study: Knows what was spent.
        estimates: Before the study has runs of its own to go by.
        is_complete: Whether something is there already, so that it costs nothing.
        clock: Seconds.
    """

    def __init__(
        self,
        budget: Budget,
        study: Study,
        estimates: Estimates,
        is_complete: Callable[[What], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._budget = budget
        self._study = study
        self._estimates = estimates
        self._is_complete = is_complete
        self._clock = clock
        self._complete: dict[What, bool] = {}
        self._looked: dict[What, float] = {}
        self._started: set[What] = set()
        self.has_refused = False
        """Whether it has ever refused what it was asked about."""

    def __call__(self, what: What) -> bool:
        """Whether something may be started now.

        It may, if all that was spent, all that is running is expected to spend still, and what
        this one is expected to cost, is within the budget.
        """
        fits = self.spent + self._expected() + self._left(what) <= self._budget.hours
        if fits:
            self._started.add(what)
        else:
            self.has_refused = True
        return fits

    @property
    def spent(self) -> float:
        """Hours that the study has cost so far."""
        shared = [self._study.spent(what).spent for what in (PREPARATION, TUNING)]
        times = [*shared, *(trial.cost.spent for trial in self._study.trials())]
        return self._budget.of(sum(times, DeviceTime()))

    def next(self) -> list[tuple[What, float]]:
        """What the search would start next, each with the hours it is expected to cost."""
        now = self._study.plan()
        asked = [request.point for request in now.requests] if isinstance(now, Start) else []
        points = [*(trial.point for trial in self._study.unfinished()), *asked]
        tuned = any(point.intermediate_tuning for point in points)
        first: list[What] = [TUNING] if tuned and self._left(TUNING) else []
        return [(what, self._left(what)) for what in (*first, *points)]

    def describe_stop(self) -> str:
        """Why the search stopped, and what it would do next."""
        unit = self._budget.unit_in_words
        what = "; ".join(
            f"{one if isinstance(one, str) else one.describe()}, about {hours_in_words(hours)}"
            for one, hours in self.next()
        )
        return (
            f"stopped by the budget of {self._budget}, of which {hours_in_words(self.spent)} are "
            f"spent; next, in {unit}: {what}; the same command with a larger budget continues"
        )

    def _expected(self) -> float:
        """Hours that what runs now is expected to spend still."""
        running: set[What] = {trial.point for trial in self._study.unfinished()}
        return sum(self._left(what) for what in (running | {TUNING}) & self._started)

    def _left(self, what: What) -> float:
        """Hours that something is expected to cost still."""
        if self._is_there(what):
            return 0.0
        if isinstance(what, str):
            spent = self._budget.of(self._study.spent(what).spent)
            return max(0.0, self._estimates.tuning_hours - spent)
        begun = [trial for trial in self._study.unfinished() if trial.point == what]
        return max(0.0, self._run_hours(what.method) - sum(map(self._hours, begun)))

    def _is_there(self, what: What) -> bool:
        """Looks once, since a search asks several times a second; while something runs, again, but
        not often: an object store may be asked."""
        now = self._clock()
        due = what in self._started and now - self._looked[what] >= _LOOK_EVERY
        if what not in self._complete or (due and not self._complete[what]):
            self._complete[what], self._looked[what] = self._is_complete(what), now
        return self._complete[what]

    def _run_hours(self, method: str) -> float:
        """Mean hours of the study's complete runs, of the method's if there are any."""
        own: list[float] = []
        others: list[float] = []
        for trial in self._study.trials():
            if trial.state == "complete" and trial.cost.reused == DeviceTime():
                (own if trial.point.method == method else others).append(self._hours(trial))
        known = own or others
        return fmean(known) if any(known) else self._estimates.run_hours

    def _hours(self, trial: RecordedTrial) -> float:
        return self._budget.of(trial.cost.spent)
