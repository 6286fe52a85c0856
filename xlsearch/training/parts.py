"""A part of the training data as encoded examples, whatever kind it is of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from xlsearch.config.run import PartKind, TrainingPart
from xlsearch.errors import UserError
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

        Raises:
            UserError: If there is no text that a pair can be made of.
        """
        return self._text_pairs(language, limit, objective, held_out, of_held_out=False)

    def held_out_pairs(
        self, language: str, limit: int, objective: str, held_out: int
    ) -> EncodedExamples:
        """Pairs made of the texts that ``text_pairs`` leaves out. Arguments and errors are its."""
        return self._text_pairs(language, limit, objective, held_out, of_held_out=True)

    def _text_pairs(
        self, language: str, limit: int, objective: str, held_out: int, *, of_held_out: bool
    ) -> EncodedExamples:
        passages = Passages(self.family, self.tokenizer, language, self.input_limit)

        def load() -> Sequence[str]:
            texts = self.texts.load(language, limit)
            check_held_out(len(texts), held_out, language)
            kept = len(texts) - held_out
            return texts[kept:] if of_held_out else texts[:kept]

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
        before = limit - held_out if of_held_out else 0
        found = obtain_encoded(
            self.store,
            {**description, "of": "held out"} if of_held_out else description,
            load,
            lambda texts, first: make(texts, before + first, passages),
            self.on_encoded,
            self.on_wait,
        )
        if not len(found):
            raise UserError(
                f"no text in language {language!r} is long enough to be trained on; valid: texts "
                "of at least two words"
            )
        return found


def check_held_out(texts: int, held_out: int, language: str) -> None:
    """Refuses to hold out all texts of a language.

    Raises:
        UserError: If there are not more of them.
    """
    if texts <= held_out:
        raise UserError(
            f"intermediate.held_out is {held_out}, but there are only {texts} texts in "
            f"{language}; valid: fewer than there are texts"
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
