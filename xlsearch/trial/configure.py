"""From names and settings to the configuration of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xlsearch.adaptation.base import AdaptationMethod, Share
from xlsearch.adaptation.registry import load_method
from xlsearch.config.learning_rate import LearningRate
from xlsearch.config.run import IntermediateConfig, RunConfig, TrainingPart
from xlsearch.config.sources import NOWHERE, Sources
from xlsearch.config.training import ScaleSettings, TrainingSettings, TranslationSettings
from xlsearch.errors import UserError, unknown_name
from xlsearch.evaluation.scorers.registry import find_scorer
from xlsearch.languages import LANGUAGES, SOURCE_LANGUAGE
from xlsearch.languages.identification import LanguageIdentifier
from xlsearch.models.catalogue import find_model
from xlsearch.models.codes import has_codes, language_code
from xlsearch.tasks.base import Split
from xlsearch.tasks.parallel import find_parallel, may_use_hub
from xlsearch.tasks.registry import find_task
from xlsearch.tasks.texts import find_texts
from xlsearch.training.objectives import OBJECTIVES
from xlsearch.trial.content import part_data


@dataclass(frozen=True)
class RunTemplate:
    """All of a run's configuration that the points of a search have in common.

    Attributes:
        scale: ``paper`` or ``pocket``.
        task, model: Names as on the command line; an alias of a model is resolved.
        settings: Training, generation and evaluation.
        pretraining_seed: Which of the models that xlsearch pretrains itself.
        sources: Where data and models are, if not where they usually are.
        checkpoint: Which evaluation of a run counts, as in the search space's objective.
        wrong_language_penalty: The objective's.
    """

    scale: str
    task: str
    model: str
    settings: ScaleSettings
    pretraining_seed: int = 0
    sources: Sources = NOWHERE
    checkpoint: str = "last"
    wrong_language_penalty: float = 0.0

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

    def _training(self, settings: TrainingSettings) -> dict[str, Any]:
        """Training settings with the precision that this machine computes in.

        It changes the outcome, so it is part of what names a run.
        """
        # Here, since names and numbers can be checked without loading torch.
        from xlsearch.models.precision import best_device, resolve_precision

        precision = resolve_precision(settings.precision, best_device())
        return {**settings.model_dump(), "precision": precision}

    def _translation(self) -> TranslationSettings:
        """The translation settings with the precision that this machine computes in."""
        from xlsearch.models.precision import best_device, resolve_precision

        settings = self.settings.translation
        if self.scale == "pocket":
            return settings
        precision = resolve_precision(settings.precision, best_device())
        return settings.model_copy(update={"precision": precision})

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

    def intermediate(self) -> IntermediateConfig:
        """The intermediate-tuned checkpoint that runs with intermediate tuning begin from.

        Raises:
            UserError: If the objective or a language is unknown, or there is no text in it.
        """
        task, settings = find_task(self.task), self.settings.intermediate
        if settings.objective not in OBJECTIVES:
            raise unknown_name(
                "objective", settings.objective, OBJECTIVES, "intermediate.objective"
            )
        model = find_model(self.model, self.scale, self.sources)
        languages = settings.languages or (
            SOURCE_LANGUAGE,
            *self.languages(),
            *task.tuning_languages[self.scale],
            *task.final_languages[self.scale],
        )
        codes = tuple(sorted(set(languages)))
        for code in codes:
            language_code(model.family, code)
        training = self._training(settings.training)
        return IntermediateConfig.model_validate(
            {
                "scale": self.scale,
                "model": model.name,
                "pretrained": model.checkpoint_name(self.pretraining_seed),
                "pretraining_seed": self.pretraining_seed,
                "languages": codes,
                "text": find_texts(self.scale, self.sources).fingerprint(codes),
                "language_identification": LanguageIdentifier(self.sources.lid_model).sha256,
                "settings": {**settings.model_dump(), "training": training},
            }
        )

    def adaptation(self, method: str) -> tuple[AdaptationMethod, list[Share]]:
        """A method with its numbers, and what its training instances are drawn from.

        Raises:
            UserError: If there is no such method, or a number is wrong.
        """
        adaptation = load_method(method, self.settings.methods.get(method, {}))
        return adaptation, adaptation.shares(SOURCE_LANGUAGE, self.languages())

    def _part(self, share: Share) -> TrainingPart:
        """A share with the fingerprint of its data."""
        data = part_data(
            share.kind, share.language, self.scale, self.task, self._translation(), self.sources
        )
        return TrainingPart(
            kind=share.kind, language=share.language, weight=share.weight, data=data
        )

    def at(
        self, method: str, learning_rate: LearningRate, intermediate_tuning: bool, seed: int
    ) -> RunConfig:
        """The configuration of one run.

        Raises:
            UserError: If a name is unknown, a language is not one of the task's, or the method
                can't be had for the task.
        """
        if reason := unavailable(self, method):
            raise UserError(reason)
        task = find_task(self.task)
        model = find_model(self.model, self.scale, self.sources)
        targets = self.languages()
        languages = (SOURCE_LANGUAGE, *targets)
        adaptation, shares = self.adaptation(method)
        translates = any(share.kind == "translated" for share in shares)
        by_objective = self.checkpoint == "best"
        split = Split(self.settings.evaluation.split)
        hub = may_use_hub(task.name, self.checkpoint)
        parallel = find_parallel(self.scale, self.sources, hub=hub)
        return RunConfig.model_validate(
            {
                "scale": self.scale,
                "task": task.name,
                "model": model.name,
                "method": adaptation.name,
                "method_settings": adaptation.model_dump(),
                "pretrained": model.checkpoint_name(self.pretraining_seed),
                "pretraining_seed": self.pretraining_seed,
                "data": task.data(self.scale, self.sources).fingerprint(languages, split),
                "learning_rate": learning_rate,
                "intermediate_tuning": intermediate_tuning,
                "intermediate": self.intermediate() if intermediate_tuning else None,
                "parts": [self._part(share) for share in shares],
                "translation": self._translation() if translates else None,
                "parallel": parallel.fingerprint(languages),
                "checkpoint": self.checkpoint,
                "wrong_language_penalty": self.wrong_language_penalty if by_objective else None,
                "seed": seed,
                "source_language": SOURCE_LANGUAGE,
                "languages": languages,
                "scorer": task.scorer,
                "scorer_version": find_scorer(task.scorer).version,
                "language_identification": LanguageIdentifier(self.sources.lid_model).sha256,
                "evaluation": self.settings.evaluation,
                "training": self._training(self.settings.training),
                "generation": self._generation(model.family),
            }
        )


def unavailable(template: RunTemplate, method: str) -> str | None:
    """Why a method can't be had for a task and a model, in one sentence; None if it can.

    Args:
        template: Task, model and settings.
        method: Name of the method.

    Raises:
        UserError: If there is no such method, or a number of it is wrong.
    """
    _, shares = template.adaptation(method)
    family = find_model(template.model, template.scale, template.sources).family
    try:
        for share in shares:
            language_code(family, share.language)
    except UserError as error:
        return f"{method} can't be run: {error}"
    data = find_task(template.task).data(template.scale, template.sources)
    trained = [share.language for share in shares if share.kind == "task"]
    missing = [code for code in trained if Split.TRAIN not in data.splits(code)]
    # Without its source language a task can't be had at all, and says so itself.
    if missing and missing != [SOURCE_LANGUAGE]:
        return (
            f"{method} needs training data in {', '.join(missing)}, which {template.task} does "
            "not have; leave the method out, or take a task that has"
        )
    return None
