"""The whole configuration of one run: all that decides its outcome, and nothing else."""

from __future__ import annotations

from typing import Literal

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.settings import Settings
from xlsearch.config.training import EvaluationSettings, GenerationSettings, TrainingSettings

RUN_FORMAT: Literal[1] = 1
"""Raised when the same settings would give other numbers than before, so that no old run is taken
for a new one."""


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
        intermediate_tuning: Whether the run begins from an intermediate-tuned checkpoint.
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
    intermediate_tuning: bool
    seed: int
    source_language: str
    languages: tuple[str, ...]
    scorer: str
    scorer_version: str
    language_identification: str
    training: TrainingSettings
    generation: GenerationSettings
    evaluation: EvaluationSettings
