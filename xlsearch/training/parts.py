"""A part of the training data as encoded examples, whatever kind it is of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from xlsearch.config.run import PartKind, TrainingPart
from xlsearch.languages import SOURCE_LANGUAGE
from xlsearch.models.families import Family
from xlsearch.models.translation import Translator
from xlsearch.runs.content import ContentStore
from xlsearch.tasks.base import TaskData
from xlsearch.tasks.example import Example
from xlsearch.tasks.texts import Texts
from xlsearch.training.encoded import (
    EncodedExamples,
    OnEncoded,
    encoded_examples,
    example_pairs,
    obtain_encoded,
)
from xlsearch.training.objectives import OBJECTIVES, PREFIX_LM
from xlsearch.training.passages import Passages
from xlsearch.training.translated import translated_examples

TEXTS = 20_000
"""Texts a language where the number of examples is not limited. At the paper's scale a run trains
on 200,000 to 400,000 instances; 1 % of them, over all languages, are fewer than this."""

_FORMAT = 1
"""Raised when the same text would be encoded differently."""

OnTranslated = Callable[[str, int, int], None]
"""Called with the language, the examples translated so far, and all."""


@dataclass(frozen=True)
class PartEncoder:
    """Encodes parts of the training data for one model.

    Attributes:
        store: Where encoded data is kept.
        family: Lays out the sequences.
        tokenizer: The model's tokenizer.
        checkpoint_name: Names the tokenizer's model.
        input_limit: Longest source and longest label sequence.
        texts: Plain text, for parts made of it.
        data: The task's examples, for parts made of them.
        on_encoded: Told about the examples encoded so far, and all, of the part.
        on_wait: Told about a process that encodes the same.
        translator: Translates the task's examples, for translated parts.
        on_translated: Told the language, the examples translated so far, and all.
    """

    store: ContentStore
    family: Family
    tokenizer: PreTrainedTokenizerBase
    checkpoint_name: str
    input_limit: int
    texts: Texts
    data: TaskData | None = None
    on_encoded: OnEncoded = lambda done, all: None
    on_wait: Callable[[str], None] = lambda who: None
    translator: Translator | None = None
    on_translated: OnTranslated = lambda language, done, all: None

    def examples(self, language: str, limit: int | None) -> EncodedExamples:
        """The task's training examples in a language, at most ``limit``."""
        assert self.data is not None
        return encoded_examples(
            self.store,
            self.data,
            language=language,
            limit=limit,
            family=self.family,
            tokenizer=self.tokenizer,
            checkpoint_name=self.checkpoint_name,
            input_limit=self.input_limit,
            on_encoded=self.on_encoded,
            on_wait=self.on_wait,
        )

    def translated(self, language: str, limit: int | None) -> EncodedExamples:
        """The source language's training examples, at most ``limit``, translated."""
        assert self.data is not None
        assert self.translator is not None
        data, translator = self.data, self.translator
        description = {
            "kind": "translated",
            "format": _FORMAT,
            "data": data.training_fingerprint(SOURCE_LANGUAGE),
            "translator": translator.name,
            "language": language,
            "limit": limit,
            "tokenizer": self.checkpoint_name,
            "input_limit": self.input_limit,
        }

        def load() -> list[Example]:
            return translated_examples(
                self.store,
                data,
                language,
                limit,
                translator,
                lambda done, all: self.on_translated(language, done, all),
                self.on_wait,
            )

        return obtain_encoded(
            self.store,
            description,
            load,
            lambda examples, first: example_pairs(
                examples, language, self.family, self.tokenizer, self.input_limit
            ),
            self.on_encoded,
            self.on_wait,
        )

    def text_pairs(
        self, language: str, limit: int, objective: str = PREFIX_LM, held_out: int = 0
    ) -> EncodedExamples:
        """Pairs made of plain text.

        Args:
            language: ISO 639-1 code.
            limit: Texts to read.
            objective: Key of ``OBJECTIVES``.
            held_out: So many of these, the last ones, are left out.
        """
        passages = Passages(self.family, self.tokenizer, language, self.input_limit)

        def load() -> list[str]:
            texts = self.texts.load(language, limit)
            return texts[: len(texts) - held_out]

        description = {
            "kind": "text",
            "format": _FORMAT,
            "text": self.texts.fingerprint([language]),
            "language": language,
            "objective": objective,
            "limit": limit,
            "held_out": held_out,
            "tokenizer": self.checkpoint_name,
            "input_limit": self.input_limit,
        }
        make = OBJECTIVES[objective]
        return obtain_encoded(
            self.store,
            description,
            load,
            lambda texts, first: make(texts, first, passages),
            self.on_encoded,
            self.on_wait,
        )


def part_examples(
    encoder: PartEncoder, part: TrainingPart, examples: int | None
) -> EncodedExamples:
    """The encoded examples of a part, made now if no trial made them before.

    Args:
        encoder: Of the run's model and task.
        part: The part.
        examples: ``training.examples`` of the run.
    """
    return _KINDS[part.kind](encoder, part, examples)


_KINDS: dict[PartKind, Callable[[PartEncoder, TrainingPart, int | None], EncodedExamples]] = {
    "task": lambda encoder, part, examples: encoder.examples(part.language, examples),
    "translated": lambda encoder, part, examples: encoder.translated(part.language, examples),
    "text": lambda encoder, part, examples: encoder.text_pairs(part.language, examples or TEXTS),
}
