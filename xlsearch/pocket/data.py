"""The pocket world's examples as a task's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlsearch.runs.content import content_name
from xlsearch.tasks.base import ExampleSet, Split

_TRAINING_EXAMPLES = 20_000
"""The world never ends; this is where a training set without a limit does."""

_SPLITS = {Split.TRAIN: "train", Split.EVALUATION: "validation", Split.TEST: "test"}

_PRETRAINED = ("en", "es", "fr", "ko", "ru", "zh")

_TRAINED_ON = {"xlsum": ("ar", "ja")}
"""Languages that a task has training data in, and nothing to evaluate: the models are not
pretrained on them, but their tokenizers have the words. As with the real data, XQuAD has none."""

_ENDLESS = 2_000
"""Evaluation examples where no limit is given, as many as the paper uses of real data."""

_FINGERPRINTED = 50
"""Examples a split and language that stand for all: one that changed shows among as many."""


@dataclass(frozen=True)
class PocketData:
    """Examples of one task, made by the world.

    Attributes:
        task: ``xlsum`` or ``xquad``.
    """

    task: str

    def languages(self, split: Split = Split.EVALUATION) -> tuple[str, ...]:
        """Those that the pocket models are pretrained on, and to train on, some more."""
        more = _TRAINED_ON.get(self.task, ()) if split is Split.TRAIN else ()
        return tuple(sorted((*_PRETRAINED, *more)))

    def splits(self, language: str) -> tuple[Split, ...]:
        """All, or the training set alone, or none."""
        return tuple(split for split in Split if language in self.languages(split))

    def fingerprint(self, languages: Sequence[str], split: Split = Split.EVALUATION) -> str:
        """Hash of the first examples in all languages of the splits that a run reads."""
        from xlsearch.pocket.languages import LANGUAGES

        return self._hash((Split.TRAIN, split), tuple(LANGUAGES))

    def training_fingerprint(self, language: str) -> str:
        """Hash of the first training examples."""
        return self._hash((Split.TRAIN,), (language,))

    def _hash(self, splits: Sequence[Split], languages: Sequence[str]) -> str:
        from xlsearch.pocket.examples import task_examples

        sample = {
            f"{name}/{language}": [
                [example.source, *example.references]
                for example in task_examples(self.task, name, language, _FINGERPRINTED)
            ]
            for name in (_SPLITS[split] for split in splits)
            for language in languages
        }
        return f"pocket-{self.task}-{content_name(sample)}"

    def load(self, split: Split, language: str, limit: int | None = None) -> ExampleSet:
        """The first ``limit`` examples."""
        from xlsearch.pocket.examples import task_examples

        endless = _TRAINING_EXAMPLES if split == Split.TRAIN else _ENDLESS
        examples = task_examples(self.task, _SPLITS[split], language, limit or endless)
        return ExampleSet(examples, total=len(examples))
