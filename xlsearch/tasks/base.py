"""What a task is, and where its examples come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from xlsearch.tasks.example import Example


class TaskData(Protocol):
    """The examples of a task at one scale."""

    @property
    def fingerprint(self) -> str:
        """Names the data: equal fingerprints, equal examples."""

    def train(self, language: str, limit: int | None) -> Sequence[Example]:
        """Training examples in a source language; at most ``limit`` from the start."""

    def evaluation(self, language: str, limit: int) -> Sequence[Example]:
        """At most ``limit`` examples, from the start, of the set that a search is tuned on."""


@dataclass(frozen=True)
class Task:
    """A generation task.

    Attributes:
        name: Name on the command line.
        scorer: Key of ``xlsearch.evaluation.scorers.registry.SCORERS``.
        languages: Target languages that a search is tuned on, by scale.
        data: The examples, by scale.
    """

    name: str
    scorer: str
    languages: dict[str, tuple[str, ...]]
    data: dict[str, TaskData]
