"""How a search goes, as numbers with names and labels."""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.trial.report import IntermediateReport, TrialReport

_STUDY = ("study",)
_TRIAL = (*_STUDY, "trial", "method", "learning_rate", "intermediate_tuning")
"""A trial has one of each, so that these labels make no more series than its number alone would.
The learning rate is the exact decimal, as everywhere that people read it."""
_LANGUAGE = (*_TRIAL, "language", "role")


@dataclass(frozen=True)
class Metric:
    """A number that a search tells about itself.

    Attributes:
        name: In Prometheus with ``ray_`` before it, since Ray exports it.
        description: What it is, with its unit.
        labels: Names of its labels.
    """

    name: str
    description: str
    labels: tuple[str, ...]


SEARCH_UP = Metric("xlsearch_search_up", "1 while the driver of the search lives.", _STUDY)
TRIALS = Metric("xlsearch_trials", "Trials by stage and state.", (*_STUDY, "stage", "state"))
BEST = Metric("xlsearch_best_objective", "Objective of the best complete trial.", _TRIAL)
DEVICE_HOURS = Metric(
    "xlsearch_device_hours",
    "Hours that this launch held GPUs, or CPU cores where there are none.",
    (*_STUDY, "device"),
)
DISK_FREE = Metric("xlsearch_disk_free_bytes", "Free where the root folder is.", _STUDY)
DISK_SIZE = Metric("xlsearch_disk_size_bytes", "Size of that disk.", _STUDY)
TUNING_STEP = Metric("xlsearch_tuning_step", "Updates done of intermediate tuning.", _STUDY)
TUNING_STEPS = Metric("xlsearch_tuning_steps", "Updates of intermediate tuning in all.", _STUDY)

TRIAL_INFO = Metric(
    "xlsearch_trial_info",
    "1; says a trial's stage, state and seed.",
    (*_TRIAL, "stage", "state", "seed"),
)
OBJECTIVE = Metric("xlsearch_trial_objective", "Objective at the latest evaluation.", _TRIAL)
SCORE = Metric("xlsearch_trial_score", "Score, 0 to 100.", _LANGUAGE)
LCR = Metric("xlsearch_trial_language_correct_rate", "LCR in percent.", _LANGUAGE)
LOSS = Metric("xlsearch_trial_loss", "Loss of a running trial, nats a token.", _TRIAL)
SPEED = Metric("xlsearch_trial_tokens_per_second", "Tokens trained on a second.", _TRIAL)
STEP = Metric("xlsearch_trial_step", "Updates done by a running trial.", _TRIAL)
STEPS = Metric("xlsearch_trial_steps", "Updates of a running trial in all.", _TRIAL)
SECONDS_LEFT = Metric("xlsearch_trial_seconds_left", "Estimate until a trial ends.", _TRIAL)
LAST_PROGRESS = Metric(
    "xlsearch_trial_last_progress_timestamp_seconds",
    "When a running trial last said anything, seconds since 1970.",
    _TRIAL,
)

METRICS = (
    SEARCH_UP, TRIALS, BEST, DEVICE_HOURS, DISK_FREE, DISK_SIZE, TUNING_STEP, TUNING_STEPS,
    TRIAL_INFO, OBJECTIVE, SCORE, LCR, LOSS, SPEED, STEP, STEPS, SECONDS_LEFT, LAST_PROGRESS,
)  # fmt: skip

_STATES = ("waiting", "running", "complete", "pruned", "fail")


@dataclass(frozen=True)
class Sample:
    """A metric's value now, for one set of labels."""

    metric: Metric
    labels: dict[str, str]
    value: float


@dataclass
class _Live:
    """What is known of a running trial beside its record."""

    since: float
    progress: float
    report: TrialReport | None = None
    objective: float | None = None
    scores: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)


