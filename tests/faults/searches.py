"""Searches on a cluster of this machine: the command in a process, and what is seen of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from .cluster import WAIT, Cluster, Node

SPACE = """
learning_rates: {decades: [3, 4], limits: [3, 4]}
crossing: {factors: [1], intermediate_tuning: [false]}
scales:
  pocket:
    default:
      training: {steps: 40, warmup_steps: 2, batch_tokens: 600, examples: 100}
      evaluation: {every_steps: 4, examples: 2, languages: [fr, ru]}
      generation: {max_new_tokens: 10}
"""
"""Three runs of ten checkpoints, two of them at a time."""


class Driver:
    """``xlsearch launch`` in a process of its own.

    Args:
        root: The root folder.
        on: The cluster.
        arguments: Further ones.
    """

    def __init__(self, root: Path, on: Cluster, *arguments: str) -> None:
        space = root.parent / "space.yaml"
        space.write_text(SPACE)
        self._log = root.parent / "launch.log"
        scale = ("--task", "xlsum", "--model", "mbart", "--scale", "pocket")
        where = ("--root", str(root), "--space", str(space), "--study", "s")
        command = [sys.executable, "-m", "xlsearch", "launch", *scale, *where]
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                [*command, "--address", on.address, *arguments],
                stdout=log,
                stderr=log,
                env=on.environment,
            )

    def output(self) -> str:
        return self._log.read_text()

    def running(self) -> bool:
        """Whether it runs.

        Raises:
            AssertionError: If it failed.
        """
        assert self.process.poll() in (None, 0), self.output()
        return self.process.poll() is None

    def end(self) -> int:
        """Its exit code."""
        return self.process.wait(WAIT)


class Watch:
    """What is seen in the run folders while a search runs.

    Attributes:
        steps: Steps of each run's checkpoints, in the order in which they came.
        pids: Processes that were seen to own each run.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.steps: dict[str, list[int]] = {}
        self.pids: dict[str, set[int]] = {}

    def look(self) -> None:
        for folder in self._root.glob("runs/*"):
            if not folder.is_dir():
                continue
            names = [place.name for place in folder.glob("checkpoint/step-*")]
            seen = self.steps.setdefault(folder.name, [])
            if names and int(max(names).split("-")[1]) not in seen[-1:]:
                seen.append(int(max(names).split("-")[1]))
            if (pid := _read(folder / "lock.holder.json").get("pid")) is not None:
                self.pids.setdefault(folder.name, set()).add(pid)

    def runs_of(self, node: Node) -> set[str]:
        """The runs that a process of the node owns or owned, as far as it still lives."""
        there = {process.pid for process in node.processes()}
        return {run for run, pids in self.pids.items() if pids & there}


def _read(file: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found


def status(root: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "xlsearch", "status", "s", "--json", "--root", str(root)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def rows(root: Path) -> dict[str, str]:
    """Every evaluation of every run."""
    files = root.glob("runs/*/evaluations.jsonl")
    return {file.parent.name: file.read_text() for file in files}
