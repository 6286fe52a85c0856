"""What trials have cost: device time spent, lost, and saved by reuse.

A trial's cost is in the study, so that it outlives a driver. It is made of attempts: a worker
begins a trial, and ends it or is lost; the next worker goes on from the last checkpoint.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsearch.search.study import Study
    from xlsearch.trial.report import TrialReport

TUNING = "intermediate tuning"
PREPARATION = "preparation"
"""What trials share: the intermediate-tuned model; the pretrained model and encoded data."""

_WRITE_EVERY = 30.0
"""Most seconds of a running attempt that the study does not know of."""


@dataclass(frozen=True)
class DeviceTime:
    """Time that devices were held for, whether busy or not.

    Attributes:
        gpu_seconds: Seconds times GPUs, or the fraction of one.
        core_seconds: Seconds times cores, of what ran without a GPU.
    """

    gpu_seconds: float = 0.0
    core_seconds: float = 0.0

    def __add__(self, other: DeviceTime) -> DeviceTime:
        return DeviceTime(
            self.gpu_seconds + other.gpu_seconds, self.core_seconds + other.core_seconds
        )

    def describe(self) -> str:
        """In hours, with the unit."""
        shown = [
            f"{hours_in_words(seconds / 3600)} {unit}"
            for seconds, unit in (
                (self.gpu_seconds, "GPU-hours"),
                (self.core_seconds, "core-hours"),
            )
            if seconds
        ]
        return " and ".join(shown) or "0 hours"


def hours_in_words(hours: float) -> str:
    """Hours with as many digits as are worth reading, never in powers of ten."""
    shown = f"{hours:.1f}" if hours >= 1 else f"{hours:.3f}"
    return shown.rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Attempt:
    """A worker's work on a trial.

    Attributes:
        begun: Unix time at the worker; names the attempt.
        seconds: Wall time from there to its end, or to the last that was heard of it, with loading
            and evaluations.
        kept: The part of ``seconds`` up to the last checkpoint; all of an attempt that ended its
            trial.
        step: Updates done at that checkpoint.
        gpus: GPUs held; a fraction shares one.
        cores: Cores held, where no GPU is.
    """

    begun: float
    seconds: float
    kept: float = 0.0
    step: int = 0
    gpus: float = 0.0
    cores: float = 0.0

    def held(self, seconds: float) -> DeviceTime:
        """Device time of so many of its seconds."""
        return DeviceTime(seconds * self.gpus, seconds * self.cores)


@dataclass(frozen=True)
class Spent:
    """What a trial, or something that trials share, has cost.

    Attributes:
        attempts: In the order of their beginnings.
        reused: What its run had cost somebody else before, where it was found complete.
    """

    attempts: tuple[Attempt, ...] = ()
    reused: DeviceTime = DeviceTime()

    @property
    def spent(self) -> DeviceTime:
        """Of all attempts."""
        return sum((one.held(one.seconds) for one in self.attempts), DeviceTime())

    @property
    def lost(self) -> DeviceTime:
        """Of all attempts, after the last checkpoint of each: it was, or must be, done again."""
        return sum((one.held(one.seconds - one.kept) for one in self.attempts), DeviceTime())

    def as_json(self) -> dict[str, Any]:
        """As a user attribute of the study's."""
        return {
            "spent": asdict(self.spent),
            "lost": asdict(self.lost),
            "reused": asdict(self.reused),
            "attempts": [asdict(one) for one in self.attempts],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any] | None) -> Spent:
        """What ``as_json`` gave; nothing spent for None."""
        if values is None:
            return cls()
        attempts = tuple(Attempt(**one) for one in values["attempts"])
        return cls(attempts, DeviceTime(**values["reused"]))

    def heard(self, now: Attempt) -> Spent:
        """With the newest that is known of an attempt, new or known."""
        others = [one for one in self.attempts if one.begun != now.begun]
        return replace(self, attempts=tuple(sorted((*others, now), key=lambda one: one.begun)))

    def found_complete(self, begun: float, seconds: float) -> Spent:
        """With what a run had cost that an attempt found complete.

        Where earlier attempts of this trial worked on the run, it was they who completed it, the
        last of them after it was heard of for the last time.
        """
        # All others: the clock of another machine may be behind.
        earlier = [one for one in self.attempts if one.begun != begun]
        if not earlier:
            (now,) = (one for one in self.attempts if one.begun == begun)
            return replace(self, reused=now.held(seconds))
        last = earlier[-1]
        unheard = max(0.0, seconds - sum(one.seconds for one in earlier))
        whole = last.seconds + unheard
        return self.heard(replace(last, seconds=whole, kept=whole))


class Spending:
    """Writes what trials cost into the study while they run.

    Args:
        study: The record of the search.
        gpus: GPUs that each trial holds.
        cores: Cores that each trial holds; counted where there is no GPU.
    """

    def __init__(self, study: Study, gpus: float, cores: float) -> None:
        self._study = study
        self._gpus, self._cores = gpus, 0.0 if gpus else cores
        self._spent: dict[int | str, Spent] = {}
        self._written: dict[int | str, float] = {}

    def _of(self, what: int | str) -> Spent:
        if what not in self._spent:
            self._spent[what] = self._study.spent(what)
        return self._spent[what]

    def reported(self, number: int, begun: float, seconds: float, report: TrialReport) -> None:
        """A worker said something about a trial.

        Args:
            number: The trial's.
            begun: Unix time at which the worker began it.
            seconds: Wall time since.
            report: What it said.
        """
        before = self._of(number)
        known = [one for one in before.attempts if one.begun == begun]
        now = replace(known[0], seconds=seconds) if known else self._attempt(begun, seconds)
        step = report.rows[0].step if report.rows else 0
        # An evaluation that was reported before is told again by whoever goes on after it.
        saved = step > max((one.step for one in before.attempts), default=0)
        if saved:
            now = replace(now, kept=seconds, step=step)
        if ended := report.phase in ("complete", "diverged"):
            now = replace(now, kept=seconds)
        spent = before.heard(now)
        if report.reused_seconds is not None:
            spent = spent.found_complete(begun, report.reused_seconds)
        self._put(number, spent, at_once=saved or ended or not known)

    def failed(self, number: int, begun: float, seconds: float) -> None:
        """A worker gave up on a trial."""
        before = self._of(number)
        known = [one for one in before.attempts if one.begun == begun]
        now = known[0] if known else self._attempt(begun, 0.0)
        self._put(number, before.heard(replace(now, seconds=seconds)), at_once=True)

    def tuning(self, begun: float, seconds: float) -> None:
        """The worker that makes the intermediate-tuned model said something.

        What a lost one did after its checkpoint, a twentieth of a training at most, is not known
        and counts as kept.
        """
        now = replace(self._attempt(begun, seconds), kept=seconds)
        self._put(TUNING, self._of(TUNING).heard(now), at_once=False)

    def _attempt(self, begun: float, seconds: float) -> Attempt:
        return Attempt(begun, seconds, gpus=self._gpus, cores=self._cores)

    def _put(self, what: int | str, spent: Spent, at_once: bool) -> None:
        self._spent[what] = spent
        now = time.monotonic()
        if at_once or now - self._written.get(what, -_WRITE_EVERY) >= _WRITE_EVERY:
            self._written[what] = now
            self._study.set_spent(what, spent)

    def written(self, what: int | str) -> None:
        """Makes the study know all of something that has ended."""
        if what in self._spent:
            self._study.set_spent(what, self._spent.pop(what))
