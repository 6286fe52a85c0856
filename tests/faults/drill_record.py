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
        diverged: Points whose trial failed.
        best: Name of the best run's folder.
        repeated: Points with more than one trial that ended.
    """

    objectives: dict[Key, float]
    diverged: frozenset[Key]
    best: str
    repeated: int

    def same_as(self, other: Answer) -> bool:
        """Whether another search found the same, to the last digit."""
        return (self.objectives, self.diverged, self.best) == (
            other.objectives,
            other.diverged,
            other.best,
        )


def answer(root: Path, study: str) -> Answer:
    """What ``xlsearch status`` says of a study."""
    command = [sys.executable, "-m", "xlsearch", "status", study, "--json", "--root", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    shown: dict[str, Any] = json.loads(done.stdout)
    assert shown["state"] == "complete", shown
    objectives: dict[Key, float] = {}
    diverged: list[Key] = []
    repeated = 0
    for trial in shown["trials"]:
        names = ("method", "learning_rate", "intermediate_tuning", "seed")
        key: Key = tuple(trial[name] for name in names)
        if trial["state"] == "complete":
            repeated += key in objectives
            objectives[key] = trial["objective"]
        elif trial["state"] == "fail":
            diverged.append(key)
    repeated += len(diverged) - len(set(diverged))
    return Answer(objectives, frozenset(diverged), shown["best"]["run"], repeated)


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
