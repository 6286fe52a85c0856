"""What a search has finished, seen from outside: files of runs, and the command's own words."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Key = tuple[str, float, bool, int]
"""Method, learning rate, intermediate tuning, seed: a point of the search."""


@dataclass(frozen=True)
class Answer:
    """What a search found.

    Attributes:
        objectives: Of all complete trials, by point.
        in_parts: Points whose run lacked memory and computed its batches in parts, which gives the
            same up to rounding only.
        diverged: Points whose loss was no longer finite.
        best: Name of the best run's folder.
        repeated: Points with more than one result.
    """

    objectives: dict[Key, float]
    in_parts: frozenset[Key]
    diverged: frozenset[Key]
    best: str
    repeated: int

    def same_as(self, calm: Answer) -> bool:
        """Whether a search found what the undisturbed one found: to the last digit, but for runs
        in parts."""
        exact = {key: value for key, value in self.objectives.items() if key not in self.in_parts}
        expected = {key: calm.objectives.get(key) for key in exact}
        return (
            exact == expected
            and self.objectives.keys() == calm.objectives.keys()
            and (self.diverged, self.best) == (calm.diverged, calm.best)
        )

    def describe_parts(self, calm: Answer) -> str:
        """The objectives of runs in parts, and what they were undisturbed."""
        both = [(self.objectives[key], calm.objectives[key]) for key in sorted(self.in_parts)]
        return "; ".join(f"a run in parts {here:.1f} for {there:.1f}" for here, there in both)


def answer(root: Path, study: str) -> Answer:
    """What ``xlsearch status`` says of a study."""
    command = [sys.executable, "-m", "xlsearch", "status", study, "--json", "--root", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    shown: dict[str, Any] = json.loads(done.stdout)
    assert shown["state"] == "complete", shown
    objectives: dict[Key, float] = {}
    in_parts: set[Key] = set()
    diverged: list[Key] = []
    repeated = 0
    for trial in shown["trials"]:
        names = ("method", "learning_rate", "intermediate_tuning", "seed")
        key: Key = tuple(trial[name] for name in names)
        if trial["state"] == "complete":
            repeated += key in objectives
            objectives[key] = trial["objective"]
            result = json.loads((root / "runs" / trial["run"] / "result.json").read_text())
            if (result["accumulation_steps"], result["evaluation_parts"]) != (1, 1):
                in_parts.add(key)
        elif "no longer finite" in trial.get("reason", ""):
            diverged.append(key)
    repeated += len(diverged) - len(set(diverged))
    best = shown["best"]["run"]
    return Answer(objectives, frozenset(in_parts), frozenset(diverged), best, repeated)


@dataclass
class Finished:
    """The finished runs of a root folder, looked at again and again while things are broken.

    Attributes:
        root: The root folder.
        seen: When and with what each run was finished, by the name of its folder.
        lost: Runs that were finished once and are no more.
        repeated: Runs that were finished a second time.
    """

    root: Path
    seen: dict[str, tuple[int, str]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Compares the runs with what they were."""
        now: dict[str, tuple[int, str]] = {}
        for path in self.root.glob("runs/*/result.json"):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            now[path.parent.name] = (os.stat(path).st_mtime_ns, digest)
        for name, before in self.seen.items():
            if name not in now:
                self.lost.add(name)
            elif now[name] != before:
                self.repeated.add(name)
        self.seen.update(now)