class SearchMetrics:
    """A listener that knows all metrics of a search at any moment.

    Args:
        study: Name of the study.
        source: Source language; its scores get the role ``source``, others ``target``.
        trials: What the study knows already.
        device: ``gpu`` or ``cpu``.
        devices: How many of them a trial holds.
        root: The root folder of all that xlsearch writes.
        clock: Says the time, in seconds since 1970.

    Figures of a running trial that mean nothing when it has ended (loss, speed, steps, time of the
    last progress) are no longer given then; objective, score and LCR stay.
    """

    def __init__(
        self,
        study: str,
        source: str,
        trials: Iterable[RecordedTrial],
        device: str,
        devices: float,
        root: Path,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._study = study
        self._source = source
        self._trials = {trial.number: trial for trial in trials}
        self._device = device
        self._devices = devices
        self._root = root
        self._clock = clock
        self._live: dict[int, _Live] = {}
        self._spent = 0.0
        self._tuning: IntermediateReport | None = None
        self._tuning_since: float | None = None
        # Asked on a thread of its own, told on the driver's.
        self._lock = threading.Lock()

    def started(self, trial: RecordedTrial) -> None:
        """Begins to count a trial's time; again, where its worker was lost."""
        with self._lock:
            if before := self._live.get(trial.number):
                self._spent += before.progress - before.since
            self._trials[trial.number] = trial
            self._live[trial.number] = _Live(self._clock(), self._clock())

    def reported(self, number: int, report: TrialReport, objective: float | None) -> None:
        """Keeps the latest of a running trial."""
        with self._lock:
            if (live := self._live.get(number)) is None:
                return
            live.progress, live.report, live.objective = self._clock(), report, objective
            for row in report.rows:
                live.scores[row.language] = (row.score, row.language_correct_rate)

    def tuning(self, report: IntermediateReport) -> None:
        """Keeps how far intermediate tuning is, and counts its time."""
        with self._lock:
            self._tuning = report
            if self._tuning_since is None:
                self._tuning_since = self._clock()
            if report.phase == "complete":
                self._spent += self._clock() - self._tuning_since
                self._tuning_since = None

    def ended(self, trial: RecordedTrial) -> None:
        """Puts the trial's record in the place of what it said."""
        with self._lock:
            self._trials[trial.number] = trial
            if live := self._live.pop(trial.number, None):
                self._spent += self._clock() - live.since

    def samples(self) -> list[Sample]:
        """All metrics now."""
        with self._lock:
            return [*self._of_search(), *self._of_trials()]

    def _of_search(self) -> Iterator[Sample]:
        study = {"study": self._study}
        yield Sample(SEARCH_UP, study, 1.0)
        counts = Counter((trial.stage, trial.state) for trial in self._trials.values())
        for stage in sorted({stage for stage, _ in counts}):
            for state in _STATES:
                labels = {**study, "stage": stage, "state": state}
                yield Sample(TRIALS, labels, float(counts[stage, state]))
        complete = [trial for trial in self._trials.values() if trial.objective is not None]
        if complete:
            best = max(complete, key=lambda trial: trial.objective or 0.0)
            yield Sample(BEST, self._labels(best), best.objective or 0.0)
        yield Sample(DEVICE_HOURS, {**study, "device": self._device}, self._device_hours())
        try:
            disk = shutil.disk_usage(self._root)
        except OSError:
            pass  # the disk is away; the search says so itself if that matters
        else:
            yield Sample(DISK_FREE, study, float(disk.free))
            yield Sample(DISK_SIZE, study, float(disk.total))
        if self._tuning is not None:
            yield Sample(TUNING_STEP, study, float(self._tuning.step))
            yield Sample(TUNING_STEPS, study, float(self._tuning.steps))

    def _of_trials(self) -> Iterator[Sample]:
        for number, trial in self._trials.items():
            labels, live = self._labels(trial), self._live.get(number)
            info = {"stage": trial.stage, "state": trial.state, "seed": str(trial.point.seed)}
            yield Sample(TRIAL_INFO, {**labels, **info}, 1.0)
            objective = trial.objective if live is None else live.objective
            scores = {
                language: (values["score"], values["language_correct_rate"])
                for language, values in trial.languages.items()
            }
            if live is not None:
                scores = live.scores
                yield Sample(LAST_PROGRESS, labels, live.progress)
                if live.report is not None:
                    yield from _of_report(live.report, labels)
            if objective is not None:
                yield Sample(OBJECTIVE, labels, objective)
            for language, (score, rate) in scores.items():
                role = "source" if language == self._source else "target"
                place = {**labels, "language": language, "role": role}
                if score is not None:
                    yield Sample(SCORE, place, score)
                if rate is not None:
                    yield Sample(LCR, place, rate)

    def _labels(self, trial: RecordedTrial) -> dict[str, str]:
        point = trial.point
        return {
            "study": self._study,
            "trial": str(trial.number),
            "method": point.method,
            "learning_rate": str(point.learning_rate),
            "intermediate_tuning": "yes" if point.intermediate_tuning else "no",
        }

    def _device_hours(self) -> float:
        now = self._clock()
        running = [live.since for live in self._live.values()]
        if self._tuning_since is not None:
            running.append(self._tuning_since)
        return (self._spent + sum(now - since for since in running)) * self._devices / 3600


def _of_report(report: TrialReport, labels: dict[str, str]) -> Iterator[Sample]:
    values = {
        STEP: report.step,
        STEPS: report.steps,
        LOSS: report.loss,
        SPEED: report.tokens_per_second,
        SECONDS_LEFT: report.seconds_left,
    }
    for metric, value in values.items():
        if value is not None:
            yield Sample(metric, labels, float(value))
