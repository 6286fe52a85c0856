"""The pocket world's examples as a task's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlsearch.runs.content import content_name
from xlsearch.tasks.example import Example

_TRAINING_EXAMPLES = 20_000
"""The world never ends; this is where a training set without a limit does."""

_FINGERPRINTED = 50
"""Examples a split and language that stand for all: one that changed shows among as many."""


@dataclass(frozen=True)
class PocketData:
    """Examples of one task, made by the world.

    Attributes:
        task: ``xlsum`` or ``xquad``.
    """

    task: str

    @property
    def fingerprint(self) -> str:
        """Hash of the first examples of the splits that searches use."""
        from xlsearch.pocket.examples import task_examples
        from xlsearch.pocket.languages import LANGUAGES

        sample = {
            f"{split}/{language}": [
                [example.source, *example.references]
                for example in task_examples(self.task, split, language, _FINGERPRINTED)
            ]
            for split in ("train", "validation")
            for language in LANGUAGES
        }
        return f"pocket-{self.task}-{content_name(sample)}"

    def train(self, language: str, limit: int | None) -> Sequence[Example]:
        """The first ``limit`` training examples."""
        from xlsearch.pocket.examples import task_examples

        return task_examples(self.task, "train", language, limit or _TRAINING_EXAMPLES)

    def evaluation(self, language: str, limit: int) -> Sequence[Example]:
        """The first ``limit`` validation examples."""
        from xlsearch.pocket.examples import task_examples

        return task_examples(self.task, "validation", language, limit)
