"""From names and settings to the configuration of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xlsearch.adaptation.registry import check_method
from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.run import RunConfig
from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.config.training import ScaleSettings
from xlsearch.errors import UserError, unknown_name
from xlsearch.evaluation.scorers.registry import find_scorer
from xlsearch.languages import LANGUAGES, SOURCE_LANGUAGE
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.models.catalogue import find_model
from xlsearch.models.codes import has_codes
from xlsearch.tasks.base import Split
from xlsearch.tasks.registry import find_task


@dataclass(frozen=True)
class RunTemplate:
    """All of a run's configuration that the points of a search have in common.

    Attributes:
        scale: ``paper`` or ``pocket``.
        task, model: Names as on the command line; an alias of a model is resolved.
        settings: Training, generation and evaluation.
        pretraining_seed: Which of the models that xlsearch pretrains itself.
        sources: Where data and models are, if not where they usually are.
    """

    scale: str
    task: str
    model: str
    settings: ScaleSettings
    pretraining_seed: int = 0
    sources: Sources = NOWHERE

    def languages(self, where: str = "evaluation.languages") -> tuple[str, ...]:
        """The target languages that runs are evaluated in.

        Args:
            where: Where the settings were written, for the message.

        Raises:
            UserError: If the task has no data to evaluate in one of them.
        """
        task = find_task(self.task)
        data = task.data(self.scale, self.sources)
        own = {Split.EVALUATION: task.tuning_languages, Split.TEST: task.final_languages}
        split = Split(self.settings.evaluation.split)
        chosen = self.settings.evaluation.languages or own[split][self.scale]
        here = data.languages(split)
        valid = [code for code in here if code != SOURCE_LANGUAGE]
        for code in chosen:
            if code == SOURCE_LANGUAGE:
                raise UserError(
                    f"{where}: {code} is the source language; name target languages only"
                )
            if code not in valid:
                if code in LANGUAGES and self.sources.data_dir is not None:
                    data.load(split, code, 1)  # fails, and says which file it needs
                raise unknown_name("language", code, valid, where)
        return chosen

    def _training(self) -> dict[str, Any]:
        """The training settings with the precision that this machine computes in.

        It changes the outcome, so it is part of what names a run.
        """
        # Here, since names and numbers can be checked without loading torch.
        from xlsearch.models.precision import best_device, resolve_precision

        training = self.settings.training
        precision = resolve_precision(training.precision, best_device())
        return {**training.model_dump(), "precision": precision}

    def _generation(self, family: str) -> dict[str, Any]:
        """The generation settings with what the model family decides, where nothing is said."""
        from xlsearch.models.families import FAMILIES

        generation = self.settings.generation
        removed = generation.removed_tokens
        return {
            **generation.model_dump(),
            "force_language_code": generation.force_language_code and has_codes(family),
            "removed_tokens": (FAMILIES[family].pretraining_tokens if removed is None else removed),
        }

    def at(
        self, method: str, learning_rate: LearningRate, intermediate_tuning: bool, seed: int
    ) -> RunConfig:
        """The configuration of one run.

        Raises:
            UserError: If a name is unknown, or a language is not one of the task's.
        """
        task = find_task(self.task)
        model = find_model(self.model, self.scale, self.sources)
        languages = (SOURCE_LANGUAGE, *self.languages())
        split = Split(self.settings.evaluation.split)
        return RunConfig.model_validate(
            {
                "scale": self.scale,
                "task": task.name,
                "model": model.name,
                "method": check_method(method),
                "pretrained": model.checkpoint_name(self.pretraining_seed),
                "pretraining_seed": self.pretraining_seed,
                "data": task.data(self.scale, self.sources).fingerprint(languages, split),
                "learning_rate": learning_rate,
                "intermediate_tuning": intermediate_tuning,
                "seed": seed,
                "source_language": SOURCE_LANGUAGE,
                "languages": languages,
                "scorer": task.scorer,
                "scorer_version": find_scorer(task.scorer).version,
                "language_identification": LanguageIdentifier(self.sources.lid_model).sha256,
                **self.settings.model_dump(),
                "training": self._training(),
                "generation": self._generation(model.family),
            }
        )
