"""What a study has cost, by stage and method: spent, wasted, and saved by reuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlsearch.runs.atomic import read_json
from xlsearch.runs.remote import fetched
from xlsearch.search.recorded_trial import RecordedTrial
from xlsearch.search.spending import PREPARATION, TUNING, Attempt, DeviceTime, Spent
from xlsearch.search.study import Study


@dataclass(frozen=True)
class Entry:
    """A line of the ledger.

    Attributes:
        stage: Part of the protocol, or what trials share.
        method: Adaptation method; empty for what all share.
        runs: Trials that a worker has begun.
        spent: Device time of this study, wasted time included.
        wasted: The part of it after the last checkpoint of a worker that was lost, and all of a
            trial that was lost for good. That of a diverged trial is none: it is an answer.
        saved: What runs had cost that this study found complete.
    """

    stage: str
    method: str
    runs: int
    spent: DeviceTime
    wasted: DeviceTime
    saved: DeviceTime

    def describe(self) -> str:
        """The three times in words."""
        return (
            f"{self.spent.describe()} spent, of it {self.wasted.describe()} wasted; "
            f"{self.saved.describe()} saved by reuse"
        )


@dataclass(frozen=True)
class Ledger:
    """What a study has cost.

    Attributes:
        entries: By stage and method, in the order in which they were begun.
        total: Their sum.
        incomplete: Trials of which only training and evaluation are known, not loading and what
            was lost: an earlier version of xlsearch ran them.
    """

    entries: tuple[Entry, ...]
    total: Entry
    incomplete: int

    def as_json(self) -> dict[str, Any]:
        """In hours."""
        return {
            "entries": [_as_json(entry) for entry in self.entries],
            "total": {
                key: value
                for key, value in _as_json(self.total).items()
                if key not in ("stage", "method")
            },
            "incomplete": self.incomplete,
        }


def study_ledger(study: Study, root: Path) -> Ledger:
    """The ledger of a study.

    Args:
        study: The study.
        root: The root folder, where the runs are.
    """
    entries = []
    for what in (PREPARATION, TUNING):
        shared = study.spent(what)
        if shared.attempts:
            entries.append(Entry(what, "", 0, shared.spent, shared.lost, shared.reused))
    trials = study.trials()
    done = {trial.point: trial.number for trial in trials if not trial.lost}
    begun: dict[str, int] = {}
    groups: dict[tuple[str, str], list[Entry]] = {}
    incomplete = 0
    for trial in trials:
        if trial.run is None:
            continue
        cost = trial.cost
        if not cost.attempts and (cost := _of_earlier_version(root, trial.run)).attempts:
            incomplete += 1
        # Another trial of this study has paid for what a trial found complete.
        first = begun.setdefault(trial.run, trial.number) == trial.number
        for_good = trial.lost and done.get(trial.point, -1) < trial.number
        place = (trial.stage, trial.point.method)
        groups.setdefault(place, []).append(
            Entry(
                *place,
                1,
                cost.spent,
                cost.spent if for_good else cost.lost,
                cost.reused if first else DeviceTime(),
            )
        )
    entries += [_sum(*place, group) for place, group in groups.items()]
    return Ledger(tuple(entries), _sum("total", "", entries), incomplete)


def trial_cost(trial: RecordedTrial) -> str:
    """What a trial has cost, for a table; empty where nothing is known."""
    return trial.cost.spent.describe() if trial.cost.attempts else ""


def _of_earlier_version(root: Path, run: str) -> Spent:
    """What is known of a run whose trial has no cost: its training and evaluation."""
    path = fetched(root, f"runs/{run}/result.json")
    if not path.exists():
        return Spent()
    result = read_json(path)
    seconds = result["train_seconds"] + result["evaluation_seconds"]
    on_cpu = result["device"] == "cpu"
    return Spent((Attempt(0, seconds, seconds, 0, 0.0 if on_cpu else 1.0, float(on_cpu)),))


def _sum(stage: str, method: str, entries: Sequence[Entry]) -> Entry:
    return Entry(
        stage,
        method,
        sum(entry.runs for entry in entries),
        sum((entry.spent for entry in entries), DeviceTime()),
        sum((entry.wasted for entry in entries), DeviceTime()),
        sum((entry.saved for entry in entries), DeviceTime()),
    )


def _as_json(entry: Entry) -> dict[str, Any]:
    times = {"spent": entry.spent, "wasted": entry.wasted, "saved": entry.saved}
    return {
        "stage": entry.stage,
        "method": entry.method,
        "runs": entry.runs,
        **{name: hours_as_json(time) for name, time in times.items()},
    }


def hours_as_json(time: DeviceTime) -> dict[str, float]:
    """Device time in hours."""
    return {
        "gpu_hours": round(time.gpu_seconds / 3600, 5),
        "core_hours": round(time.core_seconds / 3600, 5),
    }
