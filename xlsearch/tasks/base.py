"""What a task is, and where its examples come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.errors import UserError
from xlsearch.tasks.example import Example


class Split(StrEnum):
    """Which examples of a language.

    ``EVALUATION`` is what a search is tuned on; ``TEST`` is kept for the figures of a paper. A
    data set with one set for both (XQuAD) keeps the two apart by language.
    """

    TRAIN = "train"
    EVALUATION = "evaluation"
    TEST = "test"


@dataclass(frozen=True)
class ExampleSet:
    """The examples of one split in one language.

    Attributes:
        examples: Those that the task's filter keeps.
        total: How many there were before it.
    """

    examples: Sequence[Example]
    total: int


class TaskData(Protocol):
    """The examples of a task from one place."""

    def languages(self, split: Split = Split.EVALUATION) -> tuple[str, ...]:
        """ISO 639-1 codes of the languages that have a split, sorted."""

    def splits(self, language: str) -> tuple[Split, ...]:
        """The sets that a language has here; what serves as both evaluation and test is named
        once, as evaluation.
        """

    def fingerprint(self, languages: Sequence[str], split: Split = Split.EVALUATION) -> str:
        """Names the data of a run: equal fingerprints, equal examples.

        What the run does not read has no part in it.

        Args:
            languages: ISO 639-1 codes; the source language, which is trained on, comes first.
            split: What is evaluated.
        """

    def training_fingerprint(self, language: str) -> str:
        """Names the training set of a language alone."""

    def load(self, split: Split, language: str, limit: int | None = None) -> ExampleSet:
        """The examples of a split in a language, at most ``limit`` from the start.

        ``total`` counts all that were looked at.

        Raises:
            UserError: If there are none, or a file is broken.
        """


OpenData = Callable[[Sources], TaskData]
"""Opens a task's data in the user's folder; without one, where it usually is."""


@dataclass(frozen=True)
class Task:
    """A generation task.

    Attributes:
        name: Name on the command line.
        scorer: Key of ``xlsearch.evaluation.scorers.registry.SCORERS``.
        tuning_languages: Target languages that a search is tuned on, by scale.
        final_languages: Target languages of the published figures, by scale.
        open_data: Opens the examples, by scale.
    """

    name: str
    scorer: str
    tuning_languages: Mapping[str, tuple[str, ...]]
    final_languages: Mapping[str, tuple[str, ...]]
    open_data: Mapping[str, OpenData]

    def data(self, scale: str, sources: Sources = NOWHERE) -> TaskData:
        """The task's examples at a scale.

        Raises:
            UserError: If the task has no such scale.
        """
        if scale not in self.open_data:
            scales = ", ".join(self.open_data)
            raise UserError(f"task {self.name!r} has no {scale} scale; valid: {scales}")
        return self.open_data[scale](sources)
