"""The whole configuration of one run: all that decides its outcome, and nothing else."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.settings import Settings
from xlsearch.config.training import (
    EvaluationSettings,
    GenerationSettings,
    IntermediateSettings,
    TrainingSettings,
    TranslationSettings,
)

RUN_FORMAT: Literal[1] = 1
"""Raised when the same settings would give other numbers than before, so that no old run is taken
for a new one."""

PartKind = Literal["task", "text", "translated"]
"""What a part of the training data is: examples of the task, PrefixLM instances made of plain text,
or the source language's examples translated."""


class TrainingPart(Settings):
    """A set that training instances are drawn from.

    Attributes:
        kind: What its instances are.
        language: Which language they are in.
        weight: Share of the instances drawn from it; the weights of a run add up to 1.
        data: Fingerprint of what they are made from.
    """

    kind: PartKind
    language: str
    weight: float = Field(gt=0, le=1)
    data: str


class IntermediateConfig(Settings):
    """All that decides an intermediate-tuned checkpoint, whatever task and method use it.

    Attributes:
        scale: ``paper`` or ``pocket``.
        model: Name as on the command line.
        pretrained: Name of the pretrained checkpoint that it begins from.
        pretraining_seed: Which of the checkpoints that xlsearch pretrains itself (pocket scale).
        languages: Languages of the text, sorted, drawn from uniformly.
        text: Fingerprint of the text.
        language_identification: SHA-256 of the fastText model that judges continuations.
        settings: How it is tuned.
    """

    scale: Literal["paper", "pocket"]
    model: str
    pretrained: str
    pretraining_seed: int
    languages: tuple[str, ...]
    text: str
    language_identification: str
    settings: IntermediateSettings


class RunConfig(Settings):
    """One run: a model fine-tuned on a task at a learning rate, and evaluated.

    Attributes:
        format: ``RUN_FORMAT`` of the code that runs it.
        scale: ``paper`` or ``pocket``.
        task, model, method: Names as on the command line.
        pretrained: Name of the pretrained checkpoint that the run begins from.
        pretraining_seed: Which of the checkpoints that xlsearch pretrains itself (pocket scale).
        data: Fingerprint of the task's data.
        learning_rate: Peak learning rate.
        method_settings: The method's own numbers, such as the dimension of adapters.
        intermediate_tuning: Whether the run begins from an intermediate-tuned checkpoint.
        intermediate: Which one; None without.
        parts: What training instances are drawn from.
        translation: How its translated parts are translated; None without such.
        parallel: Fingerprint of the parallel sentences that XLRS is measured on; None where there
            are none.
        checkpoint: Which evaluation counts, and whose weights are kept: ``last``, ``best`` by the
            objective, or ``xlrs``, by the similarity of encoder representations.
        wrong_language_penalty: The objective's, where ``checkpoint`` is ``best``; else None.
        seed: Decides the order of the data and dropout.
        source_language: What the model is fine-tuned on.
        languages: Evaluated languages, the source language included.
        scorer: Metric of the task.
        scorer_version: Of the metric's rules.
        language_identification: SHA-256 of the fastText model that judges the language.
        training, generation, evaluation: Settings of the scale.
    """

    format: Literal[1] = RUN_FORMAT
    scale: Literal["paper", "pocket"]
    task: str
    model: str
    method: str
    pretrained: str
    pretraining_seed: int
    data: str
    learning_rate: LearningRate
    method_settings: dict[str, Any]
    intermediate_tuning: bool
    intermediate: IntermediateConfig | None
    parts: tuple[TrainingPart, ...]
    translation: TranslationSettings | None
    parallel: str | None
    checkpoint: Literal["last", "best", "xlrs"]
    wrong_language_penalty: float | None
    seed: int
    source_language: str
    languages: tuple[str, ...]
    scorer: str
    scorer_version: str
    language_identification: str
    training: TrainingSettings
    generation: GenerationSettings
    evaluation: EvaluationSettings
