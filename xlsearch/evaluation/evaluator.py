"""An evaluation: outputs in every language, their scores, LCR, length and XLRS, as tidy rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import fmean

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xlsearch.config.run import RunConfig
from xlsearch.evaluation.generation import generate
from xlsearch.evaluation.scorers.base import Scorer
from xlsearch.evaluation.similarity import Similarity
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.models.families import Family
from xlsearch.models.precision import resolve_precision
from xlsearch.runs.rows import Row
from xlsearch.tasks.base import Split, TaskData
from xlsearch.tasks.example import Example


@dataclass(frozen=True)
class _Language:
    """The evaluation set in one language, ready to generate from."""

    code: str
    examples: list[Example]
    sources: list[list[int]]


class Evaluator:
    """Evaluates a model on fixed examples.

    Args:
        config: The run: languages, settings, and what its rows are labelled with.
        data: The task's data.
        scorer: The task's metric.
        family: The model's family.
        tokenizer: The model's tokenizer.
        input_limit: Longest input in pieces.
        identifier: Judges the language of outputs.
        similarity: Measures XLRS; None where there are no parallel sentences.

    Raises:
        UserError: If the identifier's model can't be used, or there is no data.
    """

    def __init__(
        self,
        config: RunConfig,
        data: TaskData,
        scorer: Scorer,
        family: Family,
        tokenizer: PreTrainedTokenizerBase,
        input_limit: int,
        identifier: LanguageIdentifier,
        similarity: Similarity | None = None,
    ) -> None:
        self._config = config
        self._scorer = scorer
        self._family = family
        self._tokenizer = tokenizer
        identifier.check()  # now, and not after the first hour of training
        self._identifier = identifier
        self._similarity = similarity
        self._languages = []
        for code in config.languages:
            split = Split(config.evaluation.split)
            found = data.load(split, code, config.evaluation.examples)
            examples = list(found.examples)
            sources = family.encode(
                tokenizer,
                [example.source for example in examples],
                code,
                input_limit,
                [example.ending for example in examples],
            )
            self._languages.append(_Language(code, examples, sources))

    def evaluate(
        self,
        model: PreTrainedModel,
        step: int,
        on_language: Callable[[str], None] | None = None,
        parts: int = 1,
    ) -> list[Row]:
        """The rows of one evaluation, one a language.

        Args:
            model: On its device.
            step: Updates done so far, for the rows.
            on_language: Called with each language's code before its outputs are generated.
            parts: What ``evaluation.batch_tokens`` is divided by, to need less memory.
        """
        rows = []
        device = next(model.parameters()).device
        precision = resolve_precision(self._config.training.precision, device)
        alike = self._similarity.measure(model, precision, parts) if self._similarity else {}
        for language in self._languages:
            if on_language is not None:
                on_language(language.code)
            outputs = self._outputs(model, language, parts)
            scored = self._scorer.compute(
                predictions=outputs,
                references=[example.references for example in language.examples],
                language=language.code,
            )
            rows.append(
                self._row(
                    step,
                    language.code,
                    score=scored["mean"],
                    rate=self._identifier.correct_rate(outputs, language.code),
                    length=fmean(map(len, outputs)),
                    xlrs=alike.get(language.code),
                )
            )
        return rows

    def outputs(self, model: PreTrainedModel) -> Iterator[tuple[str, list[Example], list[str]]]:
        """Each language with its examples and the model's outputs for them, one by one.

        Args:
            model: On its device.
        """
        for language in self._languages:
            yield language.code, language.examples, self._outputs(model, language)

    def _outputs(self, model: PreTrainedModel, language: _Language, parts: int = 1) -> list[str]:
        return generate(
            model,
            self._tokenizer,
            self._family,
            language.sources,
            language.code,
            self._config.generation,
            self._config.evaluation.batch_tokens // parts,
            resolve_precision(self._config.training.precision, next(model.parameters()).device),
        )

    def diverged(self, step: int) -> list[Row]:
        """The rows of a run whose weights are no longer finite: no scores."""
        return [self._row(step, language.code, None, None, None) for language in self._languages]

    def _row(
        self,
        step: int,
        language: str,
        score: float | None,
        rate: float | None,
        length: float | None,
        xlrs: float | None = None,
    ) -> Row:
        config = self._config
        return Row(
            task=config.task,
            model=config.model,
            method=config.method,
            intermediate_tuning=config.intermediate_tuning,
            learning_rate=float(config.learning_rate),
            seed=config.seed,
            step=step,
            language=language,
            score=score,
            language_correct_rate=rate,
            mean_length=length,
            scorer=config.scorer,
            xlrs=xlrs,
        )
