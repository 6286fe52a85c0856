"""How a run is trained, evaluated and decoded. Every choice the paper leaves open is a key here."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator

from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.settings import Settings


class TrainingSettings(Settings):
    """One fine-tuning run.

    Attributes:
        steps: Updates of the weights.
        warmup_steps: Steps of linear rise before the inverse-square-root decay begins.
        batch_tokens: Tokens a batch, padding counted, source and target counted as the larger of
            the two (the paper's toolkit counts so).
        examples: Training examples used, from the start of the training set; null for all.
        dropout: Dropout probability; null keeps the model's own.
        label_smoothing: Probability mass given to all pieces instead of the reference's.
        clip_norm: Largest norm of the gradient.
        adam_betas: Decay of AdamW's two moments.
        weight_decay: AdamW's decoupled weight decay.
        precision: ``bf16`` computes in bfloat16 over fp32 master weights; ``fp32`` throughout.
            ``auto`` takes bf16 where the hardware multiplies it natively.
    """

    steps: int = Field(ge=1)
    warmup_steps: int = Field(ge=1)
    batch_tokens: int = Field(ge=1)
    examples: int | None = Field(default=None, ge=1)
    dropout: float | None = Field(default=None, ge=0, lt=1)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    clip_norm: float = Field(default=1.0, gt=0)
    adam_betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = Field(default=0.0, ge=0)
    precision: Literal["auto", "bf16", "fp32"] = "auto"


class GenerationSettings(Settings):
    """How outputs are decoded.

    Attributes:
        num_beams: 1 is greedy.
        max_new_tokens: Longest output, special tokens counted.
        force_language_code: Whether the target language's code is forced as the first token,
            where the model family has codes.
        removed_tokens: Regular expressions of what is removed from outputs before any metric;
            null takes the family's pretraining tokens.
    """

    num_beams: int = Field(default=1, ge=1)
    max_new_tokens: int = Field(ge=1)
    force_language_code: bool = True
    removed_tokens: tuple[str, ...] | None = None

    @field_validator("removed_tokens")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for pattern in patterns or ():
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is not a regular expression ({error})") from None
        return patterns


class EvaluationSettings(Settings):
    """What is evaluated, and when.

    Attributes:
        every_steps: An evaluation after each so many steps, and one at the end.
        examples: At most so many examples a language (paper: 2,000).
        split: ``evaluation`` is what searches are tuned on; ``test`` is kept for final figures.
        languages: Target languages of the objective; null takes the task's tuning languages, or
            with ``test`` its final ones.
        batch_tokens: Source tokens a generation batch, padding counted.
    """

    every_steps: int = Field(ge=1)
    examples: int = Field(ge=1)
    split: Literal["evaluation", "test"] = "evaluation"
    languages: tuple[str, ...] | None = None
    batch_tokens: int = Field(ge=1)


class IntermediateSettings(Settings):
    """Intermediate tuning: further training on plain text, before the task.

    Attributes:
        objective: ``prefix-lm`` predicts how a passage goes on from its beginning (paper);
            ``random-sentences`` reproduces random sentences of it (ZmBART).
        languages: Languages of the text; null takes the source and all target languages: those
            that runs are evaluated in, and the task's own, of tuning and of final figures.
        training: As of a run; ``examples`` counts the texts a language, and must be given.
        learning_rates: Candidates, of which one is picked automatically.
        probe_steps: Steps that each candidate is trained for before one is picked.
        held_out: Texts a language that are kept from training, to judge continuations on.
        max_new_tokens: Longest continuation whose language is judged.
    """

    objective: str
    languages: tuple[str, ...] | None = None
    training: TrainingSettings
    learning_rates: tuple[LearningRate, ...] = Field(min_length=1)
    probe_steps: int = Field(ge=1)
    held_out: int = Field(ge=1)
    max_new_tokens: int = Field(ge=1)

    @property
    def probed(self) -> bool:
        """Whether candidates are tried; one alone is not."""
        return len(self.learning_rates) > 1

    @property
    def steps(self) -> int:
        """Updates in all, those of candidates included."""
        probes = len(self.learning_rates) * self.probe_steps if self.probed else 0
        return probes + self.training.steps

    @field_validator("training")
    @classmethod
    def _ends(cls, training: TrainingSettings) -> TrainingSettings:
        if training.examples is None:
            raise ValueError("examples must be a number of texts, for the web has no end")
        return training


class TranslationSettings(Settings):
    """How data and outputs are translated, where the world does not do it itself (pocket scale).

    Attributes:
        model: Name of the translation model (paper: NLLB-3.3B).
        num_beams: 1 is greedy; not stated in the paper.
        max_new_tokens: Longest translation of a sentence, special tokens counted.
        batch_tokens: Source tokens a batch, padding counted; does not decide the outcome.
        precision: As of training.
    """

    model: str = "nllb-3.3b"
    num_beams: int = Field(default=1, ge=1)
    max_new_tokens: int = Field(default=200, ge=1)
    batch_tokens: int = Field(default=16_000, ge=1)
    precision: Literal["auto", "bf16", "fp32"] = "auto"


class ScaleSettings(Settings):
    """All settings of a run that belong to a scale rather than to a point of the search.

    Attributes:
        training, generation, evaluation: Of every run.
        intermediate: Of the checkpoint that runs with intermediate tuning begin from.
        translation: Of the training data and of outputs, for comparisons.
        methods: Numbers of adaptation methods that differ from the methods' own, by method.
    """

    training: TrainingSettings
    generation: GenerationSettings
    evaluation: EvaluationSettings
    intermediate: IntermediateSettings
    translation: TranslationSettings = Field(default_factory=TranslationSettings)
    methods: dict[str, dict[str, Any]] = Field(default_factory=dict)
